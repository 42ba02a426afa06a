# SPDX-License-Identifier: Apache-2.0
"""`entrepot user invite` and what belongs to it: people who make their own account, on a server."""

from typing import Annotated

import typer

from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.client import Item
from entrepot.infra.remote.options import LimitOption
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import SureOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.options import require_sure
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_items
from entrepot.infra.remote.output import show_secret
from entrepot.infra.remote.output import tell

invitation_commands = command_group("user", "Users: people who may log in.")

COLUMNS = ("id", "label", "state", "user_name", "groups", "expires_at", "invited_by", "accepted_as")


@invitation_commands.command("invite")
def invite(  # noqa: PLR0913 - one for each option
    label: Annotated[str, typer.Argument(metavar="WHOM", help="Whom it is for, such as an e-mail address.")],
    *,
    user_name: Annotated[str | None, typer.Option("--name", help="Their user name; else they choose one.")] = None,
    groups: Annotated[list[str] | None, typer.Option("--group", help="A group to be in; may be repeated.")] = None,
    grants: Annotated[
        list[str] | None, typer.Option("--grant", metavar="ROLE:PATTERN", help="Such as write:team/**; repeatable.")
    ] = None,
    hours: Annotated[int | None, typer.Option("--hours", help="For how long the link is good; default 72.")] = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Make a link by which somebody makes their own account, once.

    Nothing is sent: hand the link over yourself. It is shown this once; where output is piped, it is all that is
    printed. It is good for as long as you are an administrator, and no longer than it says.

    Example: entrepot user invite ada@example.com --group developers --grant 'write:team/**'
    """
    wanted = {
        "label": label,
        "user_name": user_name,
        "groups": groups or [],
        "grants": [_grant(text) for text in grants or []],
        **({} if hours is None else {"expires_in_hours": hours}),
    }
    show_secret(connect(server).post("invitations", wanted), "link", output)


@invitation_commands.command("invitations")
def list_invitations(limit: LimitOption = None, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List the invitations, newest first; those that have ended for 30 days too.

    Example: entrepot user invitations
    """
    show_items(connect(server).items("invitations", limit), COLUMNS, output)


@invitation_commands.command("uninvite")
def revoke_invitation(
    invitation: Annotated[str, typer.Argument(metavar="ID", help="The id that the list shows.")],
    *,
    is_sure: SureOption = False,
    server: ServerOption = "",
) -> None:
    """Let an invitation end that was not accepted: its link is of no use any more.

    Example: entrepot user uninvite 01JD2F7ZK3Q8V5T6X9Y0B1C2D4 --yes
    """
    client = connect(server)
    require_sure(f"Revoke the invitation {invitation} at {client.target.url}?", is_sure=is_sure)
    client.delete(path_to("invitations", invitation))
    tell("The invitation is revoked.")


def _grant(text: str) -> Item:
    role, colon, pattern = text.partition(":")
    if not (role and colon and pattern):
        raise typer.BadParameter(f"{text!r} is not a role, a colon and a path pattern, such as write:team/**")
    return {"role": role, "path_pattern": pattern}
