# SPDX-License-Identifier: Apache-2.0
"""`entrepot break-glass`: rights that one takes in an emergency, on a server."""

from dataclasses import replace
from typing import Annotated

import typer

from entrepot.features.break_glass.models import DEFAULT_MINUTES
from entrepot.features.break_glass.models import MAX_MINUTES
from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.client import Client
from entrepot.infra.remote.client import Item
from entrepot.infra.remote.options import LimitOption
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import StdinOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.options import password_given
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.infra.remote.output import tell

break_glass_commands = command_group("break-glass", "Break-glass access: rights that one takes in an emergency.")
eligibility_commands = command_group("eligibility", "Who may take what in an emergency.")
break_glass_commands.add_typer(eligibility_commands)

_OPENINGS = "break-glass/openings"
_ELIGIBILITIES = "break-glass/eligibilities"
_ELIGIBLE = ("id", "principal", "role", "path_pattern", "longest_minutes", "created_at", "created_by")

OpeningArgument = Annotated[str, typer.Argument(metavar="ID", help="Its id, as 'break-glass list' shows it.")]


@break_glass_commands.command("open")
def open_glass(
    reason: Annotated[str, typer.Option("--reason", help="What has happened, in a sentence. Everybody is told.")],
    eligibility: Annotated[
        str, typer.Argument(metavar="[ID]", help="What to open, where you are eligible for more than one thing.")
    ] = "",
    *,
    minutes: Annotated[int | None, typer.Option("--minutes", help="For how long.", min=1, max=MAX_MINUTES)] = None,
    is_from_stdin: StdinOption = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Take a role that you are eligible for, for a while. It takes your password: a token does not break the glass.

    Who has a second factor does it in the console.

    Example: entrepot break-glass open --reason 'The release pipeline is down, case 1234' --minutes 30
    """
    known = connect(server)
    chosen = eligibility or _only_one(known)
    user = str(known.get("users/me")["name"])
    password = password_given(f"Password of {user}", is_from_stdin=is_from_stdin)
    client = Client(replace(known.target, user=user, secret=password))
    wanted = {"eligibility": chosen, "reason": reason, "minutes": minutes}
    show_item(client.post(_OPENINGS, wanted), output)


@break_glass_commands.command("end")
def end_glass(
    opening: Annotated[
        str, typer.Argument(metavar="[ID]", help="Its id; default: your own. Others take an administrator.")
    ] = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Give back what you took, or end what somebody else did.

    Example: entrepot break-glass end
    """
    client = connect(server)
    own = client.get("break-glass")["opening"]
    if not opening and own is None:
        raise typer.BadParameter("you have nothing open: name the opening to end")
    show_item(client.post(f"{_path_of(opening or own['id'])}:end", {}), output)


@break_glass_commands.command("show")
def show_glass(
    opening: Annotated[str, typer.Argument(metavar="[ID]", help="Its id; default: what is about you.")] = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Show an opening; without an id, what you may open and have open.

    Example: entrepot break-glass show
    """
    client = connect(server)
    if opening:
        _show_opening(client.get(_path_of(opening)), output)
        return
    own = client.get("break-glass")
    if output is Output.JSON:
        show_item(own, output)
        return
    show_items(own["eligibilities"], _ELIGIBLE, output)
    tell("You have nothing open." if own["opening"] is None else "You have this open:")
    if own["opening"] is not None:
        show_item(own["opening"], output)


@break_glass_commands.command("list")
def list_openings(
    is_open_question: Annotated[
        bool, typer.Option("--unacknowledged", help="Only what is open, or that nobody has acknowledged.")
    ] = False,
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List openings, newest first, as an administrator or auditor.

    Example: entrepot break-glass list --unacknowledged
    """
    query = {"acknowledged": "false"} if is_open_question else {}
    items = connect(server).items(_OPENINGS, limit, **query)
    columns = ("id", "principal", "role", "path_pattern", "state", "opened_at", "ends_at", "reason", "acknowledged_by")
    show_items(items, columns, output)


@break_glass_commands.command("acknowledge")
def acknowledge(
    opening: OpeningArgument,
    comment: Annotated[str, typer.Option("--comment", help="What you found.")],
    *,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Say that you have looked at what was done, as another administrator, once it has ended.

    Example: entrepot break-glass acknowledge 01JD2F7ZK3Q8V5T6X9Y0B1C2D4 --comment 'One tag moved back, as agreed'
    """
    show_item(connect(server).post(f"{_path_of(opening)}:acknowledge", {"comment": comment}), output)


@eligibility_commands.command("list")
def list_eligibilities(
    limit: LimitOption = None, output: OutputOption = Output.TABLE, server: ServerOption = ""
) -> None:
    """List who may take what in an emergency.

    Example: entrepot break-glass eligibility list
    """
    show_items(connect(server).items(_ELIGIBILITIES, limit), _ELIGIBLE, output)


@eligibility_commands.command("create")
def create_eligibility(
    principal: Annotated[str, typer.Argument(metavar="PRINCIPAL", help="A user, or group:NAME.")],
    pattern: Annotated[str, typer.Argument(metavar="PATTERN", help="Where: 'team/**', '**', or SYSTEM.")],
    role: Annotated[str, typer.Argument(metavar="ROLE", help="What they take, such as admin or administrator.")],
    *,
    minutes: Annotated[
        int, typer.Option("--minutes", help="For how long at most.", min=1, max=MAX_MINUTES)
    ] = DEFAULT_MINUTES,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Let somebody take a role in an emergency.

    Example: entrepot break-glass eligibility create group:on-call SYSTEM administrator --minutes 120
    """
    wanted = {"principal": principal, "path_pattern": pattern, "role": role, "longest_minutes": minutes}
    show_item(connect(server).post(_ELIGIBILITIES, wanted), output)


@eligibility_commands.command("delete")
def delete_eligibility(
    eligibility: Annotated[str, typer.Argument(metavar="ID", help="Its id, as 'eligibility list' shows it.")],
    server: ServerOption = "",
) -> None:
    """Let somebody be eligible no more. What they have open goes on until it ends, or is ended.

    Example: entrepot break-glass eligibility delete 01JD2F7ZK3Q8V5T6X9Y0B1C2D4
    """
    connect(server).delete(f"{_ELIGIBILITIES}/{path_to(eligibility)}")
    tell("They are not eligible any more.")


def _path_of(opening: str) -> str:
    return f"{_OPENINGS}/{path_to(opening)}"


def _only_one(client: Client) -> str:
    eligibilities = client.get("break-glass")["eligibilities"]
    if len(eligibilities) != 1:
        known = ", ".join(f"{each['id']} ({each['role']} on {each['path_pattern']})" for each in eligibilities)
        raise typer.BadParameter(f"name what to open: {known}" if known else "you are eligible for nothing")
    return str(eligibilities[0]["id"])


def _show_opening(opening: Item, output: Output) -> None:
    show_item(opening, output)
    if output is Output.TABLE:
        principal, since, until = opening["principal"], opening["opened_at"], opening["ends_at"]
        tell(f"What was done: entrepot audit list --principal {principal} --since {since} --until {until}")
