# SPDX-License-Identifier: Apache-2.0
"""Approvals, as the application lists them."""

from functools import partial

from entrepot.features.approvals.cli import approval_commands
from entrepot.features.approvals.jobs import EVERY_HOUR
from entrepot.features.approvals.jobs import TIDY
from entrepot.features.approvals.jobs import forget_old
from entrepot.features.approvals.routes import ApprovalRoutes
from entrepot.features.approvals.rules import Rules
from entrepot.features.approvals.service import Approvals
from entrepot.features.approvals.settings import ApprovalSettings
from entrepot.infra.jobs.regular import regular_kind
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(
    name="approvals",
    needs=("access", "groups", "identity", "projects", "roles"),
    settings=ApprovalSettings,
    commands=(approval_commands,),
)


def approval_parts(platform: Platform, settings: ApprovalSettings) -> Parts:
    """Return what approvals add to a running application."""
    routes = ApprovalRoutes(Approvals(platform, settings), Rules(platform), ApiCallers(platform.rights))
    tidying = regular_kind(platform.clock, TIDY, EVERY_HOUR, partial(forget_old, platform.database))
    return Parts(routes=(routes.router(),), jobs=(tidying,))
