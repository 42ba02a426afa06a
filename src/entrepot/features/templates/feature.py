# SPDX-License-Identifier: Apache-2.0
"""Templates, as the application lists them."""

from entrepot.features.projects import Projects
from entrepot.features.templates.cli import template_commands
from entrepot.features.templates.rights import TemplateRights
from entrepot.features.templates.routes import TemplateRoutes
from entrepot.features.templates.service import Templates
from entrepot.features.templates.starting import Starting
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(
    name="templates",
    needs=("access", "grants", "groups", "identity", "projects", "robots", "roles"),
    commands=(template_commands,),
)


def template_parts(platform: Platform, projects: Projects, rights: TemplateRights, starting: Starting) -> Parts:
    """Return what templates add to a running application."""
    templates = Templates(platform, projects, rights, starting)
    return Parts(routes=(TemplateRoutes(templates, ApiCallers(platform.rights)).router(),))
