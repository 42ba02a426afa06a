# SPDX-License-Identifier: Apache-2.0
"""The rules in force, in the memory of one process.

Every process asks once a second for what was changed since it last asked, so that what it knows is at most two seconds
old, no request waits for it, and an unchanged book is never read again. While the database is away, what was known goes
on to count.
"""

import asyncio
import time
from collections.abc import Callable
from collections.abc import Sequence
from contextlib import suppress
from typing import Generic
from typing import TypeVar

from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.registry.store import rule_books as store
from entrepot.registry.store.rule_books import Book

ReadT = TypeVar("ReadT")

READ_EVERY_SECONDS = 1.0
FRESH_SECONDS = 2.0
READ_SECONDS = 0.02
"""How long a gate waits for what is too old: less than gates have."""


class InForce(Generic[ReadT]):
    """What rules of a noun there are, as this process knows. A book is read by `read` when it is first asked for."""

    def __init__(
        self,
        database: Database,
        noun: str,
        read: Callable[[Book], Sequence[ReadT]],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read the books. Blocks: for start-up, outside the event loop. Raises `DatabaseUnavailable`."""
        self._database = database
        self._noun = noun
        self._read = read
        self._monotonic = monotonic
        self._asked_at = monotonic()
        self._revision = 0
        self._books: dict[str, Book] = {}
        self._known: dict[str, Sequence[ReadT]] = {}
        self._learn(database.snapshot_now(store.changed_since, noun, 0))

    @property
    def is_empty(self) -> bool:
        """Whether there is no rule anywhere."""
        return not self._books

    def of(self, project: str) -> Sequence[ReadT]:
        """Return the rules of a project, in order, or those of the registry (`REGISTRY`)."""
        book = self._books.get(project)
        if book is None:
            return ()
        known = self._known.get(project)
        if known is None:
            known = self._known[project] = self._read(book)
        return known

    async def current(self) -> None:
        """Read what was changed, where what is known is too old, as when the machine was asleep."""
        if self._monotonic() - self._asked_at >= FRESH_SECONDS:
            with suppress(DatabaseUnavailable, TimeoutError):
                async with asyncio.timeout(READ_SECONDS):
                    await self.refresh()

    async def refresh(self) -> None:
        """Read now what was changed, so that it counts at once. Raises `DatabaseUnavailable`."""
        self._asked_at = self._monotonic()
        self._learn(await self._database.read(store.changed_since, self._noun, self._revision))

    async def run(self, every_seconds: float = READ_EVERY_SECONDS) -> None:
        """Read them again and again, until cancelled."""
        while True:
            await asyncio.sleep(every_seconds)
            with suppress(DatabaseUnavailable):
                await self.refresh()

    def _learn(self, changed: Sequence[Book]) -> None:
        for book in changed:
            if book.revision <= self._revision:
                continue
            self._revision = book.revision
            self._known.pop(book.project, None)
            if book.count:
                self._books[book.project] = book
            else:
                self._books.pop(book.project, None)
