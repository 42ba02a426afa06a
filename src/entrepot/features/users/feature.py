# SPDX-License-Identifier: Apache-2.0
"""Users, as the application lists them."""

from collections.abc import Callable

from entrepot.features.identity import Users
from entrepot.features.sessions import Sessions
from entrepot.features.users.cli import user_commands
from entrepot.features.users.routes import UserRoutes
from entrepot.features.users.service import Lifecycle
from entrepot.infra.http.logins import LoginChanged
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.feature import Feature
from entrepot.kernel.feature import Parts
from entrepot.registry.platform import Platform

feature: Feature[object] = Feature(
    name="users",
    needs=("break_glass", "groups", "guardrails", "identity", "quotas", "second_factors", "sessions"),
    commands=(user_commands,),
)


def user_parts(
    platform: Platform,
    users: Users,
    sessions: Sessions,
    login_changed: LoginChanged,
    forget: Callable[[PrincipalKind, str], None],
) -> Parts:
    """Return what users add to a running application; `forget` is told whose rights have changed."""
    lifecycle = Lifecycle(platform.database, users, platform.clock)
    routes = UserRoutes(users, lifecycle, sessions, platform.rights, login_changed, forget)
    return Parts(routes=(routes.router(),))
