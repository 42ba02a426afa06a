# SPDX-License-Identifier: Apache-2.0
"""`entrepot search`: finding things on a server."""

from typing import Annotated

import typer

from entrepot.infra.remote.client import Item
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.infra.remote.output import tell


def search(
    query: Annotated[str, typer.Argument(help="A part of a name, or how a tag or a digest begins; or app:1.2.")],
    limit: Annotated[int, typer.Option("--limit", help="At most so many of each sort.", min=1, max=50)] = 8,
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
) -> None:
    """Find projects, repositories, tags and artifacts that you may read.

    Example: entrepot search app:1.2
    """
    found = connect(server).get("search", q=query, limit=str(limit))
    if output is Output.JSON:
        show_item(found, output)
        return
    show_items(_rows(found), ("found", "name", "digest"), output)
    if not found["is_complete"]:
        tell("There may be more: a longer query finds the rest.")


def _rows(found: Item) -> list[Item]:
    """Return what was found of every sort, each as people write it."""
    return [
        *({"found": "project", "name": each["name"]} for each in found["projects"]),
        *({"found": "repository", "name": each["name"]} for each in found["repositories"]),
        *(
            {"found": "tag", "name": f"{each['repository']}:{each['tag']}", "digest": each["digest"]}
            for each in found["tags"]
        ),
        *({"found": "artifact", "name": each["repository"], "digest": each["digest"]} for each in found["artifacts"]),
    ]
