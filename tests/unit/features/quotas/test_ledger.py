# SPDX-License-Identifier: Apache-2.0
"""What processes let pass together: never more than an allotment each beyond a limit, whatever becomes of them."""

import asyncio

import pytest

from entrepot.features.quotas.ledger import HELD_SECONDS
from entrepot.features.quotas.ledger import TOLD_MS
from entrepot.features.quotas.ledger import Ledger
from entrepot.features.quotas.models import LEAST_ALLOTMENT_BYTES
from entrepot.features.quotas.models import MIB
from entrepot.features.quotas.models import Item
from entrepot.features.quotas.models import Kind
from entrepot.features.quotas.models import Limits
from entrepot.features.quotas.models import of_project
from entrepot.features.quotas.store import counted
from entrepot.features.quotas.store.counted import Counted
from entrepot.features.quotas.tables import quota_reservations
from entrepot.infra.database.engine import DatabaseUnavailable
from tests.builders.core import RunningCore
from tests.fakes.cut_database import CutDatabase
from tests.fakes.settable_clock import SettableClock
from tests.unit.features.quotas.conftest import Processes

TEAM = of_project("team")
GIB = 1024 * MIB
LIMITS = Limits(bytes=GIB)

pytestmark = pytest.mark.anyio


def a_blob(name: str, mib: int) -> Item:
    """Return a blob of so many MiB."""
    return Item(Kind.BLOB, "", name, mib * MIB)


async def passes(ledger: Ledger, *items: Item, limits: Limits = LIMITS) -> bool:
    """Tell whether things pass."""
    return (await ledger.admit(TEAM, limits, items)).short is None


async def count(running: RunningCore, *items: Item) -> None:
    """Count blobs, as happens a moment after they were pushed."""
    rows = [Counted(item.kind, 0, item.key, TEAM, item.bytes) for item in items]
    await running.database.write(counted.change, rows, [], running.clock())


async def test_a_process_exceeds_no_limit(start: Processes) -> None:
    """What it let pass counts at once, each thing once."""
    ledger = start()

    assert [await passes(ledger, a_blob(str(number), 300)) for number in (1, 2, 3, 4, 3)] == [
        True,
        True,
        True,
        False,
        True,
    ]


async def test_processes_exceed_a_limit_by_an_allotment_each(start: Processes) -> None:
    """However small the pieces are and whoever pushes them: more than an allotment is told to the others."""
    processes = [start() for _ in range(3)]
    passed = 0
    for number in range(2_000):
        piece = a_blob(str(number), 1)
        passed += await passes(processes[number % 3], piece)

    assert GIB <= passed * MIB <= GIB + 3 * LEAST_ALLOTMENT_BYTES


async def test_what_is_large_is_told_first(start: Processes) -> None:
    """Two processes let the same room be taken once."""
    one, other = start(), start()

    assert await passes(one, a_blob("one", 600))
    assert not await passes(other, a_blob("other", 600))
    assert await passes(other, a_blob("one", 600), a_blob("small", 300))


async def test_at_once_too(start: Processes) -> None:
    """Many pushes in several processes."""
    processes = [start() for _ in range(2)]
    tried = [passes(processes[number % 2], a_blob(str(number), 100)) for number in range(40)]

    assert sum(await asyncio.gather(*tried)) == 10


async def test_what_is_counted_passes_on(running: RunningCore, start: Processes) -> None:
    """It is taken off what passed: nothing counts twice, here and in other processes."""
    one, other = start(), start()
    assert await passes(one, a_blob("a", 600))
    await count(running, a_blob("a", 600))

    assert await passes(one, a_blob("b", 400))
    assert await passes(other, a_blob("c", 20))
    assert not await passes(other, a_blob("d", 100))


async def test_the_allotment_of_a_dead_process_expires(running: RunningCore, start: Processes) -> None:
    """Killed between what it let pass and the commit."""
    killed, other = start(), start()
    assert await passes(killed, a_blob("never", 900))
    assert not await passes(other, a_blob("other", 900))
    running.clock.advance(TOLD_MS + 1)

    assert await passes(other, a_blob("other", 900))


async def test_what_never_came_passes_no_longer(running: RunningCore, start: Processes) -> None:
    """A push that something else refused, or whose client went: nothing of it is left, nor told."""
    ledger, other = start(), start()
    assert await passes(ledger, a_blob("never", 900))
    running.clock.advance(round(HELD_SECONDS * 1000) + 1)
    await ledger.tend()

    assert await passes(other, a_blob("other", 900))
    tables = await running.tables()
    assert {row[0] for row in tables[quota_reservations.name]} == {TEAM}
    assert {row[4] for row in tables[quota_reservations.name]} == {"other"}


async def test_what_is_on_its_way_lives_on(running: RunningCore, start: Processes) -> None:
    """As long as its process does."""
    ledger, other = start(), start()
    assert await passes(ledger, a_blob("slow", 900))
    running.clock.advance(20_000)
    await ledger.tend()
    running.clock.advance(TOLD_MS - 10_000)

    assert not await passes(other, a_blob("other", 900))


async def test_what_was_taken_back_is_free(start: Processes) -> None:
    """As where the quota of somebody else refused the same push."""
    ledger = start()
    small = Limits(bytes=50 * MIB)
    assert await passes(ledger, a_blob("a", 40), limits=small)

    ledger.release(TEAM, [a_blob("a", 40)])

    assert await passes(ledger, a_blob("b", 40), limits=small)


async def test_nobody_passes_while_the_database_is_away(database: CutDatabase) -> None:
    """What was seen is good for a second; beyond that nobody knows."""
    clock = SettableClock()
    ledger = Ledger(database, clock, clock.monotonic)
    assert await passes(ledger, a_blob("a", 1))
    database.is_away = True
    clock.advance(2_000)

    with pytest.raises(DatabaseUnavailable):
        await passes(ledger, a_blob("b", 1))
    database.is_away = False
    assert await passes(ledger, a_blob("b", 1))
