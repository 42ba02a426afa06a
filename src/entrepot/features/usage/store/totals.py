# SPDX-License-Identifier: Apache-2.0
"""What was added up, by repository, project and day."""

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import false
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import true
from sqlalchemy import tuple_
from sqlalchemy import update

from entrepot.features.usage.models import RECENT_DAYS
from entrepot.features.usage.models import DayUsage
from entrepot.features.usage.models import Measurement
from entrepot.features.usage.models import Order
from entrepot.features.usage.models import ProjectUsage
from entrepot.features.usage.models import RepositoryUsage
from entrepot.features.usage.models import Totals
from entrepot.features.usage.models import Traffic
from entrepot.features.usage.store.places import Place
from entrepot.features.usage.store.places import of_place
from entrepot.features.usage.tables import usage_blobs
from entrepot.features.usage.tables import usage_days
from entrepot.features.usage.tables import usage_measurements
from entrepot.features.usage.tables import usage_project_days
from entrepot.features.usage.tables import usage_projects
from entrepot.features.usage.tables import usage_totals
from entrepot.infra.database.prepared import Prepared
from entrepot.infra.database.upsert import InsertOrUpdate
from entrepot.infra.database.upsert import dialect_insert
from entrepot.oci.digest import Digest
from entrepot.registry.store.repositories import RepositoryId

DayKey = tuple[RepositoryId, int]
"""A repository and a day."""
BlobKey = tuple[str, Digest]
"""A project and a digest."""

_ONE_ROW = 1
_GROWTH = (
    select(usage_project_days.c.day, usage_project_days.c.grown_bytes)
    .where(usage_project_days.c.namespace == bindparam("namespace"), usage_project_days.c.day >= bindparam("first"))
    .order_by(usage_project_days.c.day)
)
_PRUNE_GROWTH = delete(usage_project_days).where(
    tuple_(usage_project_days.c.namespace, usage_project_days.c.day).in_(
        select(usage_project_days.c.namespace, usage_project_days.c.day)
        .where(usage_project_days.c.day < bindparam("day"))
        .limit(bindparam("limit", type_=Integer))
    )
)
_MEASURED = ("stored_bytes", "artifacts", "repositories", "projects", "measured_at", "took_ms")

_RANKED = select(usage_totals.c.repo_id, usage_totals.c.bytes, usage_totals.c.recent_pulls)
_BY = {Order.PULLS: usage_totals.c.recent_pulls, Order.BYTES: usage_totals.c.bytes}
_TOP = {
    order: _RANKED.where(column > 0).order_by(column.desc()).limit(bindparam("limit", type_=Integer))
    for order, column in _BY.items()
}
_AMONG = _RANKED.where(usage_totals.c.repo_id.in_(bindparam("repo_ids", expanding=True)))
_PROJECT = select(usage_projects.c.bytes, usage_projects.c.manifests, usage_projects.c.pulls).where(
    usage_projects.c.namespace == bindparam("namespace")
)
_DAYS = (
    select(*(usage_days.c[name] for name in ("day", "pulls", "pushed_manifests", "pushed_bytes", "sent_bytes")))
    .where(usage_days.c.repo_id == bindparam("repo_id"), usage_days.c.day >= bindparam("first"))
    .order_by(usage_days.c.day)
)
_FORMER = (
    select(usage_days.c.repo_id, usage_days.c.day, usage_days.c.pulls)
    .where(usage_days.c.is_recent == true(), usage_days.c.day <= bindparam("day"))
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(skip_locked=True)
)
_KEY = tuple_(usage_days.c.repo_id, usage_days.c.day)
_OLD = (
    select(usage_days.c.repo_id, usage_days.c.day)
    .where(usage_days.c.is_recent == false(), usage_days.c.day < bindparam("day"))
    .limit(bindparam("limit", type_=Integer))
)
_PRUNE = delete(usage_days).where(_KEY.in_(_OLD))
_LEAVE = (
    update(usage_totals)
    .where(usage_totals.c.repo_id == bindparam("of_repo"))
    .values(recent_pulls=usage_totals.c.recent_pulls - bindparam("less"))
)
_AGE = (
    update(usage_days)
    .where(usage_days.c.repo_id == bindparam("of_repo"), usage_days.c.day == bindparam("of_day"))
    .values(is_recent=False)
)
_FORGET_LINKS = Prepared(
    delete(usage_blobs).where(
        usage_blobs.c.namespace == bindparam("of_namespace"),
        usage_blobs.c.digest == bindparam("of_digest"),
        usage_blobs.c.links == 0,
    ),
    "of_namespace",
    "of_digest",
)
_LINKS = select(usage_blobs).where(
    tuple_(usage_blobs.c.namespace, usage_blobs.c.digest).in_(bindparam("keys", expanding=True))
)
_PAST_AMONG = select(usage_days.c.repo_id, usage_days.c.day).where(
    usage_days.c.is_recent == false(),
    usage_days.c.day.in_(bindparam("days", expanding=True)),
    usage_days.c.repo_id.in_(bindparam("repo_ids", expanding=True)),
)


