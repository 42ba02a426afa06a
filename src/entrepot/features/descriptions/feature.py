# SPDX-License-Identifier: Apache-2.0
"""Descriptions, as the application lists them."""

from entrepot.features.descriptions.cli import description_commands
from entrepot.features.descriptions.routes import DescriptionRoutes
from entrepot.features.descriptions.service import Descriptions
from entrepot.features.projects import ProjectRights
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(name="descriptions", needs=("projects",), commands=(description_commands,))


def description_parts(platform: Platform, project_rights: ProjectRights) -> Parts:
    """Return what descriptions add to a running application."""
    routes = DescriptionRoutes(Descriptions(platform, project_rights), ApiCallers(platform.rights))
    return Parts(routes=(routes.router(),))
