# SPDX-License-Identifier: Apache-2.0
"""What this process lets pass: in memory up to an allotment, beyond that told to every other process first.

For each limited subject a process knows what is counted, what others told, and what it let pass itself that is not
counted yet. All three are sets of things, so nothing is counted twice however often it is pushed. What it lets pass
without telling is at most an allotment; so all processes together exceed a limit by at most an allotment each.
See docs/adr/0037-quotas.md.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field

from sqlalchemy import Connection

from entrepot.features.quotas.models import Amounts
from entrepot.features.quotas.models import Item
from entrepot.features.quotas.models import Kind
from entrepot.features.quotas.models import Limits
from entrepot.features.quotas.models import Subject
from entrepot.features.quotas.models import amounts_of
from entrepot.features.quotas.store import reservations
from entrepot.features.quotas.store.reservations import ItemPlace
from entrepot.features.quotas.store.reservations import Seen
from entrepot.features.quotas.telling import Shortage
from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.identifiers import new_ulid

SEEN_SECONDS = 1.0
"""How old what is known of others may be while everything fits."""
HELD_SECONDS = 30.0
"""What passed and is not counted by then did not happen: the push was refused by something else, or its client went."""
TOLD_MS = 60 * SECOND_MS
"""For how long others mind what a process told that is not heard of again."""
TEND_EVERY_SECONDS = 1.0
MAX_BOOKS = 10_000
"""Of so many subjects a process remembers what it saw."""


@dataclass(slots=True)
class _Passed:
    """One thing that was let pass, when, and whether the others were told."""

    item: Item
    at: float
    since: Milliseconds
    causes: set[ItemPlace]
    """The artifacts and tags with which it came: where all of them are gone again, it is not on its way any more."""
    is_told: bool = False


@dataclass(slots=True)
class _Book:
    """What this process knows of one subject."""

    seen: Seen | None = None
    seen_at: float = 0.0
    passed: dict[ItemPlace, _Passed] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def total(self, more: Iterable[Item] = ()) -> Amounts:
        """Return what is used with all that passed, and more."""
        seen = self.seen or Seen(Amounts(), frozenset(), frozenset())
        items = {item.place: item for item in seen.others}
        items |= {place: each.item for place, each in self.passed.items()}
        items |= {item.place: item for item in more}
        return seen.used + amounts_of(items.values())

    def untold(self, more: Iterable[Item] = ()) -> Amounts:
        """Return what passed that the others do not know of, and more."""
        items = {place: each.item for place, each in self.passed.items() if not each.is_told}
        items |= {item.place: item for item in more}
        return amounts_of(items.values())

    def forget(self, gone: Collection[ItemPlace]) -> None:
        """Forget what came with artifacts and tags that are gone again, and with nothing else."""
        self.passed = {place: each for place, each in self.passed.items() if not each.causes <= set(gone)}

    def learn(self, seen: Seen, at: float, given_up: float) -> None:
        """Take in what was seen: what is counted has passed no longer, nor what passed before a moment and is not."""
        self.seen, self.seen_at = seen, at
        self.passed = {
            place: each for place, each in self.passed.items() if place not in seen.counted and each.at >= given_up
        }


@dataclass(frozen=True, slots=True)
class Passing:
    """What came of a wish: how much is used with it, and what is short if it may not pass."""

    used: Amounts
    short: Shortage | None = None


class Ledger:
    """What this process lets pass, by subject. A crash loses it: what the others were told of it expires."""

    def __init__(self, database: Database, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.node = new_ulid()
        self._database = database
        self._clock = clock
        self._monotonic = monotonic
        self._books: OrderedDict[Subject, _Book] = OrderedDict()

    async def admit(self, subject: Subject, limits: Limits, wanted: Collection[Item]) -> Passing:
        """Let things pass, none of which counts yet, if they fit. Raises `DatabaseUnavailable`."""
        book = self._book(subject)
        async with book.lock:
            await self._look_if_old(subject, book)
            new = [item for item in wanted if item.place not in book.passed]
            causes = _causes(wanted)
            short = _short(limits, book, new)
            if short is not None:
                # Something may have gone, or count by now: nobody is refused by what is not true any more.
                await self._forget_gone(book)
                new = await self._look(subject, book, [item for item in wanted if item.place not in book.passed])
                short = _short(limits, book, new)
            for place in {item.place for item in wanted} & book.passed.keys():
                book.passed[place].causes |= causes
            if short is None and _exceeds_allotment(limits, book.untold(new)):
                short = await self._tell(subject, limits, book, new)
            if short is None:
                self._pass(book, new, causes)
            return Passing(book.total(), short)

    async def room(self, subject: Subject, limits: Limits, wanted: Collection[Item]) -> Passing:
        """Tell whether things would pass now, and let nothing pass. Raises `DatabaseUnavailable`."""
        book = self._book(subject)
        async with book.lock:
            await self._look_if_old(subject, book)
            short = _short(limits, book, wanted)
            if short is not None:
                await self._forget_gone(book)
                short = _short(limits, book, await self._look(subject, book, wanted))
            return Passing(book.total(), short)

    def release(self, subject: Subject, items: Iterable[Item]) -> None:
        """Take back what passed and was refused by something else. What others were told of it expires."""
        book = self._book(subject)
        for item in items:
            book.passed.pop(item.place, None)

    async def tend(self) -> None:
        """Look at what passed: forget what counts or never will, and let what others were told live on.

        Raises `DatabaseUnavailable`.
        """
        for subject, book in list(self._books.items()):
            if not book.passed:
                continue
            async with book.lock:
                told = {place for place, each in book.passed.items() if each.is_told}
                await self._look(subject, book)
                if told:
                    await self._tell_again(subject, book)

    async def run(self, every_seconds: float = TEND_EVERY_SECONDS) -> None:
        """Tend it again and again, until cancelled."""
        while True:
            await asyncio.sleep(every_seconds)
            with suppress(DatabaseUnavailable):
                await self.tend()

    def _book(self, subject: Subject) -> _Book:
        book = self._books.setdefault(subject, _Book())
        self._books.move_to_end(subject)
        if len(self._books) > MAX_BOOKS:
            oldest = next(iter(self._books))
            if not self._books[oldest].passed:
                del self._books[oldest]
        return book

    async def _look_if_old(self, subject: Subject, book: _Book) -> None:
        if book.seen is None or self._monotonic() - book.seen_at >= SEEN_SECONDS:
            await self._look(subject, book)

    async def _look(self, subject: Subject, book: _Book, more: Collection[Item] = ()) -> list[Item]:
        """Learn what there is now; return those of some things that do not count."""
        at, now = self._monotonic(), self._clock()
        own = [*(each.item for each in book.passed.values()), *more]
        seen = await self._database.snapshot(reservations.see, subject, self.node, own, now)
        given_up = at - HELD_SECONDS
        if any(each.at < given_up for each in book.passed.values()):
            waiting_since = await self._database.read(reservations.waiting_since)
            if waiting_since is not None:
                given_up -= max(0, now - waiting_since) / SECOND_MS
        book.learn(seen, at, given_up)
        return [item for item in more if item.place not in seen.counted]

    async def _forget_gone(self, book: _Book) -> None:
        """Forget what was pushed and deleted so soon that it was never seen to count."""
        causes = {cause: each.since for each in book.passed.values() for cause in each.causes}
        if causes:
            book.forget(await self._database.snapshot(reservations.gone, causes))

    def _pass(self, book: _Book, new: Iterable[Item], causes: set[ItemPlace]) -> None:
        at, now = self._monotonic(), self._clock()
        for item in new:
            told = book.passed.get(item.place)
            book.passed[item.place] = _Passed(item, at, now, set(causes), is_told=told is not None and told.is_told)

    async def _tell(self, subject: Subject, limits: Limits, book: _Book, new: Collection[Item]) -> Shortage | None:
        """Tell the others of all that passed and of what is wanted, if that fits; else say what is short."""
        passed = dict(book.passed)
        own = [*(each.item for each in passed.values()), *new]
        at, now = self._monotonic(), self._clock()
        node, until = self.node, after(now, TOLD_MS)

        def tell(connection: Connection) -> tuple[Seen, Shortage | None]:
            """Look, one process after another, and tell if it fits."""
            reservations.lock(connection, subject)
            seen = reservations.see(connection, subject, node, own, now)
            left = {place: each for place, each in passed.items() if place not in seen.counted}
            more = [item for item in new if item.place not in seen.counted]
            short = _short(limits, _Book(seen, at, left), more)
            if short is None:
                items = [*(each.item for each in left.values()), *more]
                reservations.publish(connection, subject, node, items, (now, until))
            return seen, short

        seen, short = await self._database.write_locked(tell)
        book.learn(seen, at, at - 2 * HELD_SECONDS)
        if short is None:
            for item in new:
                book.passed[item.place] = _Passed(item, at, now, set())
            for each in book.passed.values():
                each.is_told = True
        return short

    async def _tell_again(self, subject: Subject, book: _Book) -> None:
        """Tell the others what is left of what they were told."""
        own = [each.item for each in book.passed.values() if each.is_told]
        now = self._clock()
        times = (now, after(now, TOLD_MS))
        await self._database.write_locked(reservations.publish, subject, self.node, own, times)


def _short(limits: Limits, book: _Book, new: Collection[Item]) -> Shortage | None:
    """Return what is short of the first resource that things do not fit into; None where they fit, or add nothing."""
    before, with_it = book.total(), book.total(new)
    for resource, limit in limits.given():
        needed = with_it.of(resource) - before.of(resource)
        if with_it.of(resource) > limit and needed > 0:
            return Shortage(resource, before.of(resource), limit, needed)
    return None


def _causes(wanted: Collection[Item]) -> set[ItemPlace]:
    """Return the artifacts that something comes with, or the tags where it comes without."""
    artifacts = {item.place for item in wanted if item.kind is Kind.ARTIFACT}
    return artifacts or {item.place for item in wanted if item.kind is Kind.TAG}


def _exceeds_allotment(limits: Limits, untold: Amounts) -> bool:
    return any(untold.of(resource) > limits.allotment(resource) for resource, _ in limits.given())
