# SPDX-License-Identifier: Apache-2.0
"""`entrepot tag history` and `entrepot tag restore`: what tags pointed at, on a server."""

from typing import Annotated

import typer

from entrepot.infra.remote.content import parse_content_reference
from entrepot.infra.remote.content import tag_path
from entrepot.infra.remote.options import LimitOption
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import command_group
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.oci.digest import parse_digest

history_commands = command_group("tag", "The history of tags.")

TagArgument = Annotated[str, typer.Argument(metavar="TAG", help="With its repository, such as team/app:1.0.")]


@history_commands.command("history")
def show_history(
    tag: TagArgument, limit: LimitOption = None, output: OutputOption = Output.TABLE, server: ServerOption = ""
) -> None:
    """List every change of a tag, newest first, of a deleted tag too.

    Example: entrepot tag history team/app:1.0
    """
    items = connect(server).items(f"{_path(tag)}/history", limit)
    show_items(items, ("changed_at", "changed_by", "cause", "digest", "previous", "restorable"), output)


@history_commands.command("restore")
def restore_tag(
    tag: TagArgument,
    digest: Annotated[str, typer.Argument(metavar="DIGEST", help="From its history.")],
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Point a tag at a former value, and bring back the artifact if it was deleted.

    Example: entrepot tag restore team/app:1.0 sha256:…
    """
    show_item(connect(server).post(f"{_path(tag)}:restore", {"digest": parse_digest(digest)}), output)


def _path(tag: str) -> str:
    return tag_path(parse_content_reference(tag).require_tag())
