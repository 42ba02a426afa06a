# SPDX-License-Identifier: Apache-2.0
"""`entrepot description`: what projects and repositories are, on a server."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from entrepot.features.descriptions.models import OwnerKind
from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.client import Item
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.oci.reference import parse_repository_name

description_commands = command_group("description", "What projects and repositories are, and whom to ask.")

PlaceArgument = Annotated[str, typer.Argument(metavar="NAME", help="A repository such as team/app, or a project.")]
ProjectFlag = Annotated[bool, typer.Option("--project", help="The name is that of a project.")]


@description_commands.command("show")
def show_description(
    name: PlaceArgument,
    *,
    is_project: ProjectFlag = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Show what a repository or a project is, and whom to ask about it.

    Example: entrepot description show team/app
    """
    show_item(connect(server).get(_path(name, is_project=is_project)), output)


@description_commands.command("set")
def set_description(  # noqa: PLR0913 - one for each flag
    name: PlaceArgument,
    *,
    summary: Annotated[str | None, typer.Option("--summary", help="What it is, in one line; '' for nothing.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="The description in Markdown, such as README.md; '-' for the input.")
    ] = None,
    owner: Annotated[
        str | None,
        typer.Option(
            "--owner", help="user:alice, group:developers, or a contact such as team@example.com; '' for none."
        ),
    ] = None,
    is_project: ProjectFlag = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Say what a repository or a project is. What no option names stays as it is.

    Example: entrepot description set team/app --summary 'The shop' --file README.md --owner group:developers
    """
    client, path = connect(server), _path(name, is_project=is_project)
    before = client.get(path)
    wanted: dict[str, object] = {each: before[each] for each in ("summary", "text", "owner", "revision")}
    if summary is not None:
        wanted["summary"] = summary
    if file is not None:
        wanted["text"] = _text_of(file)
    if owner is not None:
        wanted["owner"] = _owner_of(owner)
    show_item(client.put(path, wanted), output)


def _path(name: str, *, is_project: bool) -> str:
    if is_project:
        return path_to("projects", name, "descriptions")
    return f"repositories/{parse_repository_name(name)}/-/descriptions"


def _text_of(file: Path) -> str:
    try:
        return (sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()).decode()
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{file} holds no text in UTF-8") from error


def _owner_of(text: str) -> Item | None:
    kind, colon, name = text.partition(":")
    if colon and kind in set(OwnerKind):
        return {"kind": kind, "name": name}
    return {"kind": OwnerKind.CONTACT.value, "name": text} if text else None
