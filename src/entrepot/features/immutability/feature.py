# SPDX-License-Identifier: Apache-2.0
"""Immutability, as the application lists it."""

from entrepot.features.immutability.cli import immutability_commands
from entrepot.features.immutability.gate import ImmutabilityGate
from entrepot.features.immutability.keeping import Keeper
from entrepot.features.immutability.looking import Looking
from entrepot.features.immutability.routes import ImmutabilityRoutes
from entrepot.features.immutability.service import Immutability
from entrepot.features.projects import ProjectRights
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(name="immutability", needs=("access", "projects"), commands=(immutability_commands,))


def immutability_parts(platform: Platform, project_rights: ProjectRights) -> Parts:
    """Return what immutability adds to a running application. Blocks: it reads the rules."""
    keeper = Keeper(platform.database, platform.clock)
    immutability = Immutability(platform, keeper, project_rights)
    routes = ImmutabilityRoutes(immutability, Looking(platform, keeper, project_rights), ApiCallers(platform.rights))
    return Parts(routes=(routes.router(),), gates=(ImmutabilityGate(keeper),), tasks=(keeper.in_force.run,))
