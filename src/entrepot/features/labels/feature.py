# SPDX-License-Identifier: Apache-2.0
"""Labels and notes, as the application lists them."""

from entrepot.features.labels.cli import label_commands
from entrepot.features.labels.cli import note_commands
from entrepot.features.labels.notes import Notes
from entrepot.features.labels.routes import LabelRoutes
from entrepot.features.labels.service import Labels
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform


def _mount(platform: Platform) -> Parts:
    routes = LabelRoutes(Labels(platform), Notes(platform), ApiCallers(platform.rights))
    return Parts(routes=(routes.router(),))


feature: Feature[Platform] = Feature(name="labels", commands=(label_commands, note_commands), mount=_mount)
