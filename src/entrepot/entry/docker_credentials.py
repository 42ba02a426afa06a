# SPDX-License-Identifier: Apache-2.0
"""`docker-credential-entrepot`: gives container tools the logins that `entrepot login` keeps.

It speaks the protocol of docker-credential-helpers: one word as its argument, an address or JSON on
standard input, JSON or a message on standard output, and status 1 when something is wrong. With
`"credHelpers": {"registry.example": "entrepot"}` in Docker's `config.json`, whatever reads that file
(docker, podman, skopeo, crane, oras, helm, cosign) is logged in wherever the command line is.
"""

import sys
from collections.abc import Sequence
from typing import TextIO

import msgspec

from entrepot import __version__
from entrepot.entry.login_commands import log_out
from entrepot.infra.remote.address import authority_of
from entrepot.infra.remote.address import server_url
from entrepot.infra.remote.logins import Logins
from entrepot.infra.remote.logins import SavedLogin
from entrepot.kernel.errors import AppError

NOT_FOUND = "credentials not found in native keychain"
"""What clients take for: ask the user, or go on without a login."""

MAX_INPUT_CHARACTERS = 64 * 1024
USAGE = "Usage: docker-credential-entrepot get|erase|list|store|version; container tools run it."


class _Found(msgspec.Struct, rename="pascal"):
    """A login, as clients expect it."""

    server_url: str = msgspec.field(name="ServerURL")
    username: str = ""
    secret: str = ""


def main() -> None:
    """Answer one question, and exit."""
    sys.exit(answer(sys.argv[1:], sys.stdin, sys.stdout, Logins()))


def answer(arguments: Sequence[str], asked: TextIO, out: TextIO, logins: Logins) -> int:
    """Answer one question; return the exit status. Errors go where clients read them: to standard output."""
    command = arguments[0] if len(arguments) == 1 else ""
    try:
        told = _answer(command, asked, logins)
    except AppError as error:
        told = None
        out.write(f"{error.message}. {error.hint}\n" if error.hint else f"{error.message}\n")
    except _Refused as refusal:
        told = None
        out.write(f"{refusal}\n")
    if told:
        out.write(f"{told}\n")
    return int(told is None)


class _Refused(Exception):
    """It cannot be done, and the message says what to do."""


def _answer(command: str, asked: TextIO, logins: Logins) -> str:
    if command == "version":
        return f"docker-credential-entrepot {__version__}"
    if command == "list":
        return msgspec.json.encode({url: login.name for url, login in logins.read().servers.items()}).decode()
    if command not in ("get", "erase", "store"):
        raise _Refused(USAGE)
    text = asked.read(MAX_INPUT_CHARACTERS).strip()
    if command == "store":
        raise _Refused("this helper keeps no passwords: log in with 'entrepot login URL' instead of 'docker login'")
    url, login = _kept(logins, text)
    if command == "get":
        return msgspec.json.encode(_Found(text, login.name, login.token)).decode()
    log_out(logins, url, login)
    return ""


def _kept(logins: Logins, address: str) -> tuple[str, SavedLogin]:
    """Return the login for an address, with or without a scheme and a path."""
    try:
        wanted = authority_of(server_url(address))
    except AppError:
        raise _Refused(NOT_FOUND) from None
    for url, login in logins.read().servers.items():
        if authority_of(url) == wanted:
            return url, login
    raise _Refused(NOT_FOUND)


if __name__ == "__main__":
    main()
