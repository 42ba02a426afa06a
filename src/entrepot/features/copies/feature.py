# SPDX-License-Identifier: Apache-2.0
"""Copies, as the application lists them."""

from entrepot.features.copies.cli import copy_commands
from entrepot.features.copies.handlers import LateReferrers
from entrepot.features.copies.routes import CopyRoutes
from entrepot.features.copies.running import Running
from entrepot.features.copies.service import Copies
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform


def _mount(platform: Platform) -> Parts:
    routes = CopyRoutes(Copies(platform), ApiCallers(platform.rights), platform.clock)
    return Parts(
        routes=(routes.router(),),
        listeners=(LateReferrers(platform.clock, platform.doorbell),),
        jobs=Running(platform).kinds(),
    )


feature: Feature[Platform] = Feature(name="copies", needs=("access",), commands=(copy_commands,), mount=_mount)
