# SPDX-License-Identifier: Apache-2.0
"""`entrepot label` and `entrepot note`: what is said of artifacts after their push, on a server."""

from typing import Annotated

import typer

from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.client import Client
from entrepot.infra.remote.content import digest_of
from entrepot.infra.remote.content import parse_content_reference
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import SureOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.options import require_sure
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.infra.remote.output import tell

label_commands = command_group("label", "Labels of artifacts, put on them after their push.")
note_commands = command_group("note", "Notes on artifacts: short texts by people and robots.")

ReferenceArgument = Annotated[
    str, typer.Argument(metavar="REFERENCE", help="team/app:1.0, or team/app@sha256:… for a digest.")
]
TextArgument = Annotated[str, typer.Argument(metavar="TEXT", help="Markdown of at most 4,096 bytes.")]
NoteArgument = Annotated[str, typer.Argument(metavar="NOTE", help="Its id, as 'list' shows it.")]

_COLUMNS = ("key", "value", "changed_at", "changed_by")


@label_commands.command("list")
def list_labels(reference: ReferenceArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List the labels of an artifact. Those of its configuration are shown by 'artifact show'.

    Example: entrepot label list team/app:1.0
    """
    client = connect(server)
    show_items(client.get(f"{_path(client, reference)}/labels")["items"], _COLUMNS, output)


@label_commands.command("set")
def set_labels(
    reference: ReferenceArgument,
    labels: Annotated[list[str], typer.Argument(metavar="KEY=VALUE…", help="One or more, such as stage=production.")],
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Put labels on an artifact; others that it has stay.

    Example: entrepot label set team/app:1.0 stage=production example.com/team=shop
    """
    wanted: dict[str, str | None] = {}
    for label in labels:
        key, equals, value = label.partition("=")
        if not equals:
            raise typer.BadParameter(f"{label!r} has no '=': write it like stage=production, or stage= for no value")
        wanted[key] = value
    _change(connect(server), reference, wanted, output)


@label_commands.command("remove")
def remove_labels(
    reference: ReferenceArgument,
    keys: Annotated[list[str], typer.Argument(metavar="KEY…", help="One or more.")],
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Remove labels from an artifact.

    Example: entrepot label remove team/app:1.0 stage
    """
    _change(connect(server), reference, dict.fromkeys(keys), output)


@note_commands.command("list")
def list_notes(reference: ReferenceArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """List the notes on an artifact, the first one first.

    Example: entrepot note list team/app:1.0
    """
    client = connect(server)
    found = client.get(f"{_path(client, reference)}/notes")["items"]
    show_items(found, ("id", "author", "changed_at", "text"), output)


@note_commands.command("write")
def write_note(
    reference: ReferenceArgument, text: TextArgument, output: OutputOption = Output.TABLE, server: ServerOption = ""
) -> None:
    """Write a note on an artifact.

    Example: entrepot note write team/app:1.0 'Runs in *production* since Monday'
    """
    client = connect(server)
    show_item(client.post(f"{_path(client, reference)}/notes", {"text": text}), output)


@note_commands.command("change")
def change_note(
    reference: ReferenceArgument,
    note: NoteArgument,
    text: TextArgument,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Give a note of yours another text.

    Example: entrepot note change team/app:1.0 01JD2F7ZK3Q8V5T6X9Y0B1C2D4 'Replaced by 1.1'
    """
    client = connect(server)
    show_item(client.put(f"{_path(client, reference)}/notes/{path_to(note)}", {"text": text}), output)


@note_commands.command("delete")
def delete_note(
    reference: ReferenceArgument, note: NoteArgument, *, is_sure: SureOption = False, server: ServerOption = ""
) -> None:
    """Delete a note of yours; as an administrator of the repository, anybody's.

    Example: entrepot note delete team/app:1.0 01JD2F7ZK3Q8V5T6X9Y0B1C2D4 --yes
    """
    client = connect(server)
    require_sure(f"Delete the note {note} at {client.target.url}?", is_sure=is_sure)
    client.delete(f"{_path(client, reference)}/notes/{path_to(note)}")
    tell("The note is deleted.")


def _path(client: Client, reference: str) -> str:
    named = parse_content_reference(reference)
    return f"repositories/{named.repository}/-/artifacts/{digest_of(client, named)}"


def _change(client: Client, reference: str, wanted: dict[str, str | None], output: Output) -> None:
    changed = client.patch(f"{_path(client, reference)}/labels", {"labels": wanted})
    show_items(changed["items"], _COLUMNS, output)
