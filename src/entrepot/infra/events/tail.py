# SPDX-License-Identifier: Apache-2.0
"""The newest rows of the outbox, kept in memory for any number of readers that want to hear of them at once.

Nothing is looked at while nobody reads. A reader keeps its own place and asks for
what is behind it, so one that is slow costs nothing but finds, in the end, that
what it wants is no longer in memory.
"""

import asyncio
from bisect import bisect_right
from collections.abc import Callable
from collections.abc import Sequence
from itertools import islice
from typing import Generic
from typing import NamedTuple
from typing import TypeVar

import structlog

from entrepot.infra.database.engine import Database
from entrepot.infra.events import outbox
from entrepot.infra.events.outbox import BEGINNING
from entrepot.infra.events.outbox import Cursor
from entrepot.infra.events.outbox import OutboxRow
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.events.pacing import wait_for_ring

T = TypeVar("T")

LOOK_SECONDS = 0.1
"""How often it is asked whether anything was committed, by whichever process; costs some microseconds.

Where a doorbell rings for that, it is asked then, and every second.
"""
RETRY_SECONDS = 1.0
BATCH_ROWS = 500
KEPT_ROWS = 2_000
KEPT_CHARACTERS = 4 * 1024 * 1024
"""The rows in memory are no more than this of each, apart from the newest batch."""

log = structlog.get_logger(__name__)


class TailRow(NamedTuple, Generic[T]):
    """One row: its place, and what was read from it; None if this version does not understand it."""

    cursor: Cursor
    event: T | None
    characters: int


class Tail(Generic[T]):
    """Follows the outbox in one task for all readers of this process. Holds no connection while nothing happens."""

    def __init__(
        self,
        database: Database,
        decode: Callable[[OutboxRow], T],
        commits: Doorbell | None = None,
        *,
        kept_rows: int = KEPT_ROWS,
    ) -> None:
        """`commits` may be heard everywhere: then it rings for the commits of all processes."""
        self._database = database
        self._commits = commits or Doorbell()
        self._decode = decode
        self._kept_rows = kept_rows
        self._news = Doorbell()
        self._readers = 0
        self._following: asyncio.Task[None] | None = None
        self._floor = self._end = BEGINNING
        self._rows: list[TailRow[T]] = []
        self._characters = 0
        self._stamp: outbox.Stamp | None = None

    async def join(self) -> None:
        """Count one more reader, who hears everything behind `end`, and must `leave`. Raises `DatabaseUnavailable`."""
        if self._following is None:
            end = await self._database.read(outbox.end)
            if self._following is None:
                self._floor = self._end = end
                self._following = asyncio.create_task(self._follow())
        self._readers += 1

    def leave(self) -> None:
        """Count one reader less; with the last of them, looking ends and everything is forgotten."""
        self._readers -= 1
        if self._readers == 0 and self._following is not None:
            self._following.cancel()
            self._following = None
            self._rows, self._characters, self._stamp = [], 0, None

    @property
    def end(self) -> Cursor:
        """The place behind the newest row that was seen."""
        return self._end

    def next_ring(self) -> asyncio.Event:
        """Return what is set at the next news. Take it before looking, so that nothing is missed."""
        return self._news.next_ring()

    def behind(self, cursor: Cursor, limit: int) -> Sequence[TailRow[T]] | None:
        """Return the next rows behind `cursor`, none if it is the end; None if they are not in memory any more."""
        if cursor < self._floor:
            return None
        first = bisect_right(self._rows, cursor, key=_cursor)
        return list(islice(self._rows, first, first + limit))

    async def read_back(self, cursor: Cursor, limit: int) -> Sequence[TailRow[T]]:
        """Return the next rows behind `cursor` from the database, in memory or not."""
        return [self._row(row) for row in await self._database.read(outbox.read_after, cursor, limit)]

    async def back(self, count: int) -> Cursor:
        """Return the place with `count` rows behind it, or that before the oldest row if there are no more."""
        return await self._database.read(outbox.back, count)

    async def is_kept(self, cursor: Cursor) -> bool:
        """Tell whether everything behind `cursor` can still be read, in memory or from the database."""
        if self._floor <= cursor <= self._end:
            return True
        return await self._database.read(outbox.is_kept, cursor)

    async def _follow(self) -> None:
        while True:
            ring = self._commits.next_ring()
            try:
                has_more = await self._look()
            except Exception as error:  # noqa: BLE001 - readers wait for a database that comes back
                log.warning("tail.not_read", error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if self._commits.is_heard_everywhere and not has_more:
                await wait_for_ring(ring)
            else:
                await asyncio.sleep(0 if has_more else LOOK_SECONDS)

    async def _look(self) -> bool:
        """Take in what is new; tell whether more may be waiting."""
        stamp = await self._database.read(outbox.stamp)
        if stamp is not None and stamp == self._stamp:
            return False
        rows = await self.read_back(self._end, BATCH_ROWS)
        if rows:
            self._rows += rows
            self._characters += sum(row.characters for row in rows)
            self._end = rows[-1].cursor
            self._trim(len(rows))
            self._news.ring()
        if len(rows) == BATCH_ROWS:
            return True
        self._stamp = stamp
        return False

    def _trim(self, newest: int) -> None:
        """Forget the oldest rows, as far as there are too many, but none of the `newest`."""
        forgotten = 0
        for row in islice(self._rows, len(self._rows) - newest):
            if len(self._rows) - forgotten <= self._kept_rows and self._characters <= KEPT_CHARACTERS:
                break
            forgotten += 1
            self._characters -= row.characters
            self._floor = row.cursor
        del self._rows[:forgotten]

    def _row(self, row: OutboxRow) -> TailRow[T]:
        try:
            event = self._decode(row)
        except ValueError as error:
            log.warning("tail.row_not_understood", id=row.id, type=row.type, error=str(error))
            return TailRow(row.cursor, None, len(row.payload))
        return TailRow(row.cursor, event, len(row.payload))


def _cursor(row: TailRow[T]) -> Cursor:
    return row.cursor
