# SPDX-License-Identifier: Apache-2.0
"""Counting everything anew, every night: what was counted wrong is told, and put right.

Everything that there is and everything that is counted is compared, a little at a time. What differs is looked at
again once the events that were known of then have been counted, so that only what is really wrong is called so.
"""

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import Connection

from entrepot.features.quotas.counting import Difference
from entrepot.features.quotas.counting import Places
from entrepot.features.quotas.counting import differences
from entrepot.features.quotas.counting import rooms_of_people
from entrepot.features.quotas.counting import settle
from entrepot.features.quotas.counting import verify_blobs
from entrepot.features.quotas.models import Amounts
from entrepot.features.quotas.models import Kind
from entrepot.features.quotas.models import Resource
from entrepot.features.quotas.models import Subject
from entrepot.features.quotas.models import is_project
from entrepot.features.quotas.noticing import notice
from entrepot.features.quotas.noticing import tell
from entrepot.features.quotas.store import checks
from entrepot.features.quotas.store import counted
from entrepot.features.quotas.store import limits
from entrepot.features.quotas.store import reservations
from entrepot.features.quotas.store import truth
from entrepot.features.quotas.store.checks import Check
from entrepot.features.quotas.store.counted import NOWHERE
from entrepot.features.quotas.store.counted import Counted
from entrepot.features.quotas.store.truth import Place
from entrepot.features.quotas.store.truth import Room
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Clock

T = TypeVar("T")

AT_ONCE = 200
"""So much is compared at once, in a few milliseconds."""
TOLD_AT_ONCE = 20
KEPT_DAYS = 100
CAUGHT_UP_SECONDS = 10.0
POLL_SECONDS = 0.05

Report = Callable[[int], None]
"""Is told how much was looked at."""


