# SPDX-License-Identifier: Apache-2.0
"""Modes, as the application lists them."""

from entrepot.features.modes.cli import mode_commands
from entrepot.features.modes.routes import ModeRoutes
from entrepot.features.modes.service import ModeControl
from entrepot.features.projects import ProjectRights
from entrepot.features.projects import Projects
from entrepot.infra.http.api import Changes
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.modes import Modes
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(name="modes", needs=("projects",), commands=(mode_commands,))


TAKEN_IN_EVERY_MODE = frozenset({"sessions", "modes", "garbage", "preview_deletion"})
"""What is taken while nothing may be changed: all of a noun of the management API, or one operation.

Collection asks by itself before it begins a run; to pause it and to ask what it would do change nothing.
"""


def changes_in(modes: Modes) -> Changes:
    """Return when requests to the management API that may change something are taken."""
    return Changes(modes.require_changing, spared=TAKEN_IN_EVERY_MODE)


def mode_parts(platform: Platform, projects: Projects, rights: ProjectRights) -> Parts:
    """Return what modes add to a running application."""
    control = ModeControl(platform, projects, rights)
    return Parts(routes=(ModeRoutes(control, ApiCallers(platform.rights)).router(),))
