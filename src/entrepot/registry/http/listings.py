# SPDX-License-Identifier: Apache-2.0
"""Lists: tags (end-8), referrers (end-12), the catalog, and the extensions on offer."""

import msgspec

from entrepot.infra.http.response import Headers
from entrepot.infra.http.response import Response
from entrepot.kernel.access import Action
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.errors import InsufficientScope
from entrepot.kernel.errors import Unauthenticated
from entrepot.oci.digest import parse_digest
from entrepot.registry.http.exchange import Exchange
from entrepot.registry.http.exchange import Guard
from entrepot.registry.http.headers import next_link
from entrepot.registry.http.headers import page_limit
from entrepot.registry.referrers import PAGE_ROWS
from entrepot.registry.referrers import Referrers
from entrepot.registry.repositories import Repositories
from entrepot.registry.settings import RegistrySettings

CATALOG = "registry:catalog"
"""What the scope of a token that may list the catalog is called."""

_JSON: Headers = [(b"content-type", b"application/json")]
_INDEX: Headers = [(b"content-type", b"application/vnd.oci.image.index.v1+json")]
_EXTENSIONS = msgspec.json.encode(
    {
        "extensions": [
            {
                "name": "_catalog",
                "url": "https://github.com/opencontainers/distribution-spec/blob/main/extensions/README.md",
                "description": "Lists the repositories that the caller may read",
                "endpoints": ["/v2/_catalog"],
            },
        ]
    }
)


class Listings:
    """The listing endpoints."""

    def __init__(
        self, guard: Guard, repositories: Repositories, referrers: Referrers, settings: RegistrySettings
    ) -> None:
        self._guard = guard
        self._repositories = repositories
        self._referrers = referrers
        self._settings = settings

    async def ping(self, _exchange: Exchange) -> Response:
        """Say that this API is spoken here (end-1)."""
        return Response(200, _JSON, b"{}")

    async def tags(self, exchange: Exchange) -> Response:
        """List tags in bytewise order."""
        name = await self._guard.require(exchange, Action.READ)
        maximum = self._settings.max_page_size
        limit = page_limit(exchange.request, maximum, maximum)
        page = await self._repositories.tags(name, exchange.request.parameter("last") or "", limit)
        headers = [*_JSON]
        if page.is_more and page.names:
            headers.append(next_link(f"/v2/{name}/tags/list", [("n", str(limit)), ("last", page.names[-1])]))
        return Response(200, headers, msgspec.json.encode({"name": name, "tags": page.names}))

    async def catalog(self, exchange: Exchange) -> Response:
        """List the repositories that the caller may read, in bytewise order."""
        principal = exchange.caller.principal
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        if not principal.allows_scope(Action.PULL, CATALOG):
            raise InsufficientScope
        limit = page_limit(exchange.request, self._settings.page_size, self._settings.max_page_size)
        last = exchange.request.parameter("last") or ""
        page = await self._repositories.catalog(principal, last, limit)
        headers = [*_JSON]
        if page.is_more and page.names:
            headers.append(next_link("/v2/_catalog", [("n", str(limit)), ("last", page.names[-1])]))
        return Response(200, headers, msgspec.json.encode({"repositories": page.names}))

    async def referrers(self, exchange: Exchange) -> Response:
        """List the manifests that name this digest as their subject, as an image index."""
        name = await self._guard.require(exchange, Action.READ)
        request = exchange.request
        subject = parse_digest(exchange.route.reference)
        wanted = [kind for kind in request.parameters("artifactType") if kind]
        limit = max(1, page_limit(request, PAGE_ROWS, PAGE_ROWS))
        page = await self._referrers.page(name, subject, wanted, request.parameter("last") or "", limit)
        headers = [*_INDEX]
        if wanted:
            headers.append((b"oci-filters-applied", b"artifactType"))
        if page.next_after is not None:
            kinds = [("artifactType", kind) for kind in wanted]
            parameters = [*kinds, ("n", str(limit)), ("last", page.next_after)]
            headers.append(next_link(f"/v2/{name}/referrers/{subject}", parameters))
        body = (
            b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":['
            + ",".join(page.descriptors).encode()
            + b"]}"
        )
        return Response(200, headers, body)

    async def discover(self, exchange: Exchange) -> Response:
        """List the extensions that this registry offers (`_oci/ext/discover`)."""
        if exchange.route.repository:
            await self._guard.require(exchange, Action.READ)
        elif exchange.caller.principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        return Response(200, _JSON, _EXTENSIONS)
