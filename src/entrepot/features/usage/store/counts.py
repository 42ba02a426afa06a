# SPDX-License-Identifier: Apache-2.0
"""Pulls and pushes by hour, by day, and by name on each day."""

from collections.abc import Collection
from collections.abc import Mapping
from itertools import islice

from sqlalchemy import BigInteger
from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import tuple_

from entrepot.features.usage.counting import Child
from entrepot.features.usage.counting import CountKey
from entrepot.features.usage.models import KEPT_NAMES
from entrepot.features.usage.models import OTHERS
from entrepot.features.usage.models import Count
from entrepot.features.usage.models import Kind
from entrepot.features.usage.store.places import Place
from entrepot.features.usage.store.places import of_place
from entrepot.features.usage.tables import usage_counts
from entrepot.infra.database.upsert import InsertOrUpdate
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import manifest_children
from entrepot.registry.tables import repositories

Span = tuple[int, int]
"""The first and the last hour or day."""

KEYS_PER_STATEMENT = 200

_ADD = InsertOrUpdate(
    usage_counts,
    ("kind", "period", "repo_id", "name", "pulls", "pushes"),
    ("kind", "period", "repo_id", "name"),
    lambda new: {"pulls": usage_counts.c.pulls + new.pulls, "pushes": usage_counts.c.pushes + new.pushes},
)
_PARENTS = select(manifest_children.c.repo_id, manifest_children.c.child_digest, manifest_children.c.parent).where(
    tuple_(manifest_children.c.repo_id, manifest_children.c.child_digest).in_(bindparam("keys", expanding=True))
)
_PULLS, _PUSHES = func.sum(usage_counts.c.pulls), func.sum(usage_counts.c.pushes)
_LIMIT = bindparam("limit", type_=Integer)
_CROWDED = (
    select(usage_counts.c.repo_id)
    .where(usage_counts.c.kind == bindparam("kind"), usage_counts.c.period == bindparam("day", type_=Integer))
    .group_by(usage_counts.c.repo_id)
    .having(func.count() > KEPT_NAMES + 1)
)
_OF_DAY = (
    usage_counts.c.repo_id == bindparam("repo_id", type_=BigInteger),
    usage_counts.c.kind == bindparam("kind"),
    usage_counts.c.period == bindparam("day", type_=Integer),
)
_SMALLEST = (
    select(usage_counts.c.name, usage_counts.c.pulls, usage_counts.c.pushes)
    .where(*_OF_DAY, usage_counts.c.name != OTHERS)
    .order_by((usage_counts.c.pulls + usage_counts.c.pushes).desc(), usage_counts.c.name)
    .offset(KEPT_NAMES)
    .limit(_LIMIT)
    .with_for_update()
)
_REMOVE = delete(usage_counts).where(*_OF_DAY, usage_counts.c.name.in_(bindparam("names", expanding=True)))
_KEY = usage_counts.c.kind, usage_counts.c.period, usage_counts.c.repo_id, usage_counts.c.name
_PRUNE = delete(usage_counts).where(
    tuple_(*_KEY).in_(
        select(*_KEY)
        .where(usage_counts.c.kind == bindparam("kind"), usage_counts.c.period < bindparam("before", type_=Integer))
        .limit(_LIMIT)
    )
)


def add(connection: Connection, amounts: Mapping[CountKey, tuple[int, int]]) -> None:
    """Add pulls and pushes to rows, in their order, so that no two who add wait for each other."""
    rows = [(key.kind.value, *key[1:], *more) for key, more in sorted(amounts.items())]
    _ADD.run_all(connection, rows)


def parents(
    connection: Connection, children: Collection[Child], ids: Mapping[RepositoryName, RepositoryId]
) -> dict[Child, set[Digest]]:
    """Return those of `children` that indexes of their repository list, with those indexes."""
    names = {repo_id: name for name, repo_id in ids.items()}
    keys = iter(sorted((ids[name], digest) for name, digest in children if name in ids))
    found: dict[Child, set[Digest]] = {}
    while some := list(islice(keys, KEYS_PER_STATEMENT)):
        for repo_id, child, parent in connection.execute(_PARENTS, {"keys": some}):
            found.setdefault((names[repo_id], child), set()).add(parent)
    return found


def series(connection: Connection, place: Place, kind: Kind, span: Span) -> list[Count]:
    """Return the hours or days of a span in which something happened, the first first."""
    period = usage_counts.c.period
    rows = select(period, _PULLS, _PUSHES).where(*_within(place, kind, span)).group_by(period).order_by(period)
    return [Count(str(each), int(pulls), int(pushes)) for each, pulls, pushes in connection.execute(rows)]


def shares(connection: Connection, place: Place, kind: Kind, span: Span, limit: int) -> list[Count]:
    """Return the `limit` names with the most on the days of a span, `OTHERS` among them if it is one."""
    name = usage_counts.c.name
    found = select(name, _PULLS, _PUSHES).where(*_within(place, kind, span)).group_by(name)
    rows = found.order_by((_PULLS + _PUSHES).desc(), name).limit(limit)
    return [Count(each, int(pulls), int(pushes)) for each, pulls, pushes in connection.execute(rows)]


def others(connection: Connection, place: Place, kind: Kind, span: Span) -> list[Count]:
    """Return what is not told apart any more on the days of a span, if anything."""
    rows = select(_PULLS, _PUSHES).where(*_within(place, kind, span), usage_counts.c.name == OTHERS)
    pulls, pushes = connection.execute(rows).one()
    return [] if pulls is None else [Count(OTHERS, int(pulls), int(pushes))]


def busiest(connection: Connection, project: str, span: Span, limit: int) -> list[Count]:
    """Return the `limit` repositories of a project with the most on the days of a span."""
    name = repositories.c.name
    found = select(name, _PULLS, _PUSHES).join(usage_counts, usage_counts.c.repo_id == repositories.c.id)
    of_days = found.where(*_within(project, Kind.DAY, span)).group_by(name)
    rows = of_days.order_by((_PULLS + _PUSHES).desc(), name).limit(limit)
    return [Count(each, int(pulls), int(pushes)) for each, pulls, pushes in connection.execute(rows)]


def crowded(connection: Connection, kind: Kind, day: int) -> list[RepositoryId]:
    """Return the repositories that have more names of a kind on a day than are kept."""
    return list(connection.execute(_CROWDED, {"kind": kind.value, "day": day}).scalars())


def gather(connection: Connection, kind: Kind, day: int, repo_id: RepositoryId, limit: int) -> int:
    """Make up to `limit` names of a day `OTHERS`, those with the least; return how many there were."""
    values = {"repo_id": repo_id, "kind": kind.value, "day": day}
    rows = connection.execute(_SMALLEST, {**values, "limit": limit}).all()
    if rows:
        connection.execute(_REMOVE, {**values, "names": [row.name for row in rows]})
        more = sum(row.pulls for row in rows), sum(row.pushes for row in rows)
        add(connection, {CountKey(kind, day, repo_id, OTHERS): more})
    return len(rows)


def prune(connection: Connection, kind: Kind, before: int, limit: int) -> int:
    """Delete up to `limit` rows of periods before that one; return how many there were."""
    return connection.execute(_PRUNE, {"kind": kind.value, "before": before, "limit": limit}).rowcount


def _within(place: Place, kind: Kind, span: Span) -> tuple[ColumnElement[bool], ...]:
    """Name each period, so that the key is followed from each to the repositories."""
    periods = range(span[0], span[1] + 1)
    return (
        usage_counts.c.kind == kind.value,
        usage_counts.c.period.in_(periods),
        of_place(usage_counts.c.repo_id, place),
    )
