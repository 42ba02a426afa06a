# SPDX-License-Identifier: Apache-2.0
"""`entrepot search`: finding things on a server."""

import re
from typing import Annotated

import typer

from entrepot.features.search.terms import Kind
from entrepot.infra.remote.address import path_to
from entrepot.infra.remote.client import Client
from entrepot.infra.remote.client import Item
from entrepot.infra.remote.options import OutputOption
from entrepot.infra.remote.options import ServerOption
from entrepot.infra.remote.options import connect
from entrepot.infra.remote.output import Output
from entrepot.infra.remote.output import show_item
from entrepot.infra.remote.output import show_items
from entrepot.infra.remote.output import tell

_QUALIFIERS = "|".join(kind.value for kind in Kind if kind is not Kind.WORD)
_QUALIFIED = re.compile(rf"(?:^|\s)-?(?:{_QUALIFIERS}):", re.IGNORECASE)
_SHOWN_COMMIT = 12
_NAMES, _ARTIFACTS = 8, 50


def search(  # noqa: PLR0913 - one for each flag
    query: Annotated[
        str, typer.Argument(help="A part of a name, or app:1.2; or what artifacts are, such as 'revision:abc123'.")
    ] = "",
    limit: Annotated[int | None, typer.Option("--limit", help="At most so many (of each sort).", min=1, max=50)] = None,
    saved: Annotated[str, typer.Option("--saved", help="What a saved query finds, and the query too.")] = "",
    save: Annotated[str, typer.Option("--save", help="Keep the query under a name.")] = "",
    share: Annotated[str, typer.Option("--share", help="With --save: with whoever may read this project.")] = "",
    forget: Annotated[str, typer.Option("--forget", help="Delete the saved query of this name instead.")] = "",
    output: OutputOption = Output.TABLE,
    server: ServerOption = "",
    *,
    is_about_artifacts: Annotated[
        bool | None,
        typer.Option("--artifacts/--names", help="By what they are, or by name; as the query looks otherwise."),
    ] = None,
    is_oldest_first: Annotated[bool, typer.Option("--oldest", help="Artifacts that were pushed first.")] = False,
    lists_saved: Annotated[bool, typer.Option("--saved-list", help="List saved queries instead.")] = False,
) -> None:
    """Find projects, repositories, tags and artifacts that you may read: by their names, or by what they are.

    Example: entrepot search 'type:image revision:abc123'
    """
    client = connect(server)
    if lists_saved:
        show_items(client.get("search/saved")["items"], ("name", "query", "owner", "project"), output)
        return
    if forget:
        client.delete(path_to("search/saved", forget))
        tell(f"The query {forget} is deleted.", output)
        return
    if saved:
        query = f"{_saved(client, saved)} {query}".strip()
    if save:
        client.put(path_to("search/saved", save), {"query": query, "project": share or None})
        tell(f"The query is saved as {save}.", output)
    is_by_kind = bool(saved or save or _QUALIFIED.search(query))
    if is_by_kind if is_about_artifacts is None else is_about_artifacts:
        order = "pushed" if is_oldest_first else "-pushed"
        _show_artifacts(client.get("search/artifacts", q=query, limit=str(limit or _ARTIFACTS), sort=order), output)
    else:
        _show_names(client.get("search", q=query, limit=str(limit or _NAMES)), output)


def _saved(client: Client, name: str) -> str:
    """Return a saved query: one's own of that name before those of others."""
    for item in client.get("search/saved")["items"]:
        if item["name"] == name:
            return str(item["query"])
    raise typer.BadParameter(f"there is no saved query {name}: entrepot search --saved-list shows them")


def _show_artifacts(found: Item, output: Output) -> None:
    if output is Output.JSON:
        show_item(found, output)
        return
    show_items([_row(item) for item in found["items"]], ("pushed", "type", "tags", "commit", "reference"), output)
    total = found["total"]
    if not total["is_exact"]:
        tell(f"There are at least {total['count']}: another term finds fewer of them.")


def _row(item: Item) -> Item:
    return {
        "pushed": item["pushed_at"],
        "type": item["type"],
        "tags": ", ".join(item["tags"]),
        "commit": (item["revision"] or "")[:_SHOWN_COMMIT],
        "reference": item["reference"],
    }


def _show_names(found: Item, output: Output) -> None:
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
