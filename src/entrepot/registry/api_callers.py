# SPDX-License-Identifier: Apache-2.0
"""Who asks the management API."""

from dataclasses import replace

from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Request
from entrepot.infra.http.request import Scope
from entrepot.infra.http.session_cookie import cookie_of
from entrepot.kernel.access import Action
from entrepot.kernel.access import Credentials
from entrepot.kernel.access import Principal
from entrepot.kernel.request_limits import class_of
from entrepot.registry.core import Caller
from entrepot.registry.rights import Rights

MAX_AGENT_CHARACTERS = 256

API = "registry:api"
"""In a principal's scopes, the name under which a token stands for its whole principal here (as `admin`)."""


class ApiCallers:
    """Turns a request to `/api` into its caller, by the same credentials as on `/v2`, or a browser session."""

    def __init__(self, rights: Rights) -> None:
        self._rights = rights

    async def identify(self, scope: Scope, receive: Receive, *, allows_enrolment: bool = False) -> Caller:
        """Return who sent the request; the anonymous principal without an `Authorization` header and a cookie.

        The cookie of a session counts where there is no such header. With `allows_enrolment`, so does
        that of a session whose user has to set up a second factor before anything else, and that user's password.

        A token that was asked for without any scope covers nothing on `/v2`; here it stands for
        its whole principal, as the credential that it was fetched with would.
        Raises `Unauthenticated`, `TooManyRequests`, `Forbidden` when a page of another site made the browser send
        its cookie, and `InvalidRequest` when the header is repeated: a proxy in front may have read the other one.
        """
        request = Request(scope, receive)
        credentials = Credentials(
            request.single_header(b"authorization") or "",
            request.address,
            allows_enrolment=allows_enrolment,
            cookie=cookie_of(request),
        )
        principal = await self._rights.identify(credentials, class_of(request.method))
        if principal.allows_scope(Action.ADMIN, API):
            principal = replace(principal, scopes=None)
        agent = (request.header(b"user-agent") or "")[:MAX_AGENT_CHARACTERS]
        request_id = scope.get("state", {}).get("request_id", "")
        return Caller(principal, request.address, agent, request_id, is_looking=True)

    async def count(self, scope: Scope, receive: Receive, principal: Principal | None) -> None:
        """Count a request whose caller was found in another way, None for nobody. Raises `TooManyRequests`."""
        request = Request(scope, receive)
        await self._rights.limits.admit(class_of(request.method), principal, request.address)

    async def count_login(self, scope: Scope, receive: Receive) -> None:
        """Count an attempt to prove who one is, by something else than a password. Raises `TooManyRequests`."""
        await self._rights.limits.admit_login(Request(scope, receive).address)
