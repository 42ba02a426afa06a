# SPDX-License-Identifier: Apache-2.0
"""Quotas as they are stored, and which thresholds were told of."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import true
from sqlalchemy import update

from entrepot.features.quotas.errors import QuotaChanged
from entrepot.features.quotas.errors import TooManyQuotas
from entrepot.features.quotas.models import EVERY_PROJECT
from entrepot.features.quotas.models import Limits
from entrepot.features.quotas.models import Quota
from entrepot.features.quotas.models import Resource
from entrepot.features.quotas.models import SetQuota
from entrepot.features.quotas.models import Subject
from entrepot.features.quotas.tables import quota_reached
from entrepot.features.quotas.tables import quota_totals
from entrepot.features.quotas.tables import quotas
from entrepot.infra.database.upsert import insert_if_absent

MAX_QUOTAS = 20_000
"""So many subjects may have a quota of their own: every process holds them in memory."""

Threshold = tuple[Resource, int]
"""A resource, and a percentage of its limit."""

_COLUMNS = (
    quotas.c.subject,
    quotas.c.is_set,
    quotas.c.max_bytes,
    quotas.c.max_artifacts,
    quotas.c.max_repositories,
    quotas.c.max_tags,
    quotas.c.thresholds,
    quotas.c.contact,
    quotas.c.revision,
    quotas.c.changed_at,
    quotas.c.changed_by,
)
_SINCE = select(*_COLUMNS).where(quotas.c.revision > bindparam("revision")).order_by(quotas.c.revision)
_FIND = select(*_COLUMNS).where(quotas.c.subject == bindparam("of_subject"))
_LOCK = select(quotas.c.revision).where(quotas.c.subject == EVERY_PROJECT).with_for_update()
_NEWEST = select(func.max(quotas.c.revision))
_COUNT = select(func.count()).select_from(quotas).where(quotas.c.is_set == true())
_BEFORE_PROJECTS, _AFTER_PROJECTS = "project:", "project;"
_ACCOUNTS = select(quotas.c.subject).where(
    quotas.c.is_set == true(),
    quotas.c.subject != EVERY_PROJECT,
    or_(quotas.c.subject < _BEFORE_PROJECTS, quotas.c.subject >= _AFTER_PROJECTS),
)
_REACHED = select(quota_reached.c.resource, quota_reached.c.percent).where(
    quota_reached.c.subject == bindparam("of_subject")
)


def changed_since(connection: Connection, revision: int) -> list[SetQuota]:
    """Return what was set or taken away after a revision, in that order."""
    return [_set_quota(row) for row in connection.execute(_SINCE, {"revision": revision})]


def find(connection: Connection, subject: Subject) -> SetQuota:
    """Return the own quota of a subject; one without a quota if none was ever set."""
    row = connection.execute(_FIND, {"of_subject": subject}).first()
    return SetQuota(subject, None) if row is None else _set_quota(row)


def in_force(connection: Connection, subject: Subject) -> Quota | None:
    """Return what counts for a subject: its own quota, or that of every project."""
    own = find(connection, subject).quota
    if own is None and subject.startswith(_BEFORE_PROJECTS):
        return find(connection, EVERY_PROJECT).quota
    return own


def accounts(connection: Connection) -> set[Subject]:
    """Return the users and robots that have a quota: only of those is counted what they push."""
    return set(connection.execute(_ACCOUNTS).scalars())


def replace(connection: Connection, wanted: SetQuota, revision: int | None = None) -> SetQuota:
    """Put a quota in the place of the one that there is, or of none; return that.

    One change follows another, so whoever has read up to a revision misses none before it. Raises `QuotaChanged`
    when it has another revision than `revision`, and `TooManyQuotas`.
    """
    insert_if_absent(connection, quotas, _row(SetQuota(EVERY_PROJECT, None), 0))
    connection.execute(_LOCK).one()
    before = find(connection, wanted.subject)
    if revision is not None and before.revision != revision:
        raise QuotaChanged(f"the quota has the revision {before.revision} by now, and not {revision}")
    if before.quota is None and wanted.quota and connection.execute(_COUNT).scalar_one() >= MAX_QUOTAS:
        raise TooManyQuotas(f"there are {MAX_QUOTAS} quotas, which is the most there may be")
    row = _row(wanted, (connection.execute(_NEWEST).scalar_one() or 0) + 1)
    if not insert_if_absent(connection, quotas, row):
        connection.execute(update(quotas).where(quotas.c.subject == wanted.subject).values(row))
    return before


def ensure_listed(connection: Connection, subject: Subject) -> None:
    """Have a subject in the list of who uses what, with nothing if nothing is counted for it."""
    nothing = dict.fromkeys(("bytes", "artifacts", "repositories", "tags", "changed_at"), 0)
    insert_if_absent(connection, quota_totals, {"subject": subject, **nothing})


def reached(connection: Connection, subject: Subject) -> set[Threshold]:
    """Return the thresholds that were told of and not fallen below since."""
    return {(Resource(row.resource), row.percent) for row in connection.execute(_REACHED, {"of_subject": subject})}


def note_reached(
    connection: Connection, subject: Subject, new: Collection[Threshold], former: Collection[Threshold]
) -> None:
    """Note thresholds that are told of now, and forget those that were fallen below."""
    for resource, percent in former:
        connection.execute(
            delete(quota_reached).where(
                quota_reached.c.subject == subject,
                quota_reached.c.resource == resource.value,
                quota_reached.c.percent == percent,
            )
        )
    if new:
        rows = [{"subject": subject, "resource": each.value, "percent": percent} for each, percent in sorted(new)]
        connection.execute(insert(quota_reached), rows)


def _row(wanted: SetQuota, revision: int) -> dict[str, object]:
    quota = wanted.quota
    limits = quota.limits if quota else Limits()
    return {
        "subject": wanted.subject,
        "is_set": quota is not None,
        "max_bytes": limits.bytes,
        "max_artifacts": limits.artifacts,
        "max_repositories": limits.repositories,
        "max_tags": limits.tags,
        "thresholds": " ".join(map(str, quota.thresholds)) if quota else "",
        "contact": quota.contact if quota else "",
        "revision": revision,
        "changed_at": wanted.changed_at,
        "changed_by": wanted.changed_by,
    }


def _set_quota(row: Any) -> SetQuota:
    quota = None
    if row.is_set:
        limits = Limits(row.max_bytes, row.max_artifacts, row.max_repositories, row.max_tags)
        quota = Quota(limits, tuple(map(int, row.thresholds.split())), row.contact)
    return SetQuota(row.subject, quota, row.revision, row.changed_at, row.changed_by)
