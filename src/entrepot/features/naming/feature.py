# SPDX-License-Identifier: Apache-2.0
"""Naming, as the application lists it."""

from entrepot.features.naming.cli import naming_commands
from entrepot.features.naming.gate import NamingGate
from entrepot.features.naming.looking import NamingLooking
from entrepot.features.naming.routes import NamingRoutes
from entrepot.features.naming.service import open_naming
from entrepot.features.projects import ProjectRights
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(
    name="naming", needs=("access", "artifacts", "projects"), commands=(naming_commands,)
)


def naming_parts(platform: Platform, project_rights: ProjectRights) -> Parts:
    """Return what naming adds to a running application. Blocks: it reads the rules."""
    gate = NamingGate(platform.database)
    naming = open_naming(platform, gate.in_force.refresh, project_rights)
    routes = NamingRoutes(naming, NamingLooking(platform, gate, project_rights), ApiCallers(platform.rights))
    return Parts(routes=(routes.router(),), gates=(gate,), tasks=(gate.in_force.run,))
