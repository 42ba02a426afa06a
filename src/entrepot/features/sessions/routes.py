# SPDX-License-Identifier: Apache-2.0
"""Sessions in the management API: `/session` is the one of the cookie that comes along, `/sessions` are a user's."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path
from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from entrepot.features.second_factors import RelyingParty
from entrepot.features.second_factors import relying_party
from entrepot.features.sessions.errors import NoSession
from entrepot.features.sessions.errors import SessionEnded
from entrepot.features.sessions.logins import Logins
from entrepot.features.sessions.models import OpenSession
from entrepot.features.sessions.models import RenewedSession
from entrepot.features.sessions.models import Visitor
from entrepot.features.sessions.own import OwnSessions
from entrepot.features.sessions.schemas import ChallengeView
from entrepot.features.sessions.schemas import LoginRequest
from entrepot.features.sessions.schemas import Provider
from entrepot.features.sessions.schemas import ProviderList
from entrepot.features.sessions.schemas import ReauthenticationRequest
from entrepot.features.sessions.schemas import SecondFactorAnswer
from entrepot.features.sessions.schemas import SessionItem
from entrepot.features.sessions.schemas import SessionList
from entrepot.features.sessions.schemas import SessionView
from entrepot.features.sessions.service import Sessions
from entrepot.infra.http.paging import DEFAULT_LIMIT
from entrepot.infra.http.paging import Cursor
from entrepot.infra.http.paging import Limit
from entrepot.infra.http.paging import key_of
from entrepot.infra.http.paging import link_next
from entrepot.infra.http.permission import ANYBODY
from entrepot.infra.http.permission import OWN
from entrepot.infra.http.permission import takes
from entrepot.infra.http.permission import to_system
from entrepot.infra.http.request import Request as PlainRequest
from entrepot.infra.http.router import api_router
from entrepot.infra.http.session_cookie import clear_cookie
from entrepot.infra.http.session_cookie import cookie_of
from entrepot.infra.http.session_cookie import require_own_page
from entrepot.infra.http.session_cookie import set_cookie
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.errors import Unauthenticated
from entrepot.kernel.request_facts import about_request
from entrepot.registry.api_callers import MAX_AGENT_CHARACTERS
from entrepot.registry.api_callers import ApiCallers

UserQuery = Annotated[
    str,
    Query(max_length=255, description="Whose sessions; your own if left out. Those of others take an administrator."),
]
SessionPath = Annotated[str, Path(max_length=64, description="The id of a session.")]

LOCAL = Provider(name="local", title="Name and password", kind="password")
LEFT_BEHIND = '"cache", "storage"'
"""What a browser forgets of the console when somebody logs out (Clear-Site-Data)."""

_NOBODY: dict[str, object] = {"description": "Nobody has logged in."}


class SessionRoutes:
    """The endpoints of sessions."""

    def __init__(
        self, sessions: Sessions, logins: Logins, own: OwnSessions, callers: ApiCallers, public_url: str
    ) -> None:
        self._sessions = sessions
        self._logins = logins
        self._own = own
        self._callers = callers
        self._public_url = public_url

    def router(self) -> APIRouter:
        """Return the routes, below `/api/v1`."""
        router = api_router("sessions")
        router.add_api_route("/sessions/providers", self.list_providers)
        router.add_api_route("/sessions", self.log_in, methods=["POST"], status_code=201)
        router.add_api_route("/sessions", self.list_sessions)
        router.add_api_route("/sessions", self.log_out_everywhere, methods=["DELETE"], status_code=204)
        router.add_api_route("/sessions/{session}", self.end_session, methods=["DELETE"], status_code=204)
        router.add_api_route("/session", self.show_session, response_model=SessionView, responses={204: _NOBODY})
        router.add_api_route("/session", self.log_out, methods=["DELETE"], status_code=204)
        router.add_api_route("/session/second-factor", self.give_second_factor, methods=["POST"])
        router.add_api_route("/session/second-factor/challenge", self.challenge_second_factor, methods=["POST"])
        router.add_api_route("/session/reauthentication", self.reauthenticate, methods=["POST"])
        return router

    @takes(ANYBODY)
    async def list_providers(self) -> ProviderList:
        """List the ways to log in. Takes no login."""
        return ProviderList(items=[LOCAL])

    @takes(ANYBODY)
    async def log_in(self, request: Request, response: Response, wanted: LoginRequest) -> SessionView:
        """Log in with name and password. The answer sets a cookie, which is good below `/api`.

        An account with a second factor is asked for it next: look at `state`.
        """
        plain = PlainRequest(request.scope, request.receive)
        require_own_page(plain)
        agent = request.headers.get("user-agent", "")[:MAX_AGENT_CHARACTERS]
        visitor = Visitor(plain.address, agent)
        await self._callers.count(request.scope, request.receive, None)
        renewed = await self._logins.log_in(wanted.name, wanted.password.get_secret_value(), visitor)
        return await self._shown(request, response, renewed)

    @takes(ANYBODY)
    async def show_session(self, request: Request, response: Response) -> SessionView | Response:
        """Show the session that the cookie belongs to, and give it another cookie if this one is some minutes old.

        Without a cookie there is nothing to show, which is no fault: the console asks before anybody has logged in.
        """
        try:
            found = await self._open(request)
        except NoSession:
            return Response(status_code=204, headers={"Cache-Control": "no-store"})
        return await self._shown(request, response, await self._sessions.refresh(found))

    @takes(OWN)
    async def give_second_factor(self, request: Request, response: Response, answer: SecondFactorAnswer) -> SessionView:
        """Complete a login whose session has the state `second_factor`. The answer sets another cookie."""
        await self._callers.count_login(request.scope, request.receive)
        found, party, address = await self._open(request), self._party(request), _address(request)
        renewed = await self._logins.give_second_factor(found, answer.proof, party, address)
        return await self._shown(request, response, renewed)

    @takes(OWN)
    async def challenge_second_factor(self, request: Request, response: Response) -> ChallengeView:
        """Ask for what a security key or passkey has to sign, within five minutes."""
        found = await self._open(request)
        response.headers["Cache-Control"] = "no-store"
        return ChallengeView.of(await self._logins.challenge(found, self._party(request)))

    @takes(OWN)
    async def reauthenticate(
        self, request: Request, response: Response, wanted: ReauthenticationRequest
    ) -> SessionView:
        """Prove again who you are, which dangerous acts ask for. The answer sets another cookie."""
        if wanted.second_factor is not None:
            await self._callers.count_login(request.scope, request.receive)
        found, party, address = await self._open(request), self._party(request), _address(request)
        proof = wanted.second_factor.proof if wanted.second_factor else None
        renewed = await self._logins.reauthenticate(found, wanted.text, proof, party, address)
        return await self._shown(request, response, renewed)

    @takes(ANYBODY)
    async def log_out(self, request: Request, response: Response) -> None:
        """End the session that the cookie belongs to. A cookie whose session is over already goes all the same."""
        try:
            found = await self._open(request)
            await self._sessions.end(found.user.name, found.session.id)
        except SessionEnded:
            pass
        _forget(request, response)

    @takes(OWN, to_system(SystemAction.ADMINISTER))
    async def list_sessions(
        self,
        request: Request,
        response: Response,
        user: UserQuery = "",
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = "",
    ) -> SessionList:
        """List the browsers that are logged in, newest first."""
        principal = await self._principal(request)
        page = await self._own.page(principal, user, key_of(cursor), limit)
        if page.is_more:
            link_next(request, response, page.sessions[-1].id)
        limits = self._sessions.limits
        return SessionList(items=[SessionItem.of(each, principal.credential, limits) for each in page.sessions])

    @takes(OWN)
    async def end_session(
        self, request: Request, response: Response, session: SessionPath, user: UserQuery = ""
    ) -> None:
        """End a session. It is over at once, on every node."""
        if await self._own.end(await self._principal(request), user, session):
            _forget(request, response)

    @takes(OWN, to_system(SystemAction.ADMINISTER))
    async def log_out_everywhere(self, request: Request, response: Response, user: UserQuery = "") -> None:
        """End every session, this one too. Personal tokens stay; so does what is logged in with the password."""
        if await self._own.end_all(await self._principal(request), user):
            _forget(request, response)

    async def login_changed(self, request: Request, response: Response, principal: Principal) -> None:
        """End the other sessions of a user who changed what to log in with (`LoginChanged`)."""
        if principal.kind is not PrincipalKind.USER:
            return
        plain = PlainRequest(request.scope, request.receive)
        cookie = await self._sessions.keep(principal.name, cookie_of(plain))
        if cookie is not None:
            response.headers.append("Set-Cookie", set_cookie(plain, cookie))

    async def _open(self, request: Request) -> OpenSession:
        cookie = cookie_of(PlainRequest(request.scope, request.receive))
        if cookie is None:
            raise NoSession
        try:
            found = await self._sessions.open(cookie)
        except Unauthenticated:
            await self._callers.count(request.scope, request.receive, None)
            raise
        about_request().principal = found.principal
        await self._callers.count(request.scope, request.receive, found.principal)
        return found

    async def _shown(self, request: Request, response: Response, renewed: RenewedSession) -> SessionView:
        found, limits = renewed.found, self._sessions.limits
        about_request().principal = found.principal
        response.headers["Cache-Control"] = "no-store"
        if renewed.cookie is not None:
            plain = PlainRequest(request.scope, request.receive)
            response.headers.append("Set-Cookie", set_cookie(plain, renewed.cookie))
        may = await self._own.system_actions(found.principal)
        return SessionView.of(found, await self._logins.methods(found), limits, may)

    async def _principal(self, request: Request) -> Principal:
        return (await self._callers.identify(request.scope, request.receive)).principal

    def _party(self, request: Request) -> RelyingParty:
        return relying_party(self._public_url, request.url.scheme, request.headers.get("host", ""))


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _forget(request: Request, response: Response) -> None:
    response.headers.append("Set-Cookie", clear_cookie(PlainRequest(request.scope, request.receive)))
    response.headers["Clear-Site-Data"] = LEFT_BEHIND
