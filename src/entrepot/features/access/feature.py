# SPDX-License-Identifier: Apache-2.0
"""Access, as the application lists it."""

from entrepot.features.access.cli import access_commands
from entrepot.features.access.explain import Explanations
from entrepot.features.access.explain import Objections
from entrepot.features.access.routes import AccessRoutes
from entrepot.features.access.service import GrantAuthorizer
from entrepot.features.projects import ProjectVisibility
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(
    name="access", needs=("groups", "identity", "projects", "roles"), commands=(access_commands,)
)


def access_parts(
    platform: Platform, authorizer: GrantAuthorizer, visibility: ProjectVisibility, objections: Objections
) -> Parts:
    """Return what access adds to a running application."""
    explanations = Explanations(platform.database, platform.rights, authorizer, visibility, platform.clock, objections)
    return Parts(routes=(AccessRoutes(explanations, ApiCallers(platform.rights)).router(),))
