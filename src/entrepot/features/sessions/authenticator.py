# SPDX-License-Identifier: Apache-2.0
"""Turning the cookie of a session into a principal, where a request brings no `Authorization` header."""

from entrepot.features.sessions.models import session_id_of
from entrepot.features.sessions.service import Sessions
from entrepot.kernel.access import Authenticator
from entrepot.kernel.access import Credentials
from entrepot.kernel.access import Principal


class SessionAuthenticator:
    """Knows the cookies of sessions, and leaves everything else to the authenticator of headers."""

    def __init__(self, headers: Authenticator, sessions: Sessions) -> None:
        self._headers = headers
        self._sessions = sessions

    async def authenticate(self, credentials: Credentials) -> Principal:
        """Return the principal that `credentials` prove, `ANONYMOUS` when there are none.

        Raises as the authenticator of headers, and as `Sessions.identify`.
        """
        if credentials.cookie is None:
            return await self._headers.authenticate(credentials)
        return await self._sessions.identify(credentials.cookie, allows_enrolment=credentials.allows_enrolment)

    async def is_live(self, principal: Principal) -> bool:
        """Tell whether the login of a principal, in a session or not, is still good."""
        session = session_id_of(principal.credential)
        return await (self._headers.is_live(principal) if session is None else self._sessions.is_live(session))
