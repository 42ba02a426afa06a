# SPDX-License-Identifier: Apache-2.0
"""What is counted, for whom, and the sums of it. Whoever changes a row changes the sum with it."""

from collections import defaultdict
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any
from typing import NamedTuple

from sqlalchemy import BigInteger
from sqlalchemy import BindParameter
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import tuple_

from entrepot.features.quotas.models import Amounts
from entrepot.features.quotas.models import Kind
from entrepot.features.quotas.models import Standing
from entrepot.features.quotas.models import Subject
from entrepot.features.quotas.store.truth import Place
from entrepot.features.quotas.store.truth import portions
from entrepot.features.quotas.tables import quota_counted
from entrepot.features.quotas.tables import quota_days
from entrepot.features.quotas.tables import quota_totals
from entrepot.infra.database.prepared import Prepared
from entrepot.infra.database.upsert import InsertOrUpdate
from entrepot.kernel.clock import Milliseconds

NOWHERE = 0
"""The repository of a blob, which counts once for a subject."""


class Counted(NamedTuple):
    """One row: something that counts for a subject."""

    kind: Kind
    repo_id: int
    key: str
    subject: Subject
    bytes: int = 0


_COLUMNS = Counted._fields
_NAMES = ("bytes", "artifacts", "repositories", "tags")
_PLACE_OF = {
    Kind.ARTIFACT: Amounts(artifacts=1),
    Kind.REPOSITORY: Amounts(repositories=1),
    Kind.TAG: Amounts(tags=1),
    Kind.BLOB: Amounts(),
}

_INSERT = Prepared(insert(quota_counted), *_COLUMNS)
_DELETE = Prepared(
    delete(quota_counted).where(
        quota_counted.c.kind == bindparam("of_kind"),
        quota_counted.c.repo_id == bindparam("of_repo"),
        quota_counted.c.key == bindparam("of_key"),
        quota_counted.c.subject == bindparam("of_subject"),
    ),
    "of_kind",
    "of_repo",
    "of_key",
    "of_subject",
)
_ROW = tuple(quota_counted.c[name] for name in _COLUMNS)
_KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
_OF_KIND = select(*_ROW).where(quota_counted.c.kind == bindparam("of_kind"))
_AT = _OF_KIND.where(tuple_(quota_counted.c.repo_id, quota_counted.c.key).in_(_KEYS))
_BLOBS = _OF_KIND.where(quota_counted.c.key.in_(_KEYS), quota_counted.c.subject == bindparam("of_subject"))
_PEOPLES_ROOMS = (
    select(quota_counted.c.repo_id)
    .where(
        quota_counted.c.subject == bindparam("of_subject"),
        quota_counted.c.kind == Kind.ARTIFACT.value,
        quota_counted.c.repo_id.in_(_KEYS),
    )
    .distinct()
)
_PLACES = (quota_counted.c.kind, quota_counted.c.repo_id, quota_counted.c.key, quota_counted.c.subject)
_BEHIND = (
    select(*_ROW)
    .where(
        tuple_(*_PLACES)
        > tuple_(
            bindparam("last_kind"), bindparam("last_repo", type_=BigInteger), bindparam("last_key"), bindparam("last")
        )
    )
    .order_by(*_PLACES)
    .limit(bindparam("limit", type_=Integer))
)
_TOTAL = (*(quota_totals.c[name] for name in _NAMES), quota_totals.c.changed_at)
_TOTALS = select(quota_totals.c.subject, *_TOTAL).where(quota_totals.c.subject.in_(_KEYS))
_SUBJECTS = (
    select(quota_totals.c.subject)
    .where(quota_totals.c.subject > bindparam("after"))
    .order_by(quota_totals.c.subject)
    .limit(bindparam("limit", type_=Integer))
)
_SUMS = (
    select(quota_counted.c.kind, func.count(), func.sum(quota_counted.c.bytes))
    .where(quota_counted.c.subject == bindparam("of_subject"))
    .group_by(quota_counted.c.kind)
)
_ADD = InsertOrUpdate(
    quota_totals,
    ("subject", *_NAMES, "changed_at"),
    ("subject",),
    lambda new: {**{name: quota_totals.c[name] + new[name] for name in _NAMES}, "changed_at": new["changed_at"]},
)
_NOTE_DAY = InsertOrUpdate(
    quota_days, ("subject", "day", "bytes"), ("subject", "day"), lambda new: {"bytes": new["bytes"]}
)
_DAYS = (
    select(quota_days.c.day, quota_days.c.bytes)
    .where(quota_days.c.subject == bindparam("of_subject"), quota_days.c.day >= bindparam("first"))
    .order_by(quota_days.c.day)
)
_LAST_BEFORE = (
    select(quota_days.c.bytes)
    .where(quota_days.c.subject == bindparam("of_subject"), quota_days.c.day < bindparam("first"))
    .order_by(quota_days.c.day.desc())
    .limit(1)
)
_FORGET_DAYS = delete(quota_days).where(quota_days.c.day < bindparam("first"))


