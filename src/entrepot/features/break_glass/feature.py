# SPDX-License-Identifier: Apache-2.0
"""Break-glass access, as the application lists it."""

from functools import partial

from entrepot.features.access import GrantAuthorizer
from entrepot.features.access import Standings
from entrepot.features.break_glass.cli import break_glass_commands
from entrepot.features.break_glass.eligible import Eligibilities
from entrepot.features.break_glass.jobs import END
from entrepot.features.break_glass.jobs import EVERY_MINUTE
from entrepot.features.break_glass.jobs import tell_ends
from entrepot.features.break_glass.routes import BreakGlassRoutes
from entrepot.features.break_glass.service import BreakGlass
from entrepot.features.grants import GrantGuard
from entrepot.infra.jobs.regular import regular_kind
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(
    name="break_glass", needs=("access", "grants", "groups", "identity", "roles"), commands=(break_glass_commands,)
)


def break_glass_parts(
    platform: Platform, authorizer: GrantAuthorizer, standings: Standings, guard: GrantGuard
) -> Parts:
    """Return what break-glass access adds to a running application."""
    glass = BreakGlass(platform, authorizer)
    eligibilities = Eligibilities(platform, standings, guard)
    routes = BreakGlassRoutes(glass, eligibilities, ApiCallers(platform.rights))
    telling = regular_kind(platform.clock, END, EVERY_MINUTE, partial(tell_ends, platform.database))
    return Parts(routes=(routes.router(),), jobs=(telling,))
