# SPDX-License-Identifier: Apache-2.0
"""`entrepot login` and `entrepot logout`: with whose token the other commands ask a server."""

import re
import secrets
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.address import require_safe
from entrepot.infra.remote.address import server_url
from entrepot.infra.remote.client import Client
from entrepot.infra.remote.client import Target
from entrepot.infra.remote.errors import ServerRefused
from entrepot.infra.remote.logins import Logins
from entrepot.infra.remote.logins import SavedLogin
from entrepot.infra.remote.options import StdinOption
from entrepot.infra.remote.options import password_given
from entrepot.infra.remote.output import tell
from entrepot.kernel.errors import AppError

_NO_TOKEN_MADE = ("tokens_beget_no_tokens", "no_tokens_for_this")
"""The codes of refusals that say: what was given is right, and a token itself."""


class StillGood(AppError):
    """The login is forgotten here, and its token could not be revoked."""

    code = "still_good"


def login(
    url: Annotated[str, typer.Argument(metavar="URL", help="Address of the server, such as https://registry.example.")],
    *,
    user: Annotated[str, typer.Option("--user", help="Who logs in; asked for if left out.")] = "",
    is_from_stdin: StdinOption = False,
    ca_file: Annotated[
        Path | None,
        typer.Option("--ca-file", help="PEM file with the authority of the server, instead of those of the system."),
    ] = None,
    insecure_http: Annotated[
        bool, typer.Option("--insecure-http", help="Send secrets over plain HTTP to another machine.")
    ] = False,
) -> None:
    """Log in to a server, which the other commands ask from then on.

    The password is asked for; a token, or the secret of a robot, does as well. A password makes a token that is good
    for 90 days, and only tokens are kept, in a file that nobody else can read.

    Example: entrepot login https://registry.example --user alice
    """
    address = server_url(url)
    require_safe(address, allows_plain_http=insecure_http)
    name = user or _asked_for_user()
    secret = password_given("Password or token", is_from_stdin=is_from_stdin)
    target = Target(address, secret, name, str(ca_file.resolve()) if ca_file else "")
    token, token_id = _token_for(target)
    logins = Logins()
    former = logins.read().servers.get(address)
    logins.keep(address, SavedLogin(name, token, token_id, target.ca_file, insecure_http))
    if former is not None and former.token_id:
        # Another login took its place. It ends by itself should the server not take it back now.
        with suppress(AppError):
            _revoke(address, former)
    tell(f"Logged in to {address} as {name}. The token is kept in {logins.path}.")


def logout(
    server: Annotated[
        str, typer.Argument(metavar="URL", help="Address of the server; default: the last logged in to.")
    ] = "",
) -> None:
    """Forget a login, and revoke the token that it made.

    Example: entrepot logout https://registry.example
    """
    logins = Logins()
    url, saved = logins.saved(server)
    log_out(logins, url, saved)
    if saved.token_id:
        tell(f"Logged out of {url}. Its token is revoked.")
    else:
        tell(f"Logged out of {url}. The token that was given stays good.")


def log_out(logins: Logins, url: str, saved: SavedLogin) -> None:
    """Forget a login, and revoke its token if logging in made it. Raises `StillGood`, `LoginsUnreadable`."""
    logins.forget(url)
    if not saved.token_id:
        return
    try:
        _revoke(url, saved)
    except AppError as error:
        hint = f"It was made for {saved.name}; to revoke it: entrepot token revoke {saved.token_id}, logged in again."
        raise StillGood(f"the login is forgotten, and its token not revoked: {error.message}", hint=hint) from None


def _asked_for_user() -> str:
    if not sys.stdin.isatty():
        raise typer.BadParameter("there is no terminal to ask for a name on: add --user")
    name: str = typer.prompt("User", err=True)
    return name


def _token_for(target: Target) -> tuple[str, str]:
    """Return a token and its id, for a password; for what is a token, that and no id."""
    machine = re.sub(r"[^a-z0-9-]+", "-", socket.gethostname().lower())[:40].strip("-")
    wanted = {"name": f"login-{machine}-{secrets.token_hex(4)}"}
    try:
        made = Client(target).post("tokens", wanted)
    except ServerRefused as error:
        if error.reason not in _NO_TOKEN_MADE:
            raise
        return target.secret, ""
    return str(made["secret"]), str(made["id"])


def _revoke(url: str, login: SavedLogin) -> None:
    """Revoke the token of a login, with itself. One that is no longer good needs it no more."""
    client = Client(Target(url, login.token, ca_file=login.ca_file))
    try:
        client.delete(path_to("tokens", login.token_id))
    except ServerRefused as error:
        if error.answered_status != 401:
            raise
