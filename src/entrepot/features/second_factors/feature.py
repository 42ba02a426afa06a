# SPDX-License-Identifier: Apache-2.0
"""Second factors, as the application lists them."""

from entrepot.features.second_factors.cli import second_factor_commands
from entrepot.features.second_factors.enrolment import Enrolment
from entrepot.features.second_factors.routes import SecondFactorRoutes
from entrepot.features.second_factors.settings import SecondFactorSettings
from entrepot.infra.http.logins import LoginChanged
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(
    name="second_factors",
    needs=("access", "groups", "identity", "roles", "tokens"),
    settings=SecondFactorSettings,
    commands=(second_factor_commands,),
)


def second_factor_parts(
    platform: Platform, enrolment: Enrolment, login_changed: LoginChanged, public_url: str
) -> Parts:
    """Return what second factors add to a running application."""
    routes = SecondFactorRoutes(enrolment, platform.rights, login_changed, public_url)
    return Parts(routes=(routes.router(),))
