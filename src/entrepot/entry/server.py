# SPDX-License-Identifier: Apache-2.0
"""The ASGI application of one server process: sends each request to the part that answers it."""

import asyncio
import time
from contextlib import AsyncExitStack

import structlog

from entrepot.entry.configuration import load
from entrepot.entry.wiring import Instance
from entrepot.entry.wiring import build_instance
from entrepot.infra.http.api import MethodNotAllowed
from entrepot.infra.http.problem import problem
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Request
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from entrepot.infra.http.response import Response
from entrepot.infra.telemetry.health import Health
from entrepot.infra.telemetry.logs import configure_logs
from entrepot.kernel.errors import NotFound

log = structlog.get_logger(__name__)


class Server:
    """Dispatches by the first segment of the path, so that nothing else stands before `/v2`."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._health = Health(instance.core.database, instance.core.stores.values(), time.monotonic)
        self._running = AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or start and stop with the process (ASGI)."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        path: str = scope["path"]
        if path.startswith("/v2"):
            await self._instance.registry(scope, receive, send)
        elif path == "/auth/token":
            await self._instance.tokens(scope, receive, send)
        elif path.startswith("/api/"):
            await self._instance.api(scope, receive, send)
        else:
            request = Request(scope, receive)
            await (await self._other(request, path)).send(request, send)

    async def _other(self, request: Request, path: str) -> Response:
        if request.method not in ("GET", "HEAD"):
            return problem(MethodNotAllowed(headers={"Allow": "GET, HEAD"}), request.request_id)
        if path == "/healthz":
            return Response(200, [(b"content-type", b"application/json")], b'{"status":"alive"}')
        if path == "/readyz":
            return await self._health.readiness()
        if path == "/":
            return Response(200, [(b"content-type", b"text/plain; charset=utf-8")], b"Entrepot container registry\n")
        return problem(NotFound("there is nothing at this address"), request.request_id)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._running.enter_async_context(self._instance.running())
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await asyncio.shield(self._running.aclose())
                await send({"type": "lifespan.shutdown.complete"})
                return


def create_application() -> Server:
    """Build the application from the configuration that the command left in the environment."""
    settings = load()
    configure_logs(settings.server.log_level)
    return Server(build_instance(settings))
