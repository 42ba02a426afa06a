# SPDX-License-Identifier: Apache-2.0
"""Grants, as the application lists them."""

from functools import partial

from entrepot.features.grants.cli import grant_commands
from entrepot.features.grants.jobs import EVERY_HOUR
from entrepot.features.grants.jobs import TIDY
from entrepot.features.grants.jobs import forget_ended
from entrepot.features.grants.members import Members
from entrepot.features.grants.routes import GrantRoutes
from entrepot.features.grants.service import Grants
from entrepot.features.projects import ProjectRights
from entrepot.features.projects import Projects
from entrepot.infra.jobs.regular import regular_kind
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(
    name="grants", needs=("access", "groups", "identity", "projects", "roles"), commands=(grant_commands,)
)


def grant_parts(platform: Platform, grants: Grants, projects: Projects, project_rights: ProjectRights) -> Parts:
    """Return what grants add to a running application."""
    members = Members(platform, grants, projects, project_rights)
    routes = GrantRoutes(grants, members, ApiCallers(platform.rights))
    tidying = regular_kind(platform.clock, TIDY, EVERY_HOUR, partial(forget_ended, platform.database))
    return Parts(routes=(routes.router(),), jobs=(tidying,))
