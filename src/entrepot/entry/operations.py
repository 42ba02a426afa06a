# SPDX-License-Identifier: Apache-2.0
"""What operators read: `/metrics` and `/api/docs`, behind the rule of `metrics.access`."""

from collections.abc import Awaitable
from collections.abc import Callable
from typing import Any

from entrepot.infra.http.api import MethodNotAllowed
from entrepot.infra.http.api_page import SECURITY_POLICY
from entrepot.infra.http.api_page import api_page
from entrepot.infra.http.problem import problem
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Request
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from entrepot.infra.http.response import Response
from entrepot.infra.http.response import header_list
from entrepot.infra.telemetry.exposition import expose
from entrepot.infra.telemetry.gathering import Gathering
from entrepot.infra.telemetry.readers import CHALLENGE
from entrepot.infra.telemetry.readers import Readers
from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import NotFound
from entrepot.kernel.errors import Unauthenticated
from entrepot.kernel.request_facts import about_request

METRICS_PATH = "/metrics"
DOCS_PATH = "/api/docs"


class OperationsApplication:
    """An ASGI application of its own: a part of the server, or all that a separate listener serves."""

    def __init__(self, gathering: Gathering, describe_api: Callable[[], dict[str, Any]], readers: Readers) -> None:
        self._gathering = gathering
        self._describe_api = describe_api
        self._readers = readers
        self._page = b""
        self._endpoints: dict[str, Callable[[Request], Awaitable[Response]]] = {
            METRICS_PATH: self._metrics,
            DOCS_PATH: self._docs,
        }

    def serves(self, path: str) -> bool:
        """Tell whether this path is one of its own."""
        return path in self._endpoints

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        request = Request(scope, receive)
        about_request().endpoint = "operations"
        try:
            response = await self._answer(request)
        except AppError as error:
            response = problem(error, request.request_id)
            if isinstance(error, Unauthenticated):
                response.headers += header_list([("WWW-Authenticate", CHALLENGE)])
        await response.send(request, send)

    async def _answer(self, request: Request) -> Response:
        endpoint = self._endpoints.get(request.scope["path"])
        if endpoint is None:
            raise NotFound("there is nothing at this address")
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed(headers={"Allow": "GET, HEAD"})
        self._readers.require(request)
        response = await endpoint(request)
        response.headers += header_list([("Cache-Control", "no-store"), ("X-Request-Id", request.request_id)])
        return response

    async def _metrics(self, request: Request) -> Response:
        measurements = await self._gathering.gather()
        text, media_type = expose(measurements, request.header(b"accept") or "")
        return Response(200, header_list([("Content-Type", media_type)]), text)

    async def _docs(self, request: Request) -> Response:
        if not self._page:
            self._page = api_page(self._describe_api()).encode()
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Security-Policy", SECURITY_POLICY),
            ("X-Content-Type-Options", "nosniff"),
        ]
        return Response(200, header_list(headers), self._page)
