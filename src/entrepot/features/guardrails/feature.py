# SPDX-License-Identifier: Apache-2.0
"""Guardrails, as the application lists them."""

from functools import partial

from entrepot.features.guardrails.cli import guardrail_commands
from entrepot.features.guardrails.exempting import Exempting
from entrepot.features.guardrails.gate import GuardrailGate
from entrepot.features.guardrails.guard import Guard
from entrepot.features.guardrails.in_force import InForce
from entrepot.features.guardrails.jobs import EVERY_HOUR
from entrepot.features.guardrails.jobs import TIDY
from entrepot.features.guardrails.jobs import forget_old
from entrepot.features.guardrails.routes import GuardrailRoutes
from entrepot.features.guardrails.service import Guardrails
from entrepot.features.guardrails.simulations import Simulations
from entrepot.features.projects import ProjectRights
from entrepot.infra.jobs.regular import regular_kind
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(
    name="guardrails",
    needs=("access", "grants", "groups", "identity", "projects", "roles"),
    commands=(guardrail_commands,),
)


def guardrail_parts(
    platform: Platform, guard: Guard, in_force: InForce, simulations: Simulations, project_rights: ProjectRights
) -> Parts:
    """Return what guardrails add to a running application."""
    guardrails = Guardrails(platform, in_force, simulations, project_rights)
    routes = GuardrailRoutes(guardrails, Exempting(platform, guardrails), ApiCallers(platform.rights))
    tidying = regular_kind(platform.clock, TIDY, EVERY_HOUR, partial(forget_old, platform.database))
    return Parts(
        routes=(routes.router(),),
        gates=(GuardrailGate(guard),),
        jobs=(tidying,),
        tasks=(in_force.run, simulations.run),
    )
