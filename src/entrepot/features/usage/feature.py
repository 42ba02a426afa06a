# SPDX-License-Identifier: Apache-2.0
"""Usage, as the application lists it."""

from entrepot.features.usage.handlers import FreshFigures
from entrepot.features.usage.jobs import fold_kind
from entrepot.features.usage.service import Usage
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.platform import Platform


def _mount(platform: Platform) -> Parts:
    usage = Usage(platform.database, platform.clock)
    return Parts(listeners=(FreshFigures(usage),), jobs=(fold_kind(usage),))


feature: Feature[Platform] = Feature(name="usage", needs=("projects",), mount=_mount)
