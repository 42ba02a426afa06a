# SPDX-License-Identifier: Apache-2.0
"""Counting what guardrails would have refused."""

import asyncio

import pytest

from entrepot.features.guardrails.models import Deed
from entrepot.features.guardrails.models import GuardrailKind
from entrepot.features.guardrails.models import GuardrailMode
from entrepot.features.guardrails.simulations import MAX_LISTED
from entrepot.features.guardrails.simulations import MAX_WAITING
from entrepot.features.guardrails.store import guardrails as store
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from tests.builders.guardrail_words import a_guardrail
from tests.unit.features.guardrails.conftest import Guarded

ALICE = Principal(PrincipalKind.USER, "alice")
TRIAL = a_guardrail("trial", GuardrailKind.PUSH_BY_MACHINES, "**", mode=GuardrailMode.SIMULATE)

pytestmark = pytest.mark.anyio


async def test_the_same_is_added_up(guarded: Guarded) -> None:
    """Before it is stored, and after."""
    await guarded.set(TRIAL)
    for _ in range(3):
        guarded.simulations.note("trial", ALICE, Deed.PUSH, "team/app")
    await guarded.simulations.flush()
    guarded.simulations.note("trial", ALICE, Deed.PUSH, "team/app")

    assert await guarded.counted("trial") == {"team/app": 4}


async def test_what_is_too_much_is_counted_and_not_listed(guarded: Guarded) -> None:
    """Neither what waits nor what is stored grows with how many names somebody tries."""
    await guarded.set(TRIAL)
    for number in range(MAX_WAITING + 5):
        guarded.simulations.note("trial", ALICE, Deed.PUSH, f"team/{number}")
    await guarded.simulations.flush()
    for name in ("team/0", "team/new"):
        guarded.simulations.note("trial", ALICE, Deed.PUSH, name)
    counted = await guarded.counted("trial")

    assert len(counted) == MAX_LISTED + 1
    assert (counted["team/0"], counted[""]) == (2, 6)


async def test_what_a_guardrail_that_is_gone_would_have_refused_is_forgotten(guarded: Guarded) -> None:
    """What others would have refused is stored all the same."""
    await guarded.set(TRIAL)
    for name in ("gone", "trial"):
        guarded.simulations.note(name, ALICE, Deed.TAG, "team/app:v1")
    await guarded.simulations.flush()
    before = await guarded.counted("trial")
    await guarded.instance.database.write(store.remove, "trial")

    assert before == {"team/app:v1": 1}
    assert await guarded.counted("trial") == {}


async def test_it_is_stored_when_the_process_ends(guarded: Guarded) -> None:
    """Every second, and once more on being cancelled."""
    await guarded.set(TRIAL)
    task = asyncio.create_task(guarded.simulations.run())
    await asyncio.sleep(0)
    guarded.simulations.note("trial", ALICE, Deed.DELETE, "team/app")
    task.cancel()
    await asyncio.wait({task})

    assert await guarded.counted("trial") == {"team/app": 1}