def at(connection: Connection, kind: Kind, places: Collection[Place]) -> list[Counted]:
    """Return the rows about things of a kind, for whomever they count."""
    return [
        _counted(row)
        for some in portions(places)
        for row in connection.execute(_AT, {"of_kind": kind.value, "keys": some})
    ]


def blobs_of(connection: Connection, subject: Subject, digests: Collection[str]) -> list[Counted]:
    """Return those of the blobs that count for a subject."""
    values = {"of_kind": Kind.BLOB.value, "of_subject": subject}
    return [_counted(row) for some in portions(digests) for row in connection.execute(_BLOBS, {**values, "keys": some})]


def rooms_with_artifacts(connection: Connection, subject: Subject, ids: Collection[int]) -> set[int]:
    """Return those of the repositories in which an artifact counts for a subject."""
    values = {"of_subject": subject}
    return {
        row.repo_id for some in portions(ids) for row in connection.execute(_PEOPLES_ROOMS, {**values, "keys": some})
    }


def behind(connection: Connection, last: Counted | None, limit: int) -> list[Counted]:
    """Return up to `limit` rows behind another one, in their order."""
    after = last or Counted(Kind.ARTIFACT, -1, "", Subject(""))
    values = {"last_kind": after.kind.value, "last_repo": after.repo_id, "last_key": after.key, "last": after.subject}
    return [_counted(row) for row in connection.execute(_BEHIND, {**values, "limit": limit})]


def change(
    connection: Connection, wanted: Collection[Counted], unwanted: Collection[Counted], now: Milliseconds
) -> set[Subject]:
    """Add rows that are not there and remove others, with the sums of them; return whose sums are others by that.

    The caller has the lock of counting.
    """
    sums: defaultdict[Subject, Amounts] = defaultdict(Amounts)
    for row in sorted(unwanted):
        if _DELETE.run(connection, row.kind.value, row.repo_id, row.key, row.subject):
            sums[row.subject] += _worth(row, -1)
    _INSERT.run_all(connection, [(row.kind.value, *row[1:]) for row in sorted(wanted)])
    for row in wanted:
        sums[row.subject] += _worth(row, 1)
    return add(connection, sums, now)


def add(connection: Connection, sums: Mapping[Subject, Amounts], now: Milliseconds) -> set[Subject]:
    """Add to what subjects use; return whose use is another by that."""
    changed = {subject: more for subject, more in sums.items() if more != Amounts()}
    _ADD.run_all(connection, [(subject, *astuple(changed[subject]), now) for subject in sorted(changed)])
    return set(changed)


def standings(connection: Connection, subjects: Iterable[Subject]) -> dict[Subject, Standing]:
    """Return what subjects use, those of whom anything was ever counted."""
    rows = (row for some in portions(subjects) for row in connection.execute(_TOTALS, {"keys": some}))
    return {row.subject: Standing(row.subject, Amounts(*row[1:5]), row.changed_at) for row in rows}


def standing(connection: Connection, subject: Subject) -> Standing:
    """Return what a subject uses."""
    return standings(connection, [subject]).get(subject, Standing(subject, Amounts(), Milliseconds(0)))


def subjects_behind(connection: Connection, after: str, limit: int) -> list[Subject]:
    """Return up to `limit` subjects of whom anything was ever counted, in bytewise order."""
    return list(connection.execute(_SUBJECTS, {"after": after, "limit": limit}).scalars())


def summed(connection: Connection, subject: Subject) -> Amounts:
    """Add up every row of a subject. Not for a request to wait for."""
    total = Amounts()
    for kind, count, size in connection.execute(_SUMS, {"of_subject": subject}):
        one = _PLACE_OF[Kind(kind)]
        total += Amounts(int(size), one.artifacts * count, one.repositories * count, one.tags * count)
    return total


def note_day(connection: Connection, standings_of: Iterable[Standing], day: int) -> None:
    """Note what is used at the end of a day, as far as it has come."""
    _NOTE_DAY.run_all(connection, [(each.subject, day, each.used.bytes) for each in standings_of])


def days_of(connection: Connection, subject: Subject, first: int) -> list[tuple[int, int]]:
    """Return the days from `first` on at which what is used changed, with what it was at the end of each."""
    values = {"of_subject": subject, "first": first}
    return [(row.day, row.bytes) for row in connection.execute(_DAYS, values)]


def last_before(connection: Connection, subject: Subject, day: int) -> int | None:
    """Return what was used when `day` began, None where nothing is known of the time before."""
    row = connection.execute(_LAST_BEFORE, {"of_subject": subject, "first": day}).first()
    return None if row is None else int(row.bytes)


def forget_days(connection: Connection, first: int) -> None:
    """Forget the days before `first`."""
    connection.execute(_FORGET_DAYS, {"first": first})


def _worth(row: Counted, sign: int) -> Amounts:
    one = _PLACE_OF[row.kind]
    return Amounts(sign * row.bytes, sign * one.artifacts, sign * one.repositories, sign * one.tags)


def _counted(row: Any) -> Counted:
    return Counted(Kind(row[0]), *row[1:])
