# SPDX-License-Identifier: Apache-2.0
"""A guard on a real database."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from entrepot.features.guardrails import Guard
from entrepot.features.guardrails import InForce
from entrepot.features.guardrails import Simulations
from entrepot.features.guardrails.models import Guardrail
from entrepot.features.guardrails.models import GuardrailException
from entrepot.features.guardrails.store import exceptions
from entrepot.features.guardrails.store import guardrails
from entrepot.features.guardrails.store import simulations as store
from tests.builders.instance import Instance
from tests.builders.instance import an_instance


@dataclass(frozen=True, slots=True)
class Guarded:
    """An instance and what guards it; guardrails are set in its database, as another process does."""

    instance: Instance
    in_force: InForce
    simulations: Simulations
    guard: Guard

    async def set(self, guardrail: Guardrail) -> None:
        """Store a guardrail, and let it count."""
        await self.instance.database.write(guardrails.add, guardrail)
        await self.in_force.refresh()

    async def exempt(self, given: GuardrailException) -> None:
        """Store an exception, and let it count."""
        await self.instance.database.write(exceptions.add, given)
        await self.in_force.refresh()

    async def counted(self, name: str) -> dict[str, int]:
        """Return how often each place is listed for what a guardrail would have refused; `` for all others."""
        await self.simulations.flush()
        listed = await self.instance.database.read(store.newest, name, 10_000)
        others = await self.instance.database.read(store.others, name)
        return {each.place: each.count for each in [*listed, *([others] if others else [])]}


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    """Hold an instance without guardrails."""
    with an_instance(tmp_path) as instance:
        in_force = InForce(instance.database, instance.clock)
        simulations = Simulations(instance.database, instance.clock)
        yield Guarded(instance, in_force, simulations, Guard(instance.database, in_force, simulations, instance.clock))
