# SPDX-License-Identifier: Apache-2.0
"""Facts about use: added up in memory, stored once a second, never in the way of a pull.

A crash loses at most the last second. While the database may not take them, or is
away, they go to a file of this machine (`registry/facts_aside.py`). A GET of a manifest by a client is a pull,
a GET or HEAD by tag a resolution of that tag; a HEAD by digest says that the
manifest is in use, and counts nothing.
"""

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from typing import NamedTuple
from typing import Protocol

from entrepot.infra.telemetry.metrics import Kind
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.infra.telemetry.metrics import Metric
from entrepot.kernel.errors import Unavailable
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.store.repositories import RepositoryId

FLUSH_SECONDS = 1.0
FLUSH_FACTS = 1_000
MAX_FACTS = 50_000

WAITING = Metric("entrepot_pull_facts_waiting", "Kinds of use that are not stored yet.", Kind.GAUGE)
ASIDE = Metric("entrepot_pull_facts_aside_bytes", "Uses that wait in a file to be stored, in bytes.", Kind.GAUGE)
DROPPED = Metric("entrepot_pull_facts_dropped", "Uses that were not stored because too many waited.", Kind.COUNTER)


class Fact(NamedTuple):
    """One kind of use of one manifest by one client; `repo_id` is None for what an origin served."""

    repo_id: RepositoryId | None
    repository: RepositoryName
    digest: Digest
    tag: TagName | None
    is_pull: bool
    principal: str
    address: str
    agent: str
    credential: str = ""


class Aside(Protocol):
    """Where facts go that cannot be stored now."""

    @property
    def waiting_bytes(self) -> int:
        """How much waits there."""

    async def is_needed(self) -> bool:
        """Tell whether nothing may be stored now."""

    async def put(self, facts: dict[Fact, int]) -> int:
        """Keep facts; return how many uses there was no room for."""

    async def give_back(self) -> None:
        """Store what was kept, as far as that is possible now."""


class PullFacts:
    """A bounded buffer of facts and the task that empties it."""

    def __init__(
        self,
        store: Callable[[dict[Fact, int]], Awaitable[None]],
        aside: Aside | None = None,
        *,
        is_strict: bool = False,
    ) -> None:
        """Without `aside`, what cannot be stored stays in the buffer."""
        self._store = store
        self._aside = aside
        self.is_strict = is_strict
        """Whether a pull is answered only once it is stored, with what others recorded meanwhile (`flush`)."""
        self._turn = asyncio.Lock()
        self._facts: dict[Fact, int] = {}
        self._is_full = asyncio.Event()
        self.dropped = 0
        """How many facts were lost because the database did not take them in time."""

    def record(self, fact: Fact) -> None:
        """Remember one use. Costs a dictionary entry; drops the fact when the buffer is full."""
        self._add(fact, 1)

    def measure(self) -> Iterator[Measurement]:
        """Yield how many facts wait and how many were lost."""
        yield Measurement(WAITING, [len(self._facts)])
        yield Measurement(DROPPED, [self.dropped])
        yield Measurement(ASIDE, [self._aside.waiting_bytes if self._aside else 0])

    async def flush(self) -> None:
        """Store what was recorded, or put it aside. On failure it stays in the buffer and the failure is raised."""
        async with self._turn:
            await self._flush()

    async def _flush(self) -> None:
        facts, self._facts = self._facts, {}
        self._is_full.clear()
        if self._aside is None:
            await self._store_now(facts)
        elif await self._aside.is_needed():
            await self._put_aside(self._aside, facts)
        else:
            try:
                await self._store_now(facts)
            except Unavailable:
                facts, self._facts = self._facts, {}
                await self._put_aside(self._aside, facts)
                raise
            await self._aside.give_back()

    async def _store_now(self, facts: dict[Fact, int]) -> None:
        if not facts:
            return
        try:
            await self._store(facts)
        except Exception:
            newer, self._facts = self._facts, facts
            for fact, count in newer.items():
                self._add(fact, count)
            raise

    async def _put_aside(self, aside: Aside, facts: dict[Fact, int]) -> None:
        if facts:
            self.dropped += await aside.put(facts)

    async def run(self, on_error: Callable[[Exception], None]) -> None:
        """Flush every second, or sooner when a thousand facts wait, until cancelled."""
        while True:
            try:
                async with asyncio.timeout(FLUSH_SECONDS):
                    await self._is_full.wait()
            except TimeoutError:
                pass
            try:
                await self.flush()
            except Exception as error:  # noqa: BLE001 - facts wait for a database that comes back
                on_error(error)
                await asyncio.sleep(FLUSH_SECONDS)

    def _add(self, fact: Fact, count: int) -> None:
        facts = self._facts
        if fact in facts:
            facts[fact] += count
        elif len(facts) < MAX_FACTS:
            facts[fact] = count
            if len(facts) == FLUSH_FACTS:
                self._is_full.set()
        else:
            self.dropped += count
