# SPDX-License-Identifier: Apache-2.0
"""Holds, as the application lists them."""

from entrepot.features.holds.cli import hold_commands
from entrepot.features.holds.routes import HoldRoutes
from entrepot.features.holds.service import Holds
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform


def _mount(platform: Platform) -> Parts:
    routes = HoldRoutes(Holds(platform), ApiCallers(platform.rights), platform.clock)
    return Parts(routes=(routes.router(),))


feature: Feature[Platform] = Feature(name="holds", commands=(hold_commands,), mount=_mount)
