# SPDX-License-Identifier: Apache-2.0
"""The ASGI application of one server process: sends each request to the part that answers it."""

import asyncio
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from urllib.parse import unquote
from urllib.parse import urlsplit

import entrepot
from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import load
from entrepot.entry.instance import Instance
from entrepot.entry.meters import InstanceMeters
from entrepot.entry.meters import gathering
from entrepot.entry.operations import OperationsApplication
from entrepot.entry.tls import local_authority
from entrepot.entry.wiring import build_instance
from entrepot.features.backup import require_in_time
from entrepot.infra.database import schema
from entrepot.infra.http.api import MethodNotAllowed
from entrepot.infra.http.forwarded import BehindProxies
from entrepot.infra.http.limited import LimitedApi
from entrepot.infra.http.problem import problem
from entrepot.infra.http.request import LEAVING
from entrepot.infra.http.request import AsgiApplication
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Request
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from entrepot.infra.http.response import Response
from entrepot.infra.http.site import Site
from entrepot.infra.http.tls.live import LiveCertificate
from entrepot.infra.http.tls.trust import AUTHORITY_PATH
from entrepot.infra.telemetry.disks import Disks
from entrepot.infra.telemetry.health import Check
from entrepot.infra.telemetry.health import Health
from entrepot.infra.telemetry.logs import configure_logs
from entrepot.infra.telemetry.readers import Readers
from entrepot.infra.telemetry.requests import ObservedRequests
from entrepot.infra.telemetry.sharing import SharedMeasurements
from entrepot.kernel.errors import NotFound
from entrepot.kernel.request_facts import about_request

BUILT_CONSOLE = Path(entrepot.__file__).parent / "_ui"
"""Where a build puts the console; without one, `/` says what answers there."""


MAX_EXCLUDED = 8
"""How many checks a request to `/readyz` may name."""


class Server:
    """Dispatches by the first segment of the path, so that nothing but the count of requests stands before `/v2`."""

    def __init__(
        self, instance: Instance, certificate: LiveCertificate | None = None, console: Site | None = None
    ) -> None:
        settings = instance.settings
        disks = Disks(_folders(instance))
        self._instance = instance
        self._running = AsyncExitStack()
        self._operations_port = settings.metrics.port
        dispatch = self._dispatch if self._operations_port is None else self._dispatch_by_port
        self._observed = ObservedRequests(dispatch, settings.logs.requests, instance.refusals.note)
        proxies = settings.server.trusted_proxies
        self._front: AsgiApplication = BehindProxies(self._observed, proxies) if proxies else self._observed
        self._api = LimitedApi(instance.api, instance.limits)
        self._prefix = settings.server.path_prefix
        self._console = console
        self._health = _watched_health(instance, disks, certificate)
        self._authority = local_authority(settings) if certificate else None
        meters = InstanceMeters(instance, self._health, disks)
        self._gathering = gathering(instance, self._observed, meters, shared_measurements(settings))
        self.operations = OperationsApplication(self._gathering, instance.api.openapi, Readers(settings.metrics))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or start and stop with the process (ASGI)."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._front(scope, receive, send)

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path.startswith("/v2"):
            await self._instance.registry(scope, receive, send)
        elif path == "/auth/token":
            about_request().endpoint = "token"
            await self._instance.tokens(scope, receive, send)
        else:
            await self._beside_registry(scope, receive, send)

    async def _dispatch_by_port(self, scope: Scope, receive: Receive, send: Send) -> None:
        server = scope.get("server")
        is_theirs = server is not None and server[1] == self._operations_port
        await (self.operations if is_theirs else self._dispatch)(scope, receive, send)

    async def _beside_registry(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        inner = below(self._prefix, path)
        if self._operations_port is None and self.operations.serves(path):
            await self.operations(scope, receive, send)
        elif inner.startswith("/api/"):
            about_request().endpoint = "api"
            outside = {**scope, "path": self._prefix + inner, "root_path": self._prefix}
            await self._api(outside, receive, send)
        else:
            request = Request(scope, receive)
            await (await self._other(request, path, inner)).send(request, send)

    async def _other(self, request: Request, path: str, inner: str) -> Response:
        if request.method not in ("GET", "HEAD"):
            return problem(MethodNotAllowed(headers={"Allow": "GET, HEAD"}), request.request_id)
        if path in ("/healthz", "/readyz"):
            about_request().endpoint = "health"
        if path == "/healthz":
            return Response(200, [(b"content-type", b"application/json")], b'{"status":"alive"}')
        if path == "/readyz":
            leaving = request.scope.get("extensions", {}).get(LEAVING)
            if leaving is not None and leaving.is_set():
                self._health.stop()
            return await self._health.readiness(request.parameters("exclude")[:MAX_EXCLUDED])
        if path == AUTHORITY_PATH and self._authority is not None:
            return Response(200, [(b"content-type", b"application/x-x509-ca-cert")], self._authority)
        page = self._console.answer(request, inner) if self._console else None
        if page is not None:
            about_request().endpoint = "console"
            return page
        if inner == "/":
            return Response(200, [(b"content-type", b"text/plain; charset=utf-8")], b"Entrepot container registry\n")
        return problem(NotFound("there is nothing at this address"), request.request_id)

    async def _live(self, receive: Receive, send: Send) -> None:
        sharing: asyncio.Task[None] | None = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._running.enter_async_context(self._instance.running())
                sharing = asyncio.create_task(self._gathering.share())
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                self._health.stop()
                if sharing is not None:
                    sharing.cancel()
                    await asyncio.wait([sharing])
                await asyncio.shield(self._running.aclose())
                await send({"type": "lifespan.shutdown.complete"})
                return


def create_application(certificate: LiveCertificate | None = None) -> Server:
    """Build the application from the configuration that the command left in the environment."""
    settings = load()
    configure_logs(settings.logs)
    return Server(build_instance(settings), certificate, Site(BUILT_CONSOLE, settings.server.path_prefix))


def below(prefix: str, path: str) -> str:
    """Return the path without `prefix` if it is below it, as clients find `/` and `/api` there."""
    return (path.removeprefix(prefix) or "/") if path == prefix or path.startswith(f"{prefix}/") else path


def shared_measurements(settings: Settings) -> SharedMeasurements | None:
    """Return where server processes leave their measurements for each other, None if there is only one."""
    return SharedMeasurements(settings.run_dir) if settings.server.workers > 1 else None


def _folders(instance: Instance) -> dict[str, Path]:
    url = urlsplit(instance.core.stores[instance.core.default_store].url)
    folders = {"data": instance.settings.data_dir}
    return folders | {"storage": Path(unquote(url.path))} if url.scheme == "file" else folders


def _watched_health(instance: Instance, disks: Disks, certificate: LiveCertificate | None) -> Health:
    database = instance.core.database

    async def check_stores() -> None:
        for store in instance.core.stores.values():
            await store.check()

    required: dict[str, Check] = {
        "database": partial(schema.require_unchanged, database, schema.needed_revision()),
        "storage": check_stores,
    }
    advisory: dict[str, Check] = {"disk": disks.check, "backup": partial(require_in_time, database)}
    if certificate is not None:
        advisory["certificate"] = certificate.check
    instance.health.watch(required, advisory)
    return instance.health
