# SPDX-License-Identifier: Apache-2.0
"""Facts about use that cannot be stored now: put aside, and stored once with the moment of their use."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.infra.events.spill import Spill
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.reference import TagName
from entrepot.registry.facts_aside import FACTS_PER_RECORD
from entrepot.registry.facts_aside import FactsAside
from entrepot.registry.pull_facts import Fact
from entrepot.registry.pull_facts import PullFacts
from entrepot.registry.store.repositories import RepositoryId
from tests.builders.core import REPOSITORY
from tests.builders.manifests import an_image_manifest
from tests.fakes.settable_clock import SettableClock

pytestmark = pytest.mark.anyio

DIGEST = an_image_manifest().digest


class Recorder:
    """A database of facts that may be closed to writing, or away."""

    def __init__(self, folder: Path, limit_bytes: int = 10_000_000) -> None:
        self.clock = SettableClock()
        self.is_open, self.is_away = True, False
        self.stored: list[tuple[dict[Fact, int], int]] = []
        aside = FactsAside(Spill(folder, limit_bytes, lambda: 0.0), self.store_at, self.may_store, self.clock)
        self.facts = PullFacts(self.store_now, aside)

    async def may_store(self) -> bool:
        """Tell whether it is open."""
        return self.is_open

    async def store_at(self, facts: Mapping[Fact, int], at: Milliseconds) -> None:
        """Store facts, unless it is away."""
        if self.is_away:
            raise DatabaseUnavailable
        self.stored.append((dict(facts), at))

    async def store_now(self, facts: Mapping[Fact, int]) -> None:
        """Store facts of now."""
        await self.store_at(facts, self.clock())


def a_fact(number: int = 0, tag: str | None = "1") -> Fact:
    """Make a fact, each number another one."""
    named = None if tag is None else TagName(tag)
    return Fact(RepositoryId(7), REPOSITORY, DIGEST, named, True, f"user:{number}", "192.0.2.1", "a client")


async def test_facts_of_a_closed_database_are_stored_later(tmp_path: Path) -> None:
    """With the moment at which they were put aside, each batch once, after what is new."""
    recorder = Recorder(tmp_path)
    recorder.is_open, used_at = False, recorder.clock()
    recorder.facts.record(a_fact())
    recorder.facts.record(a_fact())
    recorder.facts.record(a_fact(1, tag=None))
    await recorder.facts.flush()
    recorder.is_open = True
    recorder.clock.advance(60_000)
    recorder.facts.record(a_fact(2))
    await recorder.facts.flush()
    await recorder.facts.flush()

    assert recorder.stored == [({a_fact(2): 1}, used_at + 60_000), ({a_fact(): 2, a_fact(1, tag=None): 1}, used_at)]


async def test_facts_of_a_database_that_is_away_are_stored_later(tmp_path: Path) -> None:
    """The failure is told, and nothing waits in memory; what fails halfway goes on where it failed."""
    recorder = Recorder(tmp_path)
    recorder.is_away = True
    for number in range(2):
        recorder.facts.record(a_fact(number))
        with pytest.raises(DatabaseUnavailable):
            await recorder.facts.flush()
    with pytest.raises(DatabaseUnavailable):
        await recorder.facts.flush()
    recorder.is_away = False
    await recorder.facts.flush()

    assert [facts for facts, _ in recorder.stored] == [{a_fact(): 1}, {a_fact(1): 1}]


async def test_many_facts_are_stored_a_part_at_a_time(tmp_path: Path) -> None:
    """A thousand to a transaction."""
    recorder = Recorder(tmp_path)
    recorder.is_open = False
    for number in range(2 * FACTS_PER_RECORD + 1):
        recorder.facts.record(a_fact(number))
    await recorder.facts.flush()
    recorder.is_open = True
    await recorder.facts.flush()

    assert [len(facts) for facts, _ in recorder.stored] == [FACTS_PER_RECORD, FACTS_PER_RECORD, 1]


async def test_uses_without_room_are_counted(tmp_path: Path) -> None:
    """They are lost, and the number of lost ones tells how many."""
    recorder = Recorder(tmp_path, limit_bytes=10)
    recorder.is_open = False
    recorder.facts.record(a_fact())
    recorder.facts.record(a_fact())
    await recorder.facts.flush()

    assert recorder.facts.dropped == 2


async def test_what_is_not_understood_is_passed_over(tmp_path: Path) -> None:
    """A batch that another version wrote stops nothing."""
    recorder = Recorder(tmp_path)
    spill = Spill(tmp_path, 1_000, lambda: 0.0)
    await asyncio.to_thread(spill.append, b'{"of": "another version"}')
    aside = FactsAside(spill, recorder.store_at, recorder.may_store, recorder.clock)
    assert await aside.put({a_fact(): 1}) == 0
    await aside.give_back()

    assert [facts for facts, _ in recorder.stored] == [{a_fact(): 1}]
