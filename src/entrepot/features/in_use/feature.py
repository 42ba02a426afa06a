# SPDX-License-Identifier: Apache-2.0
"""What runs, as the application lists it."""

from entrepot.features.in_use.cli import in_use_commands
from entrepot.features.in_use.routes import InUseRoutes
from entrepot.features.in_use.service import InUse
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform


def _mount(platform: Platform) -> Parts:
    return Parts(routes=(InUseRoutes(InUse(platform), ApiCallers(platform.rights)).router(),))


feature: Feature[Platform] = Feature(name="in_use", commands=(in_use_commands,), mount=_mount)
