# SPDX-License-Identifier: Apache-2.0
"""What is put together before grants mean anything: guardrails, and that somebody can administer the registry."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.guardrails import Guard
from entrepot.features.guardrails import InForce
from entrepot.features.guardrails import Simulations
from entrepot.features.identity import Users
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import Clock


@dataclass(frozen=True, slots=True)
class Guarding:
    """What stands above grants: the guardrails and whoever asks them, and that somebody can administer the registry."""

    in_force: InForce
    simulations: Simulations
    guard: Guard
    require_another_way_in: Callable[[Connection, str], None]


def guarding_of(database: Database, users: Users, clock: Clock) -> Guarding:
    """Put them together."""
    in_force, simulations = InForce(database, clock), Simulations(database, clock)
    guard = Guard(database, in_force, simulations, clock)
    return Guarding(in_force, simulations, guard, users.require_another_way_in)
