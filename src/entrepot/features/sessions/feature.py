# SPDX-License-Identifier: Apache-2.0
"""Sessions, as the application lists them."""

from entrepot.features.sessions.jobs import EVERY_HOUR
from entrepot.features.sessions.jobs import TIDY
from entrepot.features.sessions.jobs import TidyPayload
from entrepot.features.sessions.jobs import tidy_kind
from entrepot.features.sessions.logins import Logins
from entrepot.features.sessions.own import OwnSessions
from entrepot.features.sessions.routes import SessionRoutes
from entrepot.features.sessions.service import Sessions
from entrepot.features.sessions.settings import SessionSettings
from entrepot.infra.http.logins import LoginChanged
from entrepot.infra.jobs.queue import declare_schedule
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
    platform.database.write_now(declare_schedule, TIDY, EVERY_HOUR, TIDY, TidyPayload(), platform.clock())
    own = OwnSessions(sessions, platform.rights)
    routes = SessionRoutes(sessions, logins, own, ApiCallers(platform.rights), public_url)
    parts = Parts(routes=(routes.router(),), jobs=(tidy_kind(platform.database, sessions.limits, platform.clock),))
    return parts, routes.login_changed
