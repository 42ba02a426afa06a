# SPDX-License-Identifier: Apache-2.0
"""The loop that delivers, in every server process: claims what is due, attempts it, and writes down what came of it.

Results and claims share a transaction, so that a burst of deliveries costs few. What one receiver does is no other's
business: each has a few places, one that fails has one, and all that fail together have half of what there are.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog
from sqlalchemy import Connection

from entrepot.features.webhooks.queue import Claimed
from entrepot.features.webhooks.queue import Result
from entrepot.features.webhooks.queue import Verdict
from entrepot.features.webhooks.store import lanes
from entrepot.features.webhooks.store import results
from entrepot.features.webhooks.store.lanes import Due
from entrepot.features.webhooks.store.lanes import Room
from entrepot.infra.database.engine import Database
from entrepot.infra.events.pacing import wait_for_ring
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import after
from entrepot.kernel.errors import Unavailable

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much one process sends at once, whatever others send. A lease outlasts every attempt, and is no longer than
    it has to be: a lane of a process that died waits for its end."""

    slots: int = 32
    of_webhook: int = 4
    of_failing: int = 1
    """Of a webhook whose last attempt failed."""
    all_failing: int = 16
    """Of all those together."""
    lease_ms: int = 30_000
    poll_seconds: float = 0.5
    gather_seconds: float = 0.02
    """Results that come within this share a transaction."""


class Attempts(Protocol):
    """What a delivery is attempted by."""

    async def attempt(self, claimed: Claimed) -> Result:
        """Try once, and tell what came of it."""

    async def close(self) -> None:
        """Let go of what it holds."""


class Deliverer:
    """Delivers until it is cancelled; whatever it was at then is given back."""

    def __init__(self, database: Database, delivering: Attempts, clock: Clock, capacity: Capacity = Capacity()) -> None:
        self._database = database
        self._delivering = delivering
        self._clock = clock
        self._capacity = capacity
        self._running: dict[asyncio.Task[None], Claimed] = {}
        self._results: list[Result] = []
        self._news = asyncio.Event()

    @property
    def is_busy(self) -> bool:
        """Whether something is being sent, or what came of it is not written down yet."""
        return bool(self._running or self._results)

    async def run(self) -> None:
        """Deliver until cancelled."""
        try:
            while True:
                self._news = asyncio.Event()
                if not await self._try_turn():
                    await wait_for_ring(self._news, self._capacity.poll_seconds)
                await asyncio.sleep(self._capacity.gather_seconds)
        finally:
            await self.leave()

    async def turn(self) -> bool:
        """Write down what came of attempts, and begin others, whatever there is; tell whether there was anything."""
        finished, self._results = self._results, []
        try:
            due = await self._database.read(lanes.due, self._clock())
            rooms = self._rooms(due)
            if not finished and not rooms:
                return False
            claimed = await self._database.write_locked(self._settle_and_claim, finished, rooms)
        except BaseException:
            self._results = finished + self._results
            raise
        for each in claimed:
            self._running[asyncio.create_task(self._attempt(each))] = each
        return bool(finished or claimed)

    async def _try_turn(self) -> bool:
        try:
            return await self.turn()
        except Unavailable as error:
            log.warning("webhooks.not_written", error=error.message)
            return False

    def _settle_and_claim(
        self, connection: Connection, finished: Sequence[Result], rooms: Sequence[Room]
    ) -> list[Claimed]:
        now = self._clock()
        results.settle(connection, finished, now)
        return lanes.claim(connection, rooms, now, after(now, self._capacity.lease_ms))

    def _rooms(self, due: Sequence[Due]) -> list[Room]:
        """Share the places that are free among webhooks, at random, so that none is always the last."""
        capacity = self._capacity
        running = Counter(claimed.sender.webhook.id for claimed in self._running.values())
        free = capacity.slots - len(self._running)
        free_failing = capacity.all_failing - sum(
            claimed.sender.webhook.failing_since is not None for claimed in self._running.values()
        )
        rooms = []
        for each in random.sample(due, len(due)):
            most = capacity.of_failing if each.is_failing else capacity.of_webhook
            room = min(most - running[each.webhook_id], free, free_failing if each.is_failing else free)
            if room > 0:
                rooms.append(Room(each.webhook_id, room))
                free -= room
                free_failing -= room if each.is_failing else 0
        return rooms

    async def _attempt(self, claimed: Claimed) -> None:
        task = asyncio.current_task()
        result = Result(claimed, Verdict.POSTPONED, self._clock(), "we had to stop")
        try:
            result = await self._delivering.attempt(claimed)
        except Exception as error:
            log.exception("webhooks.not_attempted", webhook=claimed.sender.webhook.id)
            result = Result(claimed, Verdict.FAILED, result.at, f"nothing was sent: {type(error).__name__}")
        finally:
            self._results.append(result)
            if task is not None:
                del self._running[task]
            self._news.set()

    async def leave(self) -> None:
        """Stop what is being sent, and give it back."""
        tasks = list(self._running)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        never_begun = [Result(each, Verdict.POSTPONED, self._clock()) for each in self._running.values()]
        finished, self._results = [*self._results, *never_begun], []
        self._running.clear()
        try:
            if finished:
                await self._database.write_locked(results.settle, finished, self._clock())
        except Unavailable as error:
            log.warning("webhooks.not_given_back", error=error.message)
        await self._delivering.close()
