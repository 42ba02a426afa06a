# SPDX-License-Identifier: Apache-2.0
"""Roles, as the application lists them."""

from collections.abc import Callable

from entrepot.features.roles.aside import step_aside
from entrepot.features.roles.cli import role_commands
from entrepot.features.roles.routes import RoleRoutes
from entrepot.features.roles.service import Roles
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(name="roles", commands=(role_commands,))


def role_parts(platform: Platform, forget: Callable[[], None]) -> Parts:
    """Return what roles add to a running application."""
    platform.database.write_now(step_aside, platform.clock())
    return Parts(routes=(RoleRoutes(Roles(platform, forget), ApiCallers(platform.rights)).router(),))
