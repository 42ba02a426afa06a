# SPDX-License-Identifier: Apache-2.0
"""The dashboard, as the application lists it."""

from entrepot.features.dashboard.routes import DashboardRoutes
from entrepot.features.dashboard.service import Dashboard
from entrepot.features.usage import Usage
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform


def _mount(platform: Platform) -> Parts:
    dashboard = Dashboard(platform, Usage(platform.database, platform.clock))
    return Parts(routes=(DashboardRoutes(dashboard, ApiCallers(platform.rights)).router(),))


feature: Feature[Platform] = Feature(name="dashboard", needs=("usage",), mount=_mount)
