# SPDX-License-Identifier: Apache-2.0
"""Guardrails: what must not happen whatever anybody was granted, set for a part of the registry by its administrators.

Grants say who may do something; guardrails are above grants, and nobody below can weaken them. See
docs/how-to/guardrails.md.
"""

from entrepot.features.guardrails.administering import GuardedProjects
from entrepot.features.guardrails.answering import GuardrailObjections
from entrepot.features.guardrails.guard import Guard
from entrepot.features.guardrails.in_force import InForce
from entrepot.features.guardrails.leaving import end_exceptions_of
from entrepot.features.guardrails.leaving import end_exceptions_within
from entrepot.features.guardrails.simulations import Simulations

__all__ = [
    "Guard",
    "GuardedProjects",
    "GuardrailObjections",
    "InForce",
    "Simulations",
    "end_exceptions_of",
    "end_exceptions_within",
]