def _adding(table: Table, amounts: Sequence[str], *others: str) -> InsertOrUpdate:
    """Return what adds amounts to the columns of rows, which are made where they are new."""
    keys = table.primary_key.columns.keys()
    return InsertOrUpdate(
        table, (*keys, *amounts, *others), keys, lambda new: {name: table.c[name] + new[name] for name in amounts}
    )


_OF_REPOSITORY = ("bytes", "manifests", "pulls", "recent_pulls")
_OF_PROJECT = ("bytes", "manifests", "pulls")
_ADD_LINKS = _adding(usage_blobs, ("links",))
_ADD_TO_DAY = _adding(usage_days, ("pulls", "pushed_manifests", "pushed_bytes", "sent_bytes"), "is_recent")
_GROW = _adding(usage_project_days, ("grown_bytes",))
_ADD_TO_REPOSITORY = _adding(usage_totals, _OF_REPOSITORY)
_ADD_TO_PROJECT = _adding(usage_projects, _OF_PROJECT)


def add_links(connection: Connection, links: Mapping[BlobKey, int]) -> dict[BlobKey, int]:
    """Count links of blobs in projects, more or less of them.

    Return for each blob 1 if it came to its project by that, -1 if it left, else 0.
    """
    if not links:
        return {}
    _ADD_LINKS.run_all(connection, [(*key, more) for key, more in sorted(links.items())])
    after = {(row.namespace, row.digest): row.links for row in connection.execute(_LINKS, {"keys": list(links)})}
    _FORGET_LINKS.run_all(connection, [key for key in sorted(links) if after[key] == 0])
    return {key: int(after[key] > 0) - int(after[key] - more > 0) for key, more in links.items()}


def add_to_days(connection: Connection, days: Mapping[DayKey, DayUsage], first_recent: int) -> set[DayKey]:
    """Add to days of repositories, which begin as recent from `first_recent` on; return those that are recent."""
    rows = [(repo_id, *astuple(spent), spent.day >= first_recent) for (repo_id, _), spent in sorted(days.items())]
    _ADD_TO_DAY.run_all(connection, rows)
    among = {"repo_ids": [repo_id for repo_id, _ in days], "days": list({day for _, day in days})}
    return days.keys() - {(row.repo_id, row.day) for row in connection.execute(_PAST_AMONG, among)}


def add_to_repositories(connection: Connection, amounts: Mapping[RepositoryId, Mapping[str, int]]) -> None:
    """Add `bytes`, `manifests`, `pulls` and `recent_pulls` to repositories."""
    _ADD_TO_REPOSITORY.run_all(connection, _rows_of(amounts, _OF_REPOSITORY))


def add_to_projects(connection: Connection, amounts: Mapping[str, Mapping[str, int]]) -> None:
    """Add `bytes`, `manifests` and `pulls` to projects."""
    _ADD_TO_PROJECT.run_all(connection, _rows_of(amounts, _OF_PROJECT))


