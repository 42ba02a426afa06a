# SPDX-License-Identifier: Apache-2.0
"""Facts about use that the database may not, or cannot, take: put aside on this machine, and stored later.

They keep the moment at which they were put aside, which is that of their use to
within seconds.
"""

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from itertools import islice

import msgspec

from entrepot.infra.events.spill import Spill
from entrepot.infra.events.spill import Spilled
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.pull_facts import Fact

LIMIT_BYTES = 64 * 1024 * 1024
"""Of one process: about 400,000 kinds of use."""

FACTS_PER_RECORD = 1_000

StoreAt = Callable[[Mapping[Fact, int], Milliseconds], Awaitable[None]]
"""Stores facts of this moment. Raises `DatabaseUnavailable`."""


class _Batch(msgspec.Struct, frozen=True, array_like=True):
    at: int
    facts: list[tuple[Fact, int]]


_decoder = msgspec.json.Decoder(_Batch)


class FactsAside:
    """Puts facts into a file, and stores them once that is possible."""

    def __init__(self, spill: Spill, store: StoreAt, may_store: Callable[[], Awaitable[bool]], clock: Clock) -> None:
        """Ask `may_store` whether the database may be written to."""
        self._spill = spill
        self._store = store
        self._may_store = may_store
        self._clock = clock

    @property
    def waiting_bytes(self) -> int:
        """How much waits."""
        return self._spill.waiting_bytes

    async def is_needed(self) -> bool:
        """Tell whether facts have to be put aside now."""
        return not await self._may_store()

    async def put(self, facts: Mapping[Fact, int]) -> int:
        """Keep facts; return how many uses there was no room for."""
        return await asyncio.to_thread(self._put, facts)

    async def give_back(self) -> None:
        """Store what was put aside, unless it still may not be. What cannot be stored stays; the failure is raised."""
        while not await self.is_needed():
            record = await asyncio.to_thread(self._spill.first)
            if record is None:
                return
            batch = _read(record)
            if batch is not None:
                await self._store(dict(batch.facts), Milliseconds(batch.at))
            await asyncio.to_thread(self._spill.taken, record)

    def _put(self, facts: Mapping[Fact, int]) -> int:
        dropped, at = 0, self._clock()
        for part in _parts(facts):
            if not self._spill.append(msgspec.json.encode(_Batch(at, part))):
                dropped += sum(count for _, count in part)
        return dropped


def _parts(facts: Mapping[Fact, int]) -> Iterator[list[tuple[Fact, int]]]:
    left = iter(facts.items())
    while part := list(islice(left, FACTS_PER_RECORD)):
        yield part


def _read(record: Spilled) -> _Batch | None:
    """Read a batch; None for what this version does not understand, which is worth no stop."""
    try:
        return _decoder.decode(record.content)
    except msgspec.DecodeError:
        return None
