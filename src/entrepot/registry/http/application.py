# SPDX-License-Identifier: Apache-2.0
"""The ASGI application behind `/v2`."""

from collections.abc import Awaitable
from collections.abc import Callable

import structlog

from entrepot.infra.http.challenge import Challenger
from entrepot.infra.http.request import ClientDisconnected
from entrepot.infra.http.request import Message
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Request
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from entrepot.infra.http.response import Response
from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import NotFound
from entrepot.kernel.errors import Unauthenticated
from entrepot.kernel.request_facts import about_request
from entrepot.oci.errors import Unsupported
from entrepot.registry.core import Core
from entrepot.registry.delete import Delete
from entrepot.registry.http.blobs import Blobs
from entrepot.registry.http.errors import render
from entrepot.registry.http.exchange import Exchange
from entrepot.registry.http.exchange import Guard
from entrepot.registry.http.listings import Listings
from entrepot.registry.http.manifests import Manifests
from entrepot.registry.http.routing import Endpoint
from entrepot.registry.http.routing import Route
from entrepot.registry.http.routing import route
from entrepot.registry.http.uploads import UploadEndpoints
from entrepot.registry.mounts import Mounts
from entrepot.registry.pull import Pull
from entrepot.registry.push import Push
from entrepot.registry.referrers import Referrers
from entrepot.registry.repositories import Repositories
from entrepot.registry.rights import Rights
from entrepot.registry.running_uploads import RunningUploads
from entrepot.registry.uploads import Uploads

log = structlog.get_logger(__name__)

Endpoints = dict[tuple[Endpoint, str], Callable[[Exchange], Awaitable[Response]]]

_VERSION = (b"docker-distribution-api-version", b"registry/2.0")
_STALE = (b"warning", b'110 - "Response is Stale"')
"""RFC 7234 section 5.5.1: the database is away, and this is what it said last."""
_NO_STORE = (b"cache-control", b"no-store")
_INERT = ((b"x-content-type-options", b"nosniff"), (b"content-security-policy", b"default-src 'none'; sandbox"))
"""What was pushed names its own media type, `text/html` too: no browser may run it as a page of this origin."""


class RegistryApplication:
    """Answers everything below `/v2`: route, authenticate, authorise, do, render."""

    def __init__(self, core: Core, rights: Rights, challenger: Challenger) -> None:
        self._guard = Guard(rights, challenger, Repositories(core).is_there)
        self._endpoints = _endpoints(core, self._guard)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (ASGI)."""
        request = Request(scope, receive)
        is_started = False

        async def tracked(message: Message) -> None:
            nonlocal is_started
            is_started = True
            await send(message)

        try:
            response = _labelled(await self._answer(request), request)
            await response.send(request, tracked)
        except ClientDisconnected:
            return
        except Exception:
            if is_started:
                # The length was announced: ending here aborts the connection, and nobody takes a part for the whole.
                raise
            log.exception("request_failed", request_id=request.request_id, path=request.raw_path)
            response = _labelled(render(AppError("The registry failed"), request.request_id), request)
            await response.send(request, send)

    async def _answer(self, request: Request) -> Response:
        found: Route | None = None
        try:
            found = route(request.raw_path)
            if found is None:
                raise NotFound("this address is not part of the registry API")
            about_request().endpoint = found.endpoint
            exchange = await self._guard.admit(request, found)
            endpoint = self._endpoints.get((found.endpoint, request.method))
            if endpoint is None:
                methods = ", ".join(sorted(method for at, method in self._endpoints if at is found.endpoint))
                raise Unsupported(f"{request.method} is not supported here", headers={"Allow": methods})
            return await endpoint(exchange)
        except ClientDisconnected:
            raise
        except Unauthenticated as error:
            response = render(error, request.request_id)
            challenge = self._guard.challenge(request, found, error)
            response.headers += ((b"www-authenticate", challenge.encode("latin-1")), _NO_STORE)
            return response
        except AppError as error:
            if error.status >= 500:
                log.warning("request_refused", request_id=request.request_id, code=error.code, reason=error.message)
            return render(error, request.request_id)


def _labelled(response: Response, request: Request) -> Response:
    response.headers = [*response.headers, _VERSION, *_INERT, (b"x-request-id", request.request_id.encode())]
    facts = about_request()
    if facts.is_stale and response.status < 400:
        response.headers.append(_STALE)
    if facts.rate_limit:
        response.headers.append((b"ratelimit", facts.rate_limit))
    return response


def _endpoints(core: Core, guard: Guard) -> Endpoints:
    pull, delete = Pull(core), Delete(core)
    manifests = Manifests(guard, pull, Push(core), delete, max_tags=core.settings.max_tags_per_push)
    blobs = Blobs(guard, pull, delete)
    running = RunningUploads(core.settings.max_uploads_per_principal)
    uploads = UploadEndpoints(guard, Uploads(core), Mounts(core), running)
    listings = Listings(guard, Repositories(core), Referrers(core), core.settings)
    endpoints: Endpoints = {
        (Endpoint.MANIFEST, "PUT"): manifests.put,
        (Endpoint.MANIFEST, "DELETE"): manifests.delete,
        (Endpoint.BLOB, "DELETE"): blobs.delete,
        (Endpoint.UPLOADS, "POST"): uploads.start,
        (Endpoint.UPLOAD, "GET"): uploads.status,
        (Endpoint.UPLOAD, "PATCH"): uploads.patch,
        (Endpoint.UPLOAD, "PUT"): uploads.put,
        (Endpoint.UPLOAD, "DELETE"): uploads.cancel,
    }
    for method in ("GET", "HEAD"):
        endpoints |= {
            (Endpoint.PING, method): listings.ping,
            (Endpoint.CATALOG, method): listings.catalog,
            (Endpoint.DISCOVER, method): listings.discover,
            (Endpoint.TAGS, method): listings.tags,
            (Endpoint.REFERRERS, method): listings.referrers,
            (Endpoint.MANIFEST, method): manifests.get,
            (Endpoint.BLOB, method): blobs.get,
        }
    return endpoints