def grow(connection: Connection, days: Mapping[tuple[str, int], int]) -> None:
    """Add to by how many bytes projects grew on days."""
    _GROW.run_all(connection, [(*key, grown) for key, grown in sorted(days.items()) if grown])


def growth(connection: Connection, namespace: str, first: int) -> list[tuple[int, int]]:
    """Return the days from `first` on, on which what a project holds became more or less, and by how much."""
    return [(row.day, row.grown_bytes) for row in connection.execute(_GROWTH, {"namespace": namespace, "first": first})]


def traffic(connection: Connection, place: Place, first: int, last: int) -> list[Traffic]:
    """Return what went in and out on the days of a span, those on which something did."""
    rows = (
        select(usage_days.c.day, func.sum(usage_days.c.pushed_bytes), func.sum(usage_days.c.sent_bytes))
        .where(of_place(usage_days.c.repo_id, place), usage_days.c.day >= first, usage_days.c.day <= last)
        .group_by(usage_days.c.day)
        .order_by(usage_days.c.day)
    )
    return [Traffic(day, int(pushed), int(sent)) for day, pushed, sent in connection.execute(rows)]


def age(connection: Connection, today: int, limit: int) -> int:
    """Take up to `limit` days that are no longer recent out of the recent pulls; return how many there were."""
    former = connection.execute(_FORMER, {"day": today - RECENT_DAYS, "limit": limit}).all()
    if former:
        connection.execute(_LEAVE, [{"of_repo": row.repo_id, "less": row.pulls} for row in former])
        connection.execute(_AGE, [{"of_repo": row.repo_id, "of_day": row.day} for row in former])
    return len(former)


def prune(connection: Connection, before_day: int, limit: int) -> int:
    """Delete up to `limit` days before that day; return how many there were."""
    values = {"day": before_day, "limit": limit}
    return connection.execute(_PRUNE, values).rowcount + connection.execute(_PRUNE_GROWTH, values).rowcount


def top(connection: Connection, by: Order, limit: int) -> list[RepositoryUsage]:
    """Return the `limit` repositories with the most, the first first; none that have nothing of it."""
    return [RepositoryUsage(*row) for row in connection.execute(_TOP[by], {"limit": limit})]


def among(connection: Connection, repo_ids: Collection[RepositoryId]) -> list[RepositoryUsage]:
    """Return what is known of these repositories, in no order."""
    return [RepositoryUsage(*row) for row in connection.execute(_AMONG, {"repo_ids": list(repo_ids)})]


def of_project(connection: Connection, namespace: str) -> ProjectUsage:
    """Return what a project holds: nothing, if nothing was ever pushed there."""
    row = connection.execute(_PROJECT, {"namespace": namespace}).one_or_none()
    return ProjectUsage(0, 0, 0) if row is None else ProjectUsage(*row)


def days_of(connection: Connection, repo_id: RepositoryId, first: int) -> list[DayUsage]:
    """Return the days of a repository from `first` on, those on which something happened."""
    return [DayUsage(*row) for row in connection.execute(_DAYS, {"repo_id": repo_id, "first": first})]


def measured(connection: Connection) -> Measurement | None:
    """Return the last measurement, None if there was none."""
    row = connection.execute(select(*(usage_measurements.c[name] for name in _MEASURED))).one_or_none()
    return None if row is None else Measurement(Totals(*row[:-1]), row.took_ms)


def note_measurement(connection: Connection, measurement: Measurement) -> None:
    """Store a measurement in place of the last."""
    totals = measurement.totals
    values: dict[str, Any] = {name: getattr(totals, name) for name in _MEASURED[:-1]}
    values["took_ms"] = measurement.took_ms
    insert = dialect_insert(connection, usage_measurements)
    connection.execute(insert.values(id=_ONE_ROW, **values).on_conflict_do_update(index_elements=["id"], set_=values))


def _rows_of(amounts: Mapping[Any, Mapping[str, int]], names: Sequence[str]) -> list[tuple[Any, ...]]:
    return [(key, *(amounts[key][name] for name in names)) for key in sorted(amounts)]
