# SPDX-License-Identifier: Apache-2.0
"""Looking at one's sessions and ending them; administrators do so for others."""

from entrepot.features.sessions.errors import NoSessionsForThis
from entrepot.features.sessions.errors import SessionUnknown
from entrepot.features.sessions.errors import TokensEndNoSessions
from entrepot.features.sessions.models import PASSWORD_MARK
from entrepot.features.sessions.models import SessionPage
from entrepot.features.sessions.models import session_id_of
from entrepot.features.sessions.service import Sessions
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.errors import InsufficientScope
from entrepot.kernel.errors import Unauthenticated
from entrepot.kernel.identifiers import Ulid
from entrepot.registry.rights import Rights

NEWEST = "8"
"""Behind every id there is: where the list begins, read backwards."""


class OwnSessions:
    """The sessions of whoever asks, or of a user whom an administrator names; an empty name is one's own."""

    def __init__(self, sessions: Sessions, rights: Rights) -> None:
        self._sessions = sessions
        self._rights = rights

    async def page(self, principal: Principal, user: str, before: str, limit: int) -> SessionPage:
        """Return the sessions that are older than the one with the id `before`.

        Raises `Unauthenticated`, `NoSessionsForThis`, `InsufficientScope`, `Forbidden` and `NotFound`.
        """
        return await self._sessions.page(await self._holder(principal, user), before or NEWEST, limit)

    async def end(self, principal: Principal, user: str, session: str) -> bool:
        """End a session; tell whether it is the one that asks.

        Raises as `page`, `TokensEndNoSessions` and `SessionUnknown`.
        """
        holder = await self._holder(principal, user)
        _require_person(principal)
        if not await self._sessions.end(holder, Ulid(session)):
            raise SessionUnknown(f"there is no session {session[:64]!r}")
        return session_id_of(principal.credential) == session

    async def end_all(self, principal: Principal, user: str) -> bool:
        """End every session; tell whether the one that asks is among them.

        Those of others take a recent login. Raises as `page`, `TokensEndNoSessions` and `ReauthenticationNeeded`.
        """
        holder = await self._holder(principal, user)
        _require_person(principal)
        if holder != principal.name:
            require_recent_login(principal)
        await self._sessions.end_all(holder)
        return holder == principal.name and session_id_of(principal.credential) is not None

    async def system_actions(self, principal: Principal) -> list[SystemAction]:
        """Return what a principal may do to the registry as a whole, by itself or in a group."""
        return [action for action in SystemAction if await self._rights.may_system(principal, action)]

    async def _holder(self, principal: Principal, user: str) -> str:
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        if principal.kind is not PrincipalKind.USER:
            raise NoSessionsForThis(f"{principal.name} is not a user, and has no sessions")
        if principal.scopes is not None:
            raise InsufficientScope
        if user in ("", principal.name):
            return principal.name
        await self._rights.require_system(principal, SystemAction.ADMINISTER)
        return user


def _require_person(principal: Principal) -> None:
    """Do nothing unless it is a token that asks, which might be stolen. Raises `TokensEndNoSessions`."""
    if session_id_of(principal.credential) is None and not principal.credential.startswith(PASSWORD_MARK):
        raise TokensEndNoSessions
