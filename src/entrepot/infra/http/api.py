# SPDX-License-Identifier: Apache-2.0
"""The frame of the management API: one FastAPI application, problems as errors, a request id everywhere."""

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from typing import cast

import structlog
from fastapi import APIRouter
from fastapi import Depends
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from entrepot.infra.http.problem import problem
from entrepot.infra.http.request import AsgiApplication
from entrepot.infra.http.request import BodyTooLarge
from entrepot.infra.http.request import Message
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from entrepot.infra.http.router import PREFIX
from entrepot.infra.http.router import ApiRoute
from entrepot.infra.http.router import accepted_bytes
from entrepot.infra.http.schema_names import with_short_names
from entrepot.infra.http.schemas import Problem
from entrepot.infra.http.serving.exchange import ClientGone
from entrepot.infra.http.session_cookie import SAFE_METHODS
from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound
from entrepot.kernel.errors import Unauthenticated
from entrepot.kernel.errors import Unavailable
from entrepot.kernel.request_facts import about_request

log = structlog.get_logger(__name__)


class MethodNotAllowed(AppError):
    """The method is not supported at this address."""

    code = "method_not_allowed"
    status = 405


class _Api(FastAPI):
    """Adds to the description of the interface what the routers only refer to."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document."""
        for route in self.routes:
            if isinstance(route, ApiRoute):
                route.complete()
        self.openapi_schema = document = with_short_names(super().openapi())
        document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
        return document


@dataclass(frozen=True, slots=True)
class Changes:
    """Says whether requests that may change something are taken now.

    `require` raises `AppError` when they are not; the nouns and operations `spared` are asked nothing.
    """

    require: Callable[[], Awaitable[None]]
    spared: frozenset[str]

    async def check(self, request: Request) -> None:
        """Do nothing if this request is taken."""
        route: APIRoute = request.scope["route"]
        if request.method not in SAFE_METHODS and self.spared.isdisjoint({route.name, *route.tags}):
            await self.require()


def build_api(routers: Iterable[APIRouter], version: str, changes: Changes | None = None) -> FastAPI:
    """Return the application behind `/api`, with the routes of every `api_router`."""
    api = _Api(
        title="Entrepot",
        version=version,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    checks = [Depends(changes.check)] if changes is not None else []
    for router in routers:
        for route in router.routes:
            cast("ApiRoute", route).dependencies[:0] = checks
            api.routes.append(route)
    api.add_middleware(_LimitedBody)
    api.add_middleware(_NamedRequests)
    api.add_exception_handler(AppError, _render)
    api.add_exception_handler(RequestValidationError, _render)
    api.add_exception_handler(HTTPException, _render)
    api.add_exception_handler(Exception, _render)
    return api


class _NamedRequests:
    """Gives every answer the id of its request, and the request its id to be told by errors.

    No cache keeps an answer: to caches, those to a cookie look like those to everybody.
    """

    def __init__(self, app: AsgiApplication) -> None:
        self._application = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on (ASGI)."""
        request_id = about_request().request_id
        scope["state"] = {**scope.get("state", {}), "request_id": request_id}

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                named_here = (b"x-request-id", b"cache-control")
                others = [header for header in message.get("headers", ()) if header[0].lower() not in named_here]
                headers = [(b"x-request-id", request_id.encode()), (b"cache-control", b"no-store")]
                message["headers"] = [*others, *headers]
            await send(message)

        await self._application(scope, receive, named)


class _LimitedBody:
    """Raises `BodyTooLarge` where a body is read that is longer than is accepted, or announced to be."""

    def __init__(self, app: AsgiApplication) -> None:
        self._application = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on (ASGI)."""
        announced = Headers(scope=scope).get("content-length", "0")
        size = 0

        async def limited() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            most = accepted_bytes(scope.get("route"))
            if size > most or int(announced) > most:
                raise BodyTooLarge(f"the body is longer than the {most} bytes accepted")
            return message

        await self._application(scope, limited, send)


async def _render(request: Request, error: Exception) -> Response:
    request_id = getattr(request.state, "request_id", "")
    app_error = _as_app_error(request, error)
    if isinstance(error, Unavailable):
        log.warning("api.refused", request_id=request_id, code=error.code, reason=error.message)
    elif app_error.status >= 500 and not isinstance(error, ClientGone):
        log.error("api.failed", request_id=request_id, path=request.url.path, exc_info=error)
    rendered = problem(app_error, request_id)
    response = Response(rendered.body if isinstance(rendered.body, bytes) else b"", rendered.status)
    response.raw_headers = [*rendered.headers, (b"content-length", str(len(response.body)).encode())]
    if isinstance(app_error, Unauthenticated):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _as_app_error(request: Request, error: Exception) -> AppError:
    if isinstance(error, AppError):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid(request, error)
    if isinstance(error, HTTPException):
        return _refused(error)
    return AppError("the request failed; the log says why under this request id")


def _refused(error: HTTPException) -> AppError:
    """Say what the frame refuses in words of ours; 400 is its answer to any failure to read a body."""
    if isinstance(error.__cause__, AppError):
        return error.__cause__
    if error.status_code == 405:
        return MethodNotAllowed(headers=error.headers)
    if error.status_code == 400:
        return InvalidRequest("the body cannot be read: it is not UTF-8, or is nested too deeply")
    return NotFound("there is nothing at this address", hint="/api/v1/openapi.json lists what there is.")


def _invalid(request: Request, error: RequestValidationError) -> InvalidRequest:
    """Name each mistake and its place: a parameter, a member of the body, or the body as a whole."""
    mistakes = [(each["loc"], each["msg"]) for each in error.errors()]
    media_type = request.headers.get("content-type", "")
    if error.body and ("body",) in [place for place, _ in mistakes] and "json" not in media_type:
        return InvalidRequest(
            f"the body is said to be {media_type or 'of no type'}, and JSON is expected",
            hint="Send it with the header Content-Type: application/json.",
        )
    return InvalidRequest("; ".join(f"{'.'.join(map(str, place[1:] or place))}: {text}" for place, text in mistakes))
