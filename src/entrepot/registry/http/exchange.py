# SPDX-License-Identifier: Apache-2.0
"""One request under way, and who may do what with it."""

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass

from entrepot.infra.http.challenge import Challenger
from entrepot.infra.http.request import Request
from entrepot.kernel.access import Action
from entrepot.kernel.access import Credentials
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import TagReach
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import Unauthenticated
from entrepot.kernel.request_limits import RequestClass
from entrepot.kernel.request_limits import class_of
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.core import Caller
from entrepot.registry.http.routing import Endpoint
from entrepot.registry.http.routing import Route
from entrepot.registry.rights import Rights

_SCOPES = {
    Action.READ: "pull",
    Action.PULL: "pull",
    Action.PUSH: "pull,push",
    Action.DELETE: "delete",
    Action.ADMIN: "*",
}
MAX_AGENT_CHARACTERS = 256


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with its route and its authenticated caller."""

    request: Request
    route: Route
    caller: Caller

    @property
    def name(self) -> RepositoryName:
        """The repository's name. Raises `NameInvalid`."""
        return self.route.name


class Guard:
    """Authenticates requests, asks for rights, and knows the challenge to answer with."""

    def __init__(
        self, rights: Rights, challenger: Challenger, is_there: Callable[[RepositoryName], Awaitable[bool]]
    ) -> None:
        """Ask with `is_there` whether a repository exists."""
        self._rights = rights
        self._challenger = challenger
        self._is_there = is_there

    async def admit(self, request: Request, route: Route) -> Exchange:
        """Find out who asks. Raises `Unauthenticated` and `TooManyRequests`."""
        authorization = request.single_header(b"authorization") or ""
        is_upload = route.endpoint is Endpoint.UPLOAD
        credentials = Credentials(authorization, request.address, allows_expired=is_upload)
        principal = await self._rights.identify(credentials, counted_as(request.method, route))
        if route.endpoint is Endpoint.PING and not authorization and principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        agent = (request.header(b"user-agent") or "")[:MAX_AGENT_CHARACTERS]
        return Exchange(request, route, Caller(principal, request.address, agent, request.request_id))

    async def require(self, exchange: Exchange, action: Action) -> RepositoryName:
        """Return the repository's name if the caller may do `action` there. Raises as `Rights.require`."""
        name = exchange.name
        await self._rights.require(exchange.caller.principal, action, name)
        return name

    async def require_storing(self, exchange: Exchange) -> RepositoryName:
        """Return the repository's name if the caller may store something there, and make it if it is not there.

        Who may sign may store what a signature is made of. Raises as `Rights.require`.
        """
        name, principal = exchange.name, exchange.caller.principal
        await self._rights.require_any(principal, (Action.PUSH, Action.SIGN), name)
        if not await self._rights.may(principal, Action.CREATE, name) and not await self._is_there(name):
            await self._rights.require(principal, Action.CREATE, name)
        return name

    async def require_tags(self, exchange: Exchange, action: Action, tags: Iterable[TagName]) -> None:
        """Do nothing if the caller may do `action` for each of `tags`. Raises as `Rights.require`."""
        await self._rights.require_tags(exchange.caller.principal, action, exchange.name, tags)

    async def tags(self, exchange: Exchange, action: Action) -> TagReach:
        """Return for which tags the caller may do `action`; for some. Raises as `Rights.require`."""
        return await self._rights.tags(exchange.caller.principal, action, exchange.name)

    async def may(self, exchange: Exchange, action: Action, name: RepositoryName) -> bool:
        """Tell whether the caller may do `action` there."""
        return await self._rights.may(exchange.caller.principal, action, name)

    def challenge(self, request: Request, route: Route | None, error: Unauthenticated) -> str:
        """Return the challenge that tells a client which token to fetch."""
        scopes: tuple[str, ...] = ()
        if route is not None and route.endpoint is Endpoint.CATALOG:
            scopes = ("registry:catalog:*",)
        elif route is not None and route.repository and _is_plain(route.repository):
            scopes = (f"repository:{route.repository}:{_SCOPES[needed_action(request.method, route)]}",)
            if route.endpoint is Endpoint.UPLOADS:
                scopes += _source_scope(request)
        return self._challenger.challenge(request, scopes, error.challenge_error)


def counted_as(method: str, route: Route) -> RequestClass:
    """Return the class of request whose rate limit this one is held against."""
    asked = class_of(method)
    is_dear = asked is RequestClass.READ and route.endpoint is Endpoint.REFERRERS
    return RequestClass.REFERRERS if is_dear else asked


def needed_action(method: str, route: Route) -> Action:
    """Return what a request does to its repository."""
    if route.endpoint in (Endpoint.UPLOADS, Endpoint.UPLOAD):
        return Action.PUSH
    if method in ("GET", "HEAD"):
        return Action.PULL
    return Action.DELETE if method == "DELETE" else Action.PUSH


def _source_scope(request: Request) -> tuple[str, ...]:
    """Return the scope that a mount needs at its source; a query that cannot be read is refused after logging in."""
    try:
        source = request.parameters("from")
    except InvalidRequest:
        return ()
    return (f"repository:{source[0]}:pull",) if source and _is_plain(source[0]) else ()


def _is_plain(name: str) -> bool:
    return name.isascii() and all(character.isalnum() or character in "._-/" for character in name)
