# SPDX-License-Identifier: Apache-2.0
"""History, as the application lists it."""

from entrepot.features.history.cli import history_commands
from entrepot.features.history.routes import HistoryRoutes
from entrepot.features.history.service import TagHistory
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform


def _mount(platform: Platform) -> Parts:
    history = TagHistory(platform.database, platform.rights, platform.undelete)
    return Parts(routes=(HistoryRoutes(history, ApiCallers(platform.rights)).router(),))


feature: Feature[Platform] = Feature(name="history", commands=(history_commands,), mount=_mount)
