# SPDX-License-Identifier: Apache-2.0
"""A process that collects with zero grace, its steps in any order, until it is killed."""

import asyncio
import os
import random
from collections import Counter
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import IntegrityError

from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.infra.database.engine import sqlstate
from entrepot.infra.database.postgresql import CONFLICTS
from entrepot.registry.reclaim import Reclaim
from tests.builders.core import RunningCore
from tests.collection.broken import ORDERS
from tests.collection.place import CrashError
from tests.collection.place import Place

AT_ONCE = 2
COUNTS = "collected"
LONGEST_PAUSE_SECONDS = 0.05
"""Between two acts, so that there is time to push for who shares the database."""

STEPS_TOGETHER = 100
"""A step takes few rows, and an act goes on with it as the collector does."""


def collect_until_killed(place: Place, seed: int) -> None:
    """Be the process."""
    asyncio.run(_collect(place, seed))


def counts_of(folder: Path) -> Counter[str]:
    """Add up what every collector did, also those that were killed."""
    counts: Counter[str] = Counter()
    file = folder / COUNTS
    for line in file.read_text().splitlines() if file.exists() else ():
        what, _, number = line.rpartition(" ")
        counts[what] += int(number)
    return counts


async def _collect(place: Place, seed: int) -> None:
    dice = random.Random(seed)
    running = place.open(crashes=dice)
    collectors = [_Collector(running, place, random.Random(seed + number)) for number in range(AT_ONCE)]
    await asyncio.gather(*(collector.run() for collector in collectors))


class _Collector:
    def __init__(self, running: RunningCore, place: Place, dice: random.Random) -> None:
        self._running = running
        self._steps = ORDERS.get(place.broken, Reclaim)(running.core, lambda: 0)
        self._dice = dice
        self._counts = os.open(place.folder / COUNTS, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def run(self) -> None:
        """Do one step after the other for ever."""
        acts = [self._purge, self._find_unused, self._unlink, self._remove_blobs, self._delete_objects, self._tidy_up]
        while True:
            try:
                await self._dice.choice(acts)()
            except CrashError:
                self._count("crashes injected", 1)
            except DatabaseUnavailable:
                self._count("collector found the database busy", 1)
            except IntegrityError:
                self._count("removals refused by a foreign key", 1)
            except DBAPIError as error:
                if sqlstate(error) not in CONFLICTS:
                    raise
                self._count("collector gave up after conflicts", 1)
            await asyncio.sleep(self._dice.uniform(0, LONGEST_PAUSE_SECONDS))

    async def _purge(self) -> None:
        outcome, place = await self._steps.purge(None)
        self._count("manifests purged", outcome.manifests)
        while place is not None:
            outcome, place = await self._steps.purge(place)
            self._count("manifests purged", outcome.manifests)

    async def _find_unused(self) -> None:
        for _ in range(STEPS_TOGETHER):
            if not await self._steps.find_unused():
                break

    async def _unlink(self) -> None:
        for _ in range(STEPS_TOGETHER):
            outcome = await self._steps.unlink()
            self._count("links removed", outcome.links)
            if not outcome.looked_at:
                break

    async def _remove_blobs(self) -> None:
        for _ in range(STEPS_TOGETHER):
            outcome = await self._steps.remove_blobs()
            self._count("blobs removed", outcome.blobs)
            if not outcome.looked_at:
                break

    async def _delete_objects(self) -> None:
        self._count("objects deleted", len((await self._steps.delete_objects()).objects))

    async def _tidy_up(self) -> None:
        await self._steps.drop_ended_holds()
        self._count("uploads ended", await self._running.uploads.expire())

    def _count(self, what: str, number: int) -> None:
        """Write it down at once: nothing else survives a kill."""
        if number:
            os.write(self._counts, f"{what} {number}\n".encode())
