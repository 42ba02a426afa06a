# SPDX-License-Identifier: Apache-2.0
"""The guardrails in force, in the memory of one process.

Every process reads them once a second, so that what it knows is at most two seconds
old and no request waits for it. While the database is away, what was known goes on to count.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from entrepot.features.guardrails.evaluate import Rules
from entrepot.features.guardrails.store import guardrails as store
from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.kernel.clock import Clock

READ_EVERY_SECONDS = 1.0
FRESH_SECONDS = 2.0
READ_SECONDS = 0.02
"""How long a gate waits for what is too old: less than gates have."""


class InForce:
    """What guardrails there are, as this process knows."""

    def __init__(self, database: Database, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Read them. Blocks: for start-up, outside the event loop. Raises `DatabaseUnavailable`."""
        self._database = database
        self._clock = clock
        self._monotonic = monotonic
        self._stored = database.snapshot_now(store.everything, clock())
        self._rules = Rules(*self._stored)
        self._asked_at = monotonic()
        self._asked = self._answered = 0

    @property
    def rules(self) -> Rules:
        """What is known, without asking."""
        return self._rules

    async def current(self) -> Rules:
        """Return what is known, after reading it where it is too old, as when the machine was asleep."""
        if self._monotonic() - self._asked_at >= FRESH_SECONDS:
            with suppress(DatabaseUnavailable, TimeoutError):
                async with asyncio.timeout(READ_SECONDS):
                    await self.refresh()
        return self._rules

    async def refresh(self) -> None:
        """Read them now, so that a change counts at once. Raises `DatabaseUnavailable`."""
        self._asked += 1
        turn = self._asked
        self._asked_at = self._monotonic()
        stored = await self._database.snapshot(store.everything, self._clock())
        if turn > self._answered:
            self._answered = turn
            if stored != self._stored:
                self._stored, self._rules = stored, Rules(*stored)

    async def run(self, every_seconds: float = READ_EVERY_SECONDS) -> None:
        """Read them again and again, until cancelled."""
        while True:
            await asyncio.sleep(every_seconds)
            with suppress(DatabaseUnavailable):
                await self.refresh()
