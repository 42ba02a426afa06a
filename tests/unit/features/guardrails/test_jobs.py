# SPDX-License-Identifier: Apache-2.0
"""Forgetting what ended, and what was simulated, long ago."""

import pytest

from entrepot.features.guardrails.jobs import KEPT_ENDED_MS
from entrepot.features.guardrails.jobs import KEPT_SIMULATED_MS
from entrepot.features.guardrails.jobs import forget_old
from entrepot.features.guardrails.models import Deed
from entrepot.features.guardrails.models import GuardrailKind
from entrepot.features.guardrails.store import exceptions
from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.clock import after
from tests.builders.guardrail_words import a_guardrail
from tests.builders.guardrail_words import an_exception
from tests.unit.features.guardrails.conftest import Guarded

CLOSED = a_guardrail("closed", GuardrailKind.NO_PUBLIC, "**")

pytestmark = pytest.mark.anyio


async def test_exceptions_are_listed_for_a_month_after_their_end(guarded: Guarded) -> None:
    """And not for longer."""
    now = guarded.instance.clock()
    await guarded.set(CLOSED)
    for age in (0, 1):
        await guarded.exempt(an_exception("closed", "", "", after(now, -KEPT_ENDED_MS - age)))
    await forget_old(guarded.instance.database, now)

    left = await guarded.instance.database.read(exceptions.page, "closed", "", 10)
    assert [each.terms.expires_at for each in left] == [after(now, -KEPT_ENDED_MS)]


async def test_what_was_simulated_is_listed_for_ninety_days(guarded: Guarded) -> None:
    """Since it last happened."""
    await guarded.set(CLOSED)
    for name in ("old", "new"):
        guarded.simulations.note("closed", ANONYMOUS, Deed.OPEN, name)
        await guarded.simulations.flush()
        guarded.instance.clock.advance(1)
    await forget_old(guarded.instance.database, after(guarded.instance.clock(), KEPT_SIMULATED_MS - 1))

    assert await guarded.counted("closed") == {"new": 1}
