# SPDX-License-Identifier: Apache-2.0
"""Where a feature puts its part of the management API, with what all parts have in common documented once."""

from collections.abc import Callable
from collections.abc import Coroutine
from typing import Annotated
from typing import Any
from typing import TypeVar

from fastapi import APIRouter
from fastapi import Path
from fastapi import Security
from fastapi.routing import APIRoute
from fastapi.security import APIKeyCookie
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPBase
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from entrepot.infra.http.permission import permissions_of
from entrepot.infra.http.problem import PROBLEM_TYPE
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from entrepot.infra.http.request import parse_query
from entrepot.infra.http.session_cookie import NAME
from entrepot.kernel.errors import InvalidRequest

PREFIX = "/api/v1"

RepositoryPath = Annotated[
    str, Path(description="The repository; its slashes may stand as they are.", examples=["team/app"])
]
"""The `{name:path}` of a route, to be checked by `parse_repository_name`; `/-/` ends it."""

# For the documentation only: whoever identifies the caller reads the header itself.
_BASIC = HTTPBase(
    scheme="basic", scheme_name="password", description="A name, and its password or token.", auto_error=False
)
_BEARER = HTTPBearer(
    scheme_name="token",
    description="A personal token, the secret of a robot, or a token from `/auth/token`.",
    auto_error=False,
)
_SESSION = APIKeyCookie(
    name=NAME,
    scheme_name="session",
    description="What logging in to the console sets, with `__Secure-` before its name over https. "
    "Requests that may change something send the session's `csrf_token` as `X-CSRF-Token` too.",
    auto_error=False,
)
_PROBLEM: dict[str, Any] = {
    "description": "It was refused, or failed.",
    "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


MAX_BODY_BYTES = 1024 * 1024
"""How long a body may be, where an endpoint does not accept more."""

Endpoint = TypeVar("Endpoint", bound=Callable[..., object])
_ACCEPTED = "__accepted_bytes__"


def accepts_bytes(most: int) -> Callable[[Endpoint], Endpoint]:
    """Let the body of requests to an endpoint be so long."""

    def declare(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _ACCEPTED, most)
        return endpoint

    return declare


def accepted_bytes(route: object) -> int:
    """Return how long the body of a request to a route may be."""
    return int(getattr(getattr(route, "endpoint", None), _ACCEPTED, MAX_BODY_BYTES))


class ApiRoute(APIRoute):
    """A route that FastAPI analyses for its first request or its description: all of them would hold up the start."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Keep the options of `APIRoute` for `complete`, and work out only what requests are matched with.

        Raises `TypeError` for an endpoint that does not say which permission it takes.
        """
        taken = [permission.text for permission in permissions_of(endpoint)]
        extra = {**(options.get("openapi_extra") or {}), "x-permission": taken}
        self._options: dict[str, Any] | None = {**options, "openapi_extra": extra}
        self.path = path
        self.endpoint = endpoint
        self.methods = set(options["methods"] or ["GET"])
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self.dependencies = options["dependencies"]
        """Asked before the endpoint, in this order; changed only until the route is complete."""

    def complete(self) -> None:
        """Analyse the endpoint, the first time. Raises `FastAPIError` for what can be no endpoint."""
        if self._options is not None:
            options, self._options = self._options, None
            super().__init__(self.path, self.endpoint, **options)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that matches (ASGI). Raises `InvalidRequest` for an address that nothing can have."""
        self.complete()
        parse_query(scope.get("query_string") or b"")
        if "\0" in scope["path"]:
            raise InvalidRequest("the address has a NUL in it, which nothing is called")
        await super().handle(scope, receive, send)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers, which reads bodies as `_Read` does."""
        answer = super().get_route_handler()

        async def handler(request: Request) -> Response:
            """Answer a request whose body is read with care."""
            return await answer(_Read(request.scope, request.receive))

        return handler


class _Read(Request):
    """A request whose body no database refuses."""

    async def json(self) -> Any:
        """Return the document. Raises `InvalidRequest` when there is a NUL in it, which PostgreSQL does not store."""
        document = await super().json()
        if b"\\u0000" in await self.body() and _has_nul(document):
            raise InvalidRequest("the body has a NUL in it (\\u0000), which is stored nowhere")
        return document


def api_router(noun: str) -> APIRouter:
    """Make the router of the feature `noun`. An operation is called as its function, so that clients are too."""
    return APIRouter(
        prefix=PREFIX,
        tags=[noun],
        dependencies=[Security(_BASIC), Security(_BEARER), Security(_SESSION)],
        responses={"default": _PROBLEM},
        route_class=ApiRoute,
        generate_unique_id_function=_operation_id,
    )


def _has_nul(document: Any) -> bool:
    if isinstance(document, dict):
        return any(map(_has_nul, [*document, *document.values()]))
    if isinstance(document, list):
        return any(map(_has_nul, document))
    return isinstance(document, str) and "\0" in document


def _operation_id(route: APIRoute) -> str:
    return route.name
