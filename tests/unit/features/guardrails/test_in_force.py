# SPDX-License-Identifier: Apache-2.0
"""What guardrails a process knows of."""

import asyncio
from pathlib import Path

import pytest

from entrepot.features.guardrails.in_force import FRESH_SECONDS
from entrepot.features.guardrails.in_force import InForce
from entrepot.features.guardrails.models import Deed
from entrepot.features.guardrails.models import GuardrailKind
from entrepot.features.guardrails.simulations import Simulations
from entrepot.features.guardrails.store import guardrails as store
from entrepot.features.guardrails.store.simulations import newest as listed
from entrepot.kernel.access import ANONYMOUS
from tests.builders.guardrail_words import a_guardrail
from tests.fakes.cut_database import CutDatabase
from tests.fakes.settable_clock import SettableClock
from tests.unit.features.guardrails.conftest import Guarded

CLOSED = a_guardrail("closed", GuardrailKind.NO_PUBLIC, "**")

pytestmark = pytest.mark.anyio


async def test_what_another_process_set_is_known_within_two_seconds(guarded: Guarded) -> None:
    """Before that, nothing is read: an answer comes from memory."""
    now = [0.0]
    in_force = await asyncio.to_thread(InForce, guarded.instance.database, guarded.instance.clock, lambda: now[0])
    await guarded.instance.database.write(store.add, CLOSED)
    with guarded.instance.traced_reads() as statements:
        before = (await in_force.current()).rules
    now[0] += FRESH_SECONDS

    assert (before, statements) == ((), [])
    assert [rule.guardrail for rule in (await in_force.current()).rules] == [CLOSED]


async def test_a_task_keeps_it_fresh(guarded: Guarded) -> None:
    """So that no request has to wait for it."""
    await guarded.instance.database.write(store.add, CLOSED)
    task = asyncio.create_task(guarded.in_force.run(0))
    async with asyncio.timeout(30):
        while not guarded.in_force.rules.rules:
            await guarded.instance.database.read(store.count)
            await asyncio.sleep(0)
    task.cancel()

    assert [rule.guardrail for rule in guarded.in_force.rules.rules] == [CLOSED]


async def test_what_is_as_it_was_is_not_read_again(guarded: Guarded) -> None:
    """What was worked out of it stays."""
    await guarded.set(CLOSED)
    rules = guarded.in_force.rules
    await guarded.in_force.refresh()

    assert guarded.in_force.rules is rules


async def test_what_is_known_goes_on_to_count_while_the_database_is_away(tmp_path: Path) -> None:
    """Nothing opens because nobody can be asked; what would have been refused waits."""
    now = [0.0]
    database = await asyncio.to_thread(CutDatabase, tmp_path)
    await database.write(store.add, CLOSED)
    in_force = await asyncio.to_thread(InForce, database, SettableClock(), lambda: now[0])
    simulations = Simulations(database, SettableClock())
    simulations.note("closed", ANONYMOUS, Deed.OPEN, "team")
    database.is_away = True
    now[0] += FRESH_SECONDS
    await simulations.flush()
    left = [rule.guardrail for rule in (await in_force.current()).rules]
    database.is_away = False
    await simulations.flush()

    assert left == [CLOSED]
    assert len(await database.read(listed, "closed", 10)) == 1
    await asyncio.to_thread(database.close)
