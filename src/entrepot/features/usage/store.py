# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about usage."""

from collections.abc import Collection
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import Row
from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import false
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
from entrepot.features.usage.tables import usage_blobs
from entrepot.features.usage.tables import usage_days
from entrepot.features.usage.tables import usage_measurements
from entrepot.features.usage.tables import usage_projects
from entrepot.features.usage.tables import usage_totals
from entrepot.infra.database.upsert import dialect_insert
from entrepot.oci.digest import Digest
from entrepot.registry.store.repositories import RepositoryId

_ONE_ROW = 1
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
    select(usage_days.c.day, usage_days.c.pulls, usage_days.c.pushed_manifests, usage_days.c.pushed_bytes)
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
_FORGET_LINKS = delete(usage_blobs).where(
    usage_blobs.c.namespace == bindparam("of_namespace"),
    usage_blobs.c.digest == bindparam("of_digest"),
    usage_blobs.c.links == 0,
)


def add_links(connection: Connection, namespace: str, digest: Digest, links: int) -> int:
    """Count `links` more of a blob in a project; return 1 if it came there by that, -1 if it left, or 0."""
    key = {"namespace": namespace, "digest": digest}
    after = _add(connection, usage_blobs, key, {"links": links}, returning="links").links
    if after == 0:
        connection.execute(_FORGET_LINKS, {"of_namespace": namespace, "of_digest": digest})
    return int(after > 0) - int(after - links > 0)


def add_to_day(connection: Connection, repo_id: RepositoryId, day: DayUsage, *, is_recent: bool) -> bool:
    """Add to a day of a repository, which begins as recent or not; tell whether it is recent."""
    key = {"repo_id": repo_id, "day": day.day, "is_recent": is_recent}
    amounts = {"pulls": day.pulls, "pushed_manifests": day.pushed_manifests, "pushed_bytes": day.pushed_bytes}
    return bool(_add(connection, usage_days, key, amounts, returning="is_recent").is_recent)


def add_to_repository(connection: Connection, repo_id: RepositoryId, amounts: Mapping[str, int]) -> None:
    """Add `bytes`, `manifests`, `pulls` and `recent_pulls` to a repository."""
    _add(connection, usage_totals, {"repo_id": repo_id}, amounts, returning="repo_id")


def add_to_project(connection: Connection, namespace: str, amounts: Mapping[str, int]) -> None:
    """Add `bytes`, `manifests` and `pulls` to a project."""
    _add(connection, usage_projects, {"namespace": namespace}, amounts, returning="namespace")


def age(connection: Connection, today: int, limit: int) -> int:
    """Take up to `limit` days that are no longer recent out of the recent pulls; return how many there were."""
    former = connection.execute(_FORMER, {"day": today - RECENT_DAYS, "limit": limit}).all()
    if former:
        connection.execute(_LEAVE, [{"of_repo": row.repo_id, "less": row.pulls} for row in former])
        connection.execute(_AGE, [{"of_repo": row.repo_id, "of_day": row.day} for row in former])
    return len(former)


def prune(connection: Connection, before_day: int, limit: int) -> int:
    """Delete up to `limit` days before that day; return how many there were."""
    return connection.execute(_PRUNE, {"day": before_day, "limit": limit}).rowcount


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


def _add(
    connection: Connection, table: Table, key: Mapping[str, Any], amounts: Mapping[str, int], *, returning: str
) -> Row[*tuple[Any, ...]]:
    """Add amounts to the columns of a row, which is made if it is new, and return one of its columns."""
    insert = dialect_insert(connection, table)
    added = {name: table.c[name] + insert.excluded[name] for name in amounts}
    statement = insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=added)
    return connection.execute(statement.returning(table.c[returning]), {**key, **amounts}).one()
