# SPDX-License-Identifier: Apache-2.0
"""The newest changes of tags: in some repositories, or in all of them."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import Row
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import union_all

from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.tables import repositories
from entrepot.registry.tables import tag_history


@dataclass(frozen=True, slots=True)
class RecentChange:
    """One change of a tag; `digest` is None when it was deleted, `previous_digest` when it was new."""

    id: int
    repository: RepositoryName
    name: TagName
    digest: Digest | None
    previous_digest: Digest | None
    changed_at: Milliseconds
    changed_by: str
    cause: str


_CHANGE = tuple(
    tag_history.c[name] for name in ("id", "name", "digest", "previous_digest", "changed_at", "changed_by", "cause")
)
_LIMIT = bindparam("limit", type_=Integer)
_NEWEST = (
    select(repositories.c.name.label("repository"), *_CHANGE)
    .join(repositories, repositories.c.id == tag_history.c.repo_id)
    .where(repositories.c.visible_at.is_not(None), tag_history.c.id < bindparam("before"))
    .order_by(tag_history.c.id.desc())
    .limit(_LIMIT)
)
_LATEST = (
    select(func.max(tag_history.c.id)).where(tag_history.c.repo_id == repositories.c.id).correlate(repositories)
).scalar_subquery()
_CHANGED = select(repositories.c.id, repositories.c.name, _LATEST.label("latest")).where(
    repositories.c.name.in_(bindparam("names", expanding=True)), repositories.c.visible_at.is_not(None)
)


def newest(connection: Connection, before: int, limit: int) -> list[RecentChange]:
    """Return the `limit` newest changes older than the one numbered `before`, whosever repositories they are in."""
    return [_change(row, row.repository) for row in connection.execute(_NEWEST, {"before": before, "limit": limit})]


def newest_in(connection: Connection, names: Collection[str], limit: int) -> list[RecentChange]:
    """Return the `limit` newest changes in these repositories.

    They are in the `limit` of them that changed last, so that the history of no other one is read.
    """
    changed = [row for row in connection.execute(_CHANGED, {"names": list(names)}) if row.latest is not None]
    last = sorted(changed, key=lambda row: row.latest, reverse=True)[:limit]
    if not last:
        return []
    repository = {row.id: row.name for row in last}
    values: dict[str, Any] = {f"repo_{number}": row.id for number, row in enumerate(last)}
    found = connection.execute(_of_each(len(last)), {**values, "limit": limit})
    changes = [_change(row, repository[row.repo_id]) for row in found]
    return sorted(changes, key=lambda change: change.id, reverse=True)[:limit]


@cache
def _of_each(count: int) -> CompoundSelect[Any]:
    some = [
        select(tag_history.c.repo_id, *_CHANGE)
        .where(tag_history.c.repo_id == bindparam(f"repo_{number}"))
        .order_by(tag_history.c.id.desc())
        .limit(_LIMIT)
        .subquery()
        for number in range(count)
    ]
    return union_all(*(select(each) for each in some))


def _change(row: Row[*tuple[Any, ...]], repository: RepositoryName) -> RecentChange:
    return RecentChange(
        id=row.id,
        repository=repository,
        name=row.name,
        digest=row.digest,
        previous_digest=row.previous_digest,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        cause=row.cause,
    )
