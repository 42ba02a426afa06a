# SPDX-License-Identifier: Apache-2.0
"""Projects, as the application lists them."""

from entrepot.features.projects.cli import project_commands
from entrepot.features.projects.founding import Lifetime
from entrepot.features.projects.handlers import FirstPushes
from entrepot.features.projects.routes import ProjectRoutes
from entrepot.features.projects.service import Projects
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(name="projects", needs=("roles",), commands=(project_commands,))


def project_parts(platform: Platform, projects: Projects, lifetime: Lifetime) -> Parts:
    """Return what projects add to a running application."""
    return Parts(
        routes=(ProjectRoutes(projects, ApiCallers(platform.rights)).router(),),
        listeners=(FirstPushes(lifetime),),
    )