class Checking:
    """Compares what is counted with what is there, and puts it right."""

    def __init__(
        self, database: Database, clock: Clock, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._database = database
        self._clock = clock
        self._pause = pause
        self._check = Check(clock())
        self._blamed: Callable[[Subject], bool] = is_project

    async def run(self, report: Report) -> Check:
        """Count everything anew; return what came of it. One at a time. Raises `DatabaseUnavailable`."""
        self._check = Check(self._clock())
        self._blamed = await self._database.survey(_blamed)
        await self._rooms(report)
        await self._walk(checks.manifests_behind, lambda rooms, places: Places(rooms, artifacts=places), report)
        await self._walk(checks.tags_behind, lambda rooms, places: Places(rooms, tags=places), report)
        await self._known(report)
        await self._sums(report)
        await self._database.write_locked(self._tidy)
        self._check = replace(self._check, finished_at=self._clock())
        await self._database.write_locked(checks.note, self._check)
        return self._check

    async def look_through(self, subject: Subject) -> None:
        """Compare all blobs that count for somebody whose artifacts went without a trace."""
        last: Counted | None = Counted(Kind.BLOB, NOWHERE, "", Subject(""))
        while last is not None:
            rows = await self._database.survey(counted.behind, last, AT_ONCE)
            blobs = [row for row in rows if row.kind is Kind.BLOB]
            await self._settle_blobs(subject, [row.key for row in blobs if row.subject == subject])
            last = blobs[-1] if blobs else None

    async def _rooms(self, report: Report) -> None:
        last = -1
        while found := await self._database.survey(checks.rooms_behind, last, AT_ONCE):
            last = found[-1]
            rooms = await self._database.survey(truth.rooms_of, found)
            await self._compare(Places(rooms))
            self._note(len(found), report)

    async def _walk(
        self,
        behind: Callable[[Connection, Place, int], list[Place]],
        places_of: Callable[..., Places],
        report: Report,
    ) -> None:
        last: Place = (-1, "")
        while found := await self._database.survey(behind, last, AT_ONCE):
            last = found[-1]
            rooms = await self._database.survey(truth.rooms_of, {repo_id for repo_id, _ in found})
            await self._compare(places_of(rooms, found))
            self._note(len(found), report)

    async def _known(self, report: Report) -> None:
        """Compare what is counted: something of it may be there no longer."""
        last: Counted | None = None
        while found := await self._database.survey(counted.behind, last, AT_ONCE):
            last = found[-1]
            ids = {row.repo_id for row in found if row.repo_id != NOWHERE}
            rooms = await self._database.survey(truth.rooms_of, ids)
            await self._compare(Places(rooms, _places(found, Kind.ARTIFACT, rooms), _places(found, Kind.TAG, rooms)))
            for subject in {row.subject for row in found if row.kind is Kind.BLOB}:
                keys = [row.key for row in found if row.kind is Kind.BLOB and row.subject == subject]
                await self._settle_blobs(subject, keys)
            await self._settle_people(found, rooms)
            await self._drop_homeless([row for row in found if row.repo_id != NOWHERE and row.repo_id not in rooms])
            self._note(len(found), report)

    async def _sums(self, report: Report) -> None:
        after = ""
        while found := await self._database.survey(counted.subjects_behind, after, AT_ONCE):
            after = found[-1]
            for subject in found:
                await self._settle_sum(subject)
            # Another default quota makes other thresholds of what nobody has pushed to since.
            for some in truth.portions(found, TOLD_AT_ONCE):
                await self._database.write_locked(tell, some, self._clock())
            self._note(len(found), report)

    async def _compare(self, places: Places) -> None:
        """Compare what is in some places, and put it right."""
        if not places.rooms or not _rows(await self._database.survey(differences, places)):
            return
        await self._caught_up()
        found = await self._database.write_locked(self._settle, places)
        self._wrong(found)

    async def _settle_blobs(self, subject: Subject, keys: Sequence[str]) -> None:
        if not keys or not _rows(await self._database.survey(verify_blobs, subject, keys)):
            return
        await self._caught_up()
        self._wrong(await self._database.write_locked(self._put_right, subject, keys))

    async def _settle_people(self, rows: Sequence[Counted], rooms: Mapping[int, Room]) -> None:
        """Compare the repositories that count for people."""
        pairs = {
            (row.subject, row.repo_id)
            for row in rows
            if row.kind in (Kind.ARTIFACT, Kind.REPOSITORY) and row.repo_id in rooms and not is_project(row.subject)
        }
        if not pairs or not _rows(await self._database.survey(rooms_of_people, pairs)):
            return
        await self._caught_up()

        def put_right(connection: Connection) -> Difference:
            """Put it right while nobody counts."""
            checks.lock(connection)
            return self._change(connection, rooms_of_people(connection, pairs))

        self._wrong(await self._database.write_locked(put_right))

    async def _drop_homeless(self, rows: Sequence[Counted]) -> None:
        """Drop what is counted in repositories that are no more."""
        if rows:
            self._wrong(await self._database.write_locked(self._drop, rows))

    async def _settle_sum(self, subject: Subject) -> None:
        def compare(connection: Connection) -> Amounts:
            """Return by how much the sum is less than what it is the sum of."""
            return _less(counted.summed(connection, subject), counted.standing(connection, subject).used)

        if await self._database.survey(compare) == Amounts():
            return

        def put_right(connection: Connection) -> Amounts:
            """Put it right while nobody counts."""
            checks.lock(connection)
            missing = compare(connection)
            counted.add(connection, {subject: missing}, self._clock())
            notice(connection, [subject], self._clock())
            return missing

        missing = await self._database.write_locked(put_right)
        if not self._blamed(subject):
            return
        self._check = replace(
            self._check,
            repaired=self._check.repaired + (missing != Amounts()),
            drift_bytes=self._check.drift_bytes + abs(missing.bytes),
        )

    async def _caught_up(self) -> None:
        """Wait until what was to be counted now has been, for a while."""
        since = self._clock()
        for _ in range(round(CAUGHT_UP_SECONDS / POLL_SECONDS)):
            waiting_since = await self._database.read(reservations.waiting_since)
            if waiting_since is None or waiting_since > since:
                return
            await self._pause(POLL_SECONDS)

    def _settle(self, connection: Connection, places: Places) -> Difference:
        checks.lock(connection)
        found = differences(connection, places)
        notice(connection, settle(connection, places, self._clock()).changed, self._clock())
        return found

    def _put_right(self, connection: Connection, subject: Subject, keys: Collection[str]) -> Difference:
        checks.lock(connection)
        return self._change(connection, verify_blobs(connection, subject, keys))

    def _drop(self, connection: Connection, rows: Collection[Counted]) -> Difference:
        checks.lock(connection)
        return self._change(connection, Difference(unwanted=set(rows)))

    def _change(self, connection: Connection, found: Difference) -> Difference:
        now = self._clock()
        notice(connection, counted.change(connection, found.wanted, found.unwanted, now), now)
        return found

    def _tidy(self, connection: Connection) -> None:
        now = self._clock()
        for account in limits.accounts(connection):
            limits.ensure_listed(connection, account)
        counted.forget_days(connection, now // DAY_MS - KEPT_DAYS)
        reservations.drop_expired(connection, now)

    def _wrong(self, found: Difference) -> None:
        rows = [row for row in _rows(found) if self._blamed(row.subject)]
        self._check = replace(
            self._check,
            repaired=self._check.repaired + len(rows),
            drift_bytes=self._check.drift_bytes + sum(row.bytes for row in rows),
        )

    def _note(self, count: int, report: Report) -> None:
        self._check = replace(self._check, looked_at=self._check.looked_at + count)
        report(self._check.looked_at)


def _blamed(connection: Connection) -> Callable[[Subject], bool]:
    """Return what tells whether something that differs was counted wrong, or was not to be counted before."""
    last = checks.last(connection)
    if last is None or last.finished_at is None:
        return lambda _subject: False
    people = {
        each for each in limits.accounts(connection) if limits.find(connection, each).changed_at < last.started_at
    }
    return lambda subject: is_project(subject) or subject in people


def _rows(found: Difference) -> list[Counted]:
    return [*found.wanted, *found.unwanted]


def _places(rows: Sequence[Counted], kind: Kind, rooms: Collection[int]) -> list[Place]:
    return [(row.repo_id, row.key) for row in rows if row.kind is kind and row.repo_id in rooms]


def _less(there: Amounts, known: Amounts) -> Amounts:
    return Amounts(*(there.of(each) - known.of(each) for each in Resource))
