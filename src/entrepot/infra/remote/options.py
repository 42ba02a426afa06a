# SPDX-License-Identifier: Apache-2.0
"""What every command that asks a server has in common: its options, its questions, and how it connects."""

import sys
from typing import Annotated

import typer

from entrepot.infra.remote.client import Client
from entrepot.infra.remote.logins import Logins
from entrepot.infra.remote.output import Output

ServerOption = Annotated[str, typer.Option("--server", help="Address of the server; default: the last logged in to.")]
OutputOption = Annotated[Output, typer.Option("--output", help="For people, or the API's answer for programs.")]
LimitOption = Annotated[int | None, typer.Option("--limit", help="At most so many items; default: all.", min=1)]
SureOption = Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")]
StdinOption = Annotated[bool, typer.Option("--password-stdin", help="Take the password from standard input.")]


def command_group(noun: str, about: str) -> typer.Typer:
    """Make the group of commands of a noun."""
    group = typer.Typer(name=noun, help=about, no_args_is_help=True)
    group.callback()(_keep_group)
    return group


def connect(server: str) -> Client:
    """Return a client of the server to ask. Raises as `Logins.target`."""
    return Client(Logins().target(server))


def require_sure(question: str, *, is_sure: bool) -> None:
    """Ask whether something is meant that cannot be undone. Ends the command if not."""
    if is_sure:
        return
    if not sys.stdin.isatty():
        raise typer.BadParameter("there is no terminal to ask on whether this is meant: add --yes")
    typer.confirm(question, abort=True, err=True)


def password_given(prompt: str, *, is_from_stdin: bool, is_new: bool = False) -> str:
    """Return a password from standard input, or from whoever sits at the terminal; twice the same if it is new."""
    if is_from_stdin:
        return _line_of_stdin()
    if not sys.stdin.isatty():
        raise typer.BadParameter("there is no terminal to ask for a password on: add --password-stdin")
    password: str = typer.prompt(prompt, hide_input=True, confirmation_prompt=is_new, err=True)
    return password


def _line_of_stdin() -> str:
    try:
        line = sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError:
        raise typer.BadParameter("what standard input holds is not UTF-8") from None
    if not line:
        raise typer.BadParameter("standard input holds no password: write it there, a line by itself")
    return line


def _keep_group() -> None:
    """Keep a group a group while it has one command."""
