# SPDX-License-Identifier: Apache-2.0
"""Guardrails: what must not happen whatever anybody was granted, set for a part of the registry by its administrators.

Grants say who may do something; guardrails are above grants, and nobody below can weaken them. See
docs/how-to/guardrails.md.
"""

from entrepot.features.guardrails.administering import GuardedProjects
from entrepot.features.guardrails.exempting import take_back
from entrepot.features.guardrails.guard import Guard
from entrepot.features.guardrails.in_force import InForce
from entrepot.features.guardrails.simulations import Simulations

__all__ = ["Guard", "GuardedProjects", "InForce", "Simulations", "take_back"]
