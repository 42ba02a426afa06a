# SPDX-License-Identifier: Apache-2.0
"""Invitations, as the application lists them."""

from entrepot.features.invitations.cli import invitation_commands
from entrepot.features.invitations.routes import InvitationRoutes
from entrepot.features.invitations.service import Invitations
from entrepot.infra.http.challenge import Challenger
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(
    name="invitations",
    needs=("break_glass", "grants", "groups", "identity", "roles", "tokens"),
    commands=(invitation_commands,),
)


def invitation_parts(platform: Platform, invitations: Invitations, challenger: Challenger, path_prefix: str) -> Parts:
    """Return what invitations add to a running application."""
    routes = InvitationRoutes(invitations, challenger, path_prefix, ApiCallers(platform.rights))
    return Parts(routes=(routes.router(),))
