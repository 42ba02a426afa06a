# SPDX-License-Identifier: Apache-2.0
"""Robots, as the application lists them."""

from entrepot.features.robots.cli import robot_commands
from entrepot.features.robots.routes import RobotRoutes
from entrepot.features.robots.service import Robots
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(
    name="robots",
    needs=("access", "grants", "groups", "identity", "projects", "roles", "tokens"),
    commands=(robot_commands,),
)


def robot_parts(platform: Platform, robots: Robots) -> Parts:
    """Return what robots add to a running application."""
    return Parts(routes=(RobotRoutes(robots, ApiCallers(platform.rights)).router(),))
