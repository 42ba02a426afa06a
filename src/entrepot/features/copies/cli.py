# SPDX-License-Identifier: Apache-2.0
"""`entrepot copies`: artifacts brought into another repository of a server."""

import time
from typing import Annotated

import typer

from entrepot.features.copies.models import FOLLOWED_HOURS
from entrepot.features.copies.models import MAX_FOLLOWED_HOURS
from entrepot.features.copies.models import CopyState
from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.client import Client
from entrepot.infra.remote.client import Item
from entrepot.infra.remote.content import parse_content_reference
from entrepot.infra.remote.options import LimitOption
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.infra.remote.output import tell
from entrepot.kernel.errors import AppError
from entrepot.oci.reference import parse_repository_name

copy_commands = command_group("copies", "Copies: artifacts brought into another repository, with all that belongs.")

CopyArgument = Annotated[str, typer.Argument(metavar="COPY", help="Its id, as 'list' shows it.")]
_COLUMNS = ("id", "source", "target", "state", "manifests", "late_manifests", "is_followed", "requested_by", "reason")
_PREVIEWED = ("digest", "tags", "manifest_count", "new_manifests", "new_blobs", "new_bytes", "kept_tags")
LOOK_EVERY_SECONDS = 0.5


class CopyFailed(AppError):
    """The copy did not come to its end."""

    code = "copy_failed"


@copy_commands.command("start")
def start_copy(  # noqa: PLR0913 - one for each flag
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="team/app:1.0, team/app@sha256:…, or team/app with --tags.")
    ],
    target: Annotated[str, typer.Argument(metavar="TARGET", help="The repository, such as prod/app.")],
    *,
    tags: Annotated[list[str] | None, typer.Option("--tag", help="What points at it there; may be repeated.")] = None,
    pattern: Annotated[str, typer.Option("--tags", help="Copy all tags that match, such as 'v1.*'.")] = "",
    is_bare: Annotated[bool, typer.Option("--without-referrers", help="Leave out what refers to it.")] = False,
    follow_hours: Annotated[
        int, typer.Option("--follow-hours", min=0, max=MAX_FOLLOWED_HOURS, help="How long what comes late follows.")
    ] = FOLLOWED_HOURS,
    is_dry: Annotated[bool, typer.Option("--dry-run", help="Only tell what would come.")] = False,
    is_left: Annotated[bool, typer.Option("--no-wait", help="Do not wait for its end.")] = False,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Copy an artifact with what it holds and what refers to it, without moving a byte.

    Example: entrepot copies start dev/app:1.0 prod/app
    """
    repository, wanted = _source(source, pattern)
    wanted |= {"target": parse_repository_name(target), "tags": tags or [], "with_referrers": not is_bare}
    wanted["follow_hours"] = follow_hours
    client, path = connect(server), f"repositories/{repository}/-/copies"
    if is_dry:
        show_items(client.post(f"{path}:preview", wanted)["items"], _PREVIEWED, output)
        return
    copy = client.post(path, wanted)
    show_item(copy if is_left else _ended(client, copy), output)


@copy_commands.command("list")
def list_copies(
    repository: Annotated[str, typer.Argument(metavar="[REPOSITORY]", help="From or into team/app.")] = "",
    limit: LimitOption = None,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """List copies of the last 90 days.

    Example: entrepot copies list prod/app
    """
    path = f"repositories/{parse_repository_name(repository)}/-/copies" if repository else "copies"
    found = connect(server).items(path, limit)
    if output is Output.TABLE and not found:
        tell("There are no copies.")
        return
    show_items(found, _COLUMNS, output)


@copy_commands.command("show")
def show_copy(copy: CopyArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Show a copy.

    Example: entrepot copies show 01KDZK3V8E8K5Z4Q6T6R9W2B7C
    """
    show_item(connect(server).get(path_to("copies", copy)), output)


@copy_commands.command("cancel")
def cancel_copy(copy: CopyArgument, output: OutputOption = Output.TABLE, server: ServerOption = "") -> None:
    """Stop a copy, or that what comes late follows.

    Example: entrepot copies cancel 01KDZK3V8E8K5Z4Q6T6R9W2B7C
    """
    show_item(connect(server).post(f"{path_to('copies', copy)}:cancel", {}), output)


def _source(text: str, pattern: str) -> tuple[str, dict[str, object]]:
    """Return the repository, and what of it is wanted."""
    if pattern:
        return parse_repository_name(text), {"tag_pattern": pattern}
    reference = parse_content_reference(text)
    return reference.repository, {"digest": reference.digest} if reference.digest else {"tag": reference.tag}


def _ended(client: Client, copy: Item) -> Item:
    """Wait until it has ended. Raises `CopyFailed`."""
    while copy["state"] == CopyState.RUNNING:
        time.sleep(LOOK_EVERY_SECONDS)
        copy = client.get(path_to("copies", copy["id"]))
    if copy["state"] != CopyState.DONE:
        raise CopyFailed(f"the copy is {copy['state']}: {copy['reason']}")
    return copy
