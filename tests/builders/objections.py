# SPDX-License-Identifier: Apache-2.0
"""What guardrails object to on an instance."""

from entrepot.features.guardrails import Guard
from entrepot.features.guardrails import GuardrailObjections
from entrepot.features.guardrails import InForce
from entrepot.features.guardrails import Simulations
from tests.builders.instance import Instance


def objections_of(instance: Instance) -> GuardrailObjections:
    """Return what the guardrails that are set by now object to."""
    in_force, simulations = InForce(instance.database, instance.clock), Simulations(instance.database, instance.clock)
    return GuardrailObjections(instance.database, Guard(instance.database, in_force, simulations, instance.clock))
