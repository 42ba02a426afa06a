# SPDX-License-Identifier: Apache-2.0
"""Robots, as the application lists them."""

from functools import partial

from entrepot.features.access import GrantAuthorizer
from entrepot.features.grants import Grants
from entrepot.features.projects import ProjectRights
from entrepot.features.projects import Projects
from entrepot.features.robots.cli import robot_commands
from entrepot.features.robots.delegation import Delegation
from entrepot.features.robots.jobs import EVERY_DAY
from entrepot.features.robots.jobs import WARN
from entrepot.features.robots.jobs import warn_of_ends
from entrepot.features.robots.lifetimes import Lifetimes
from entrepot.features.robots.rotation import RobotSecrets
from entrepot.features.robots.routes import RobotRoutes
from entrepot.features.robots.service import Robots
from entrepot.features.robots.settings import RobotSettings
from entrepot.infra.jobs.regular import regular_kind
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(
    name="robots",
    needs=("access", "grants", "groups", "guardrails", "identity", "projects", "quotas", "roles", "tokens"),
    settings=RobotSettings,
    commands=(robot_commands,),
)


def robot_parts(
    platform: Platform,
    settings: RobotSettings,
    authorizer: GrantAuthorizer,
    grants: Grants,
    projects: Projects,
    project_rights: ProjectRights,
) -> Parts:
    """Return what robots add to a running application."""
    lifetimes = Lifetimes(settings)
    delegation = Delegation(platform, authorizer, grants, project_rights)
    robots = Robots(platform, authorizer, projects, delegation, lifetimes)
    of_secrets = RobotSecrets(platform, delegation, lifetimes)
    routes = RobotRoutes(robots, of_secrets, lifetimes, ApiCallers(platform.rights))
    warning = regular_kind(platform.clock, WARN, EVERY_DAY, partial(warn_of_ends, platform.database, lifetimes.warn_ms))
    return Parts(routes=(routes.router(),), jobs=(warning,))
