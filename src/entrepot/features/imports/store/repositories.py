# SPDX-License-Identifier: Apache-2.0
"""Repositories of imports, and how many of their artifacts stand how."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import case
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from entrepot.features.imports.models import Counts
from entrepot.features.imports.models import ItemState
from entrepot.features.imports.models import Kind
from entrepot.features.imports.models import RepositoryState
from entrepot.features.imports.models import Source
from entrepot.features.imports.models import Totals
from entrepot.features.imports.store import imports
from entrepot.features.imports.tables import import_items
from entrepot.features.imports.tables import import_repositories
from entrepot.infra.database.upsert import dialect_insert

COUNTED = (*(state.value for state in ItemState), "bytes_in_all", "new_bytes")
_OVER = (RepositoryState.DONE.value, RepositoryState.FAILED.value)


def add(connection: Connection, sources: Iterable[Source]) -> None:
    """Keep repositories, of which those that are known stay as they are."""
    rows = [
        {
            "import_id": each.import_id,
            "name": each.name,
            "target": each.target,
            "state": each.state.value,
            "tags_place": each.tags_place,
            "reason": each.reason,
            **dict.fromkeys(COUNTED, 0),
        }
        for each in sources
    ]
    rows.sort(key=lambda row: str(row["name"]))
    if rows:
        connection.execute(dialect_insert(connection, import_repositories).on_conflict_do_nothing(), rows)


def change(
    connection: Connection, source: Source, state: RepositoryState, tags_place: str = "", reason: str = ""
) -> None:
    """Keep how a repository stands now."""
    values = {"state": state.value, "tags_place": tags_place, "reason": reason}
    connection.execute(update(import_repositories).where(*_one(source.import_id, source.name)).values(values))


def find(connection: Connection, import_id: str, name: str) -> Source | None:
    """Return a repository of an import."""
    row = connection.execute(select(import_repositories).where(*_one(import_id, name))).one_or_none()
    return None if row is None else _source(row)


def unfinished(connection: Connection, import_id: str, after: str) -> Source | None:
    """Return the first repository behind a name that is not finished."""
    own = import_repositories.c
    query = select(import_repositories).where(own.import_id == import_id, own.name > after, own.state.not_in(_OVER))
    row = connection.execute(query.order_by(own.name).limit(1)).one_or_none()
    return None if row is None else _source(row)


def page(connection: Connection, import_id: str, after: str, limit: int, state: str = "") -> list[Source]:
    """Return repositories of an import behind a name, of one state or all, in the order of their names."""
    own = import_repositories.c
    query = select(import_repositories).where(own.import_id == import_id, own.name > after)
    if state:
        query = query.where(own.state == state)
    return [_source(row) for row in connection.execute(query.order_by(own.name).limit(limit)).all()]


def count(connection: Connection, import_id: str) -> int:
    """Tell how many repositories an import has."""
    return connection.scalar(select(func.count()).where(import_repositories.c.import_id == import_id)) or 0


def targets_taken(connection: Connection, import_id: str, targets: Iterable[str]) -> dict[str, str]:
    """Return which targets are taken already, by which repository."""
    own = import_repositories.c
    query = select(own.target, own.name).where(own.import_id == import_id, own.target.in_(list(targets)))
    return {row[0]: row[1] for row in connection.execute(query).all()}


def totals(connection: Connection, import_id: str) -> Totals:
    """Add up an import."""
    own = import_repositories.c
    finished = func.sum(case((own.state.in_(_OVER), 1), else_=0))
    failed = func.sum(case((own.state == RepositoryState.FAILED.value, 1), else_=0))
    sums = [func.sum(own[name]).label(name) for name in COUNTED]
    query = select(func.count().label("repositories"), finished.label("finished"), failed.label("unreadable"), *sums)
    row = connection.execute(query.where(own.import_id == import_id)).one()
    counts = Counts(**{name: int(getattr(row, name) or 0) for name in COUNTED})
    blobs, blob_bytes, missing = imports.contents(connection, import_id)
    found, broken = int(row.finished or 0), int(row.unreadable or 0)
    return Totals(int(row.repositories), found, broken, counts, blobs, blob_bytes, missing)


def recount(connection: Connection, import_id: str, name: str) -> None:
    """Count the artifacts of a repository anew."""
    own = import_items.c
    is_counted = own.import_id == import_id, own.repository == name, own.kind != Kind.EXTRA.value
    query = select(own.state, func.count(), func.sum(own.size), func.sum(own.new_bytes)).where(*is_counted)
    values: dict[str, int] = dict.fromkeys(COUNTED, 0)
    for state, number, size, new_bytes in connection.execute(query.group_by(own.state)).all():
        values[state] = number
        if state in (ItemState.LOOKED.value, ItemState.BROUGHT.value, ItemState.SAME.value):
            values["bytes_in_all"] += int(size or 0)
        values["new_bytes"] += int(new_bytes or 0)
    connection.execute(update(import_repositories).where(*_one(import_id, name)).values(values))


def reopen(connection: Connection, import_id: str, *, all_of_them: bool) -> None:
    """Have repositories gone through again: those that could not be read, or all."""
    own = import_repositories.c
    conditions = [own.import_id == import_id, own.target != ""]
    if not all_of_them:
        has_failures = (own.state == RepositoryState.FAILED.value) | (own.failed > 0) | (own.waiting > 0)
        conditions.append(has_failures)
    values = {"state": RepositoryState.WAITING.value, "tags_place": "", "reason": ""}
    connection.execute(update(import_repositories).where(*conditions).values(values))


def _one(import_id: str, name: str) -> tuple[Any, ...]:
    return import_repositories.c.import_id == import_id, import_repositories.c.name == name


def _source(row: Row[Any]) -> Source:
    return Source(
        import_id=row.import_id,
        name=row.name,
        target=row.target,
        state=RepositoryState(row.state),
        tags_place=row.tags_place,
        reason=row.reason,
        counts=Counts(**{name: getattr(row, name) for name in COUNTED}),
    )
