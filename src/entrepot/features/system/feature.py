# SPDX-License-Identifier: Apache-2.0
"""The system, as the application lists it."""

from entrepot.features.system.cli import system_commands
from entrepot.features.system.routes import SystemRoutes
from entrepot.features.system.service import System
from entrepot.infra.http.challenge import Challenger
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(name="system", needs=("tokens",), commands=(system_commands,))


def system_parts(platform: Platform, system: System, challenger: Challenger) -> Parts:
    """Return what the system adds to a running application."""
    callers = ApiCallers(platform.rights)
    return Parts(routes=(SystemRoutes(system, challenger, callers, platform.clock).router(),))
