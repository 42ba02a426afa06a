# SPDX-License-Identifier: Apache-2.0
"""`entrepot token`: personal tokens on a server, and the key that signs, where the data folder is."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from entrepot.features.tokens.instance_key import load_instance_key
from entrepot.features.tokens.issuing import DEFAULT_DAYS
from entrepot.features.tokens.issuing import MAX_DAYS
from entrepot.features.tokens.signing_keys import rotate_signing_key
from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.client import Client
from entrepot.infra.remote.options import LimitOption
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import StdinOption
from entrepot.infra.remote.options import SureOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.options import password_given
from entrepot.infra.remote.options import require_sure
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import login_hint
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.infra.remote.output import show_secret
from entrepot.infra.remote.output import tell
from entrepot.kernel.clock import system_clock
from entrepot.registry.platform import OpenDataFolder

token_commands = command_group("token", "Personal tokens: what programs log in with instead of your password.")

UserOption = Annotated[str, typer.Option("--user", help="Whose; default: your own. Others take an administrator.")]

TokenArgument = Annotated[str, typer.Argument(metavar="TOKEN", help="Its name or its id.")]

AllowOption = Annotated[
    list[str] | None,
    typer.Option("--allow", metavar="ADDRESS", help="Where it is good: 192.0.2.7, 10.0.0.0/8, …; may be repeated."),
]


@token_commands.command("list")
def list_tokens(
    user: UserOption = "", limit: LimitOption = None, output: OutputOption = Output.TABLE, server: ServerOption = ""
) -> None:
    """List personal tokens, newest first, those that have ended too.

    Example: entrepot token list
    """
    query = {"user": user} if user else {}
    items = connect(server).items("tokens", limit, **query)
    columns = ("name", "user", "state", "expires_at", "last_used_at", "last_used_from", "created_at", "id")
    show_items(items, columns, output)


@token_commands.command("create")
def create_token(
    name: Annotated[str, typer.Argument(metavar="NAME", help="a-z, 0-9, '.', '_' and '-'.")],
    *,
    days: Annotated[int, typer.Option("--days", help="For how long it is good.", min=1, max=MAX_DAYS)] = DEFAULT_DAYS,
    allowed: AllowOption = None,
    is_from_stdin: StdinOption = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Make a token of your own. It takes your password: a token cannot make another.

    It is shown this once; where output is piped, it is all that is printed.

    With --allow it is good from those addresses only, and so is whatever is fetched with it.

    Example: entrepot token create laptop --days 30 --allow 10.0.0.0/8
    """
    known, user = _known(server)
    client = _as_oneself(known, user, is_from_stdin=is_from_stdin)
    made = client.post("tokens", {"name": name, "expires_in_days": days, "allowed_addresses": allowed or []})
    show_secret(made, "secret", output, hint=login_hint(client.target.url, user))


@token_commands.command("change")
def change_token(  # noqa: PLR0913 - one for each flag
    token: TokenArgument,
    *,
    allowed: AllowOption = None,
    allow_everywhere: Annotated[bool, typer.Option("--allow-everywhere", help="Let it be good anywhere.")] = False,
    user: UserOption = "",
    is_from_stdin: StdinOption = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Change from which addresses a token is good, within two seconds. One of your own takes your password.

    Example: entrepot token change laptop --allow 10.0.0.0/8 --allow 2001:db8::/32
    """
    if bool(allowed) is allow_everywhere:
        raise typer.BadParameter("give either --allow or --allow-everywhere")
    client, me = _known(server)
    whose = {} if user in ("", me) else {"user": user}
    if not whose:
        client = _as_oneself(client, me, is_from_stdin=is_from_stdin)
    show_item(client.patch(path_to("tokens", token), {"allowed_addresses": allowed or []}, **whose), output)


@token_commands.command("revoke")
def revoke_token(
    token: TokenArgument,
    *,
    user: UserOption = "",
    is_from_stdin: StdinOption = False,
    is_sure: SureOption = False,
    server: ServerOption = "",
) -> None:
    """Revoke a token; what is logged in with it ends within two seconds. One of your own takes your password.

    Example: entrepot token revoke laptop
    """
    known, me = _known(server)
    if user in ("", me):
        _as_oneself(known, me, is_from_stdin=is_from_stdin).delete(path_to("tokens", token))
    else:
        require_sure(f"Revoke the token {token} of {user} at {known.target.url}?", is_sure=is_sure)
        known.delete(path_to("tokens", token), user=user)
    tell(f"The token {token} is revoked.")


@token_commands.command()
def rotate_key(
    context: typer.Context,
    data: Annotated[Path | None, typer.Option(help="Folder that holds the database; default ./data.")] = None,
) -> None:
    """Let a new key sign registry tokens from now on, on the machine that holds the data folder.

    The server may run or not. Tokens signed with the old key stay good until they expire. Without this command, too,
    a key is replaced after 90 days.

    Example: entrepot token rotate-key --data ./data
    """
    open_data_folder: OpenDataFolder = context.obj
    with open_data_folder(data) as folder:
        kid = rotate_signing_key(folder.database, load_instance_key(folder.path, folder.keys), system_clock)
    told = f"The key {kid} signs tokens from now on; every running server follows within a minute."
    Console(highlight=False, soft_wrap=True).print(told, markup=False)


def _known(server: str) -> tuple[Client, str]:
    """Connect, and tell as whom."""
    known = connect(server)
    return known, str(known.get("users/me")["name"])


def _as_oneself(known: Client, me: str, *, is_from_stdin: bool) -> Client:
    """Log in with the password: what is kept to log in with may be a token."""
    password = password_given(f"Password of {me}", is_from_stdin=is_from_stdin)
    return Client(replace(known.target, user=me, secret=password))
