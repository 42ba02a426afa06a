# SPDX-License-Identifier: Apache-2.0
"""Sessions, as the application lists them."""

from functools import partial

from entrepot.features.sessions.jobs import EVERY_HOUR
from entrepot.features.sessions.jobs import TIDY
from entrepot.features.sessions.jobs import forget_ended
from entrepot.features.sessions.logins import Logins
from entrepot.features.sessions.own import OwnSessions
from entrepot.features.sessions.routes import SessionRoutes
from entrepot.features.sessions.service import Sessions
from entrepot.features.sessions.settings import SessionSettings
from entrepot.infra.http.logins import LoginChanged
from entrepot.infra.jobs.regular import regular_kind
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.api_callers import ApiCallers
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(
    name="sessions", needs=("identity", "second_factors", "tokens"), settings=SessionSettings
)


def session_parts(
    platform: Platform, sessions: Sessions, logins: Logins, public_url: str
) -> tuple[Parts, LoginChanged]:
    """Return what sessions add to a running application, and what changes of logins are told to."""
    own = OwnSessions(sessions, platform.rights)
    routes = SessionRoutes(sessions, logins, own, ApiCallers(platform.rights), public_url)
    tidying = regular_kind(platform.clock, TIDY, EVERY_HOUR, partial(forget_ended, platform.database, sessions.limits))
    parts = Parts(routes=(routes.router(),), jobs=(tidying,))
    return parts, routes.login_changed
