# SPDX-License-Identifier: Apache-2.0
"""Ways to the registries that imports come from: each is guarded as every address that users supply."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from entrepot.features.imports.errors import ImportInvalid
from entrepot.features.imports.models import Login
from entrepot.infra.distribution import credentials
from entrepot.infra.distribution.persistence import Persistence
from entrepot.infra.distribution.session import Session
from entrepot.infra.distribution.ways import PlainHttp
from entrepot.infra.distribution.ways import Ways
from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.http.outbound.destination import supplied
from entrepot.infra.http.outbound.url import Url
from entrepot.infra.http.outbound.url import parse_url

_HUB = "https://registry-1.docker.io"
_HUB_HOSTS = frozenset({"docker.io", "index.docker.io", "hub.docker.com"})


class Sources:
    """Opens sessions with sources, or refuses to."""

    def __init__(self, outbound: Outbound, persistence: Persistence | None = None) -> None:
        self._outbound = outbound
        self.persistence = persistence or Persistence(attempts=6)

    def origin_of(self, text: str) -> str:
        """Return the origin of a source, whose address a user supplies.

        Raises `ImportInvalid`, `PlainHttp`, and what the guard of outgoing requests raises.
        """
        url = parse_url(text if "://" in text else f"https://{text}")
        if url.path.rstrip("/") not in ("", "/v2") or url.query:
            raise ImportInvalid(
                "the address of the source has a path",
                hint="Give the registry alone; its repositories are named.",
                detail={"field": "url"},
            )
        origin = _HUB if url.host in _HUB_HOSTS else url.origin
        self._plain(parse_url(origin))
        self._outbound.to(supplied(origin))
        return origin

    @asynccontextmanager
    async def open(self, origin: str, login: Login | None) -> AsyncIterator[Session]:
        """Hold a session with a source. Raises as `origin_of`."""
        url = parse_url(origin)
        ways = Ways(self._outbound, is_guarded=True, plain=self._plain(url))
        try:
            given = None if login is None else credentials.Login(login.name, login.secret)
            yield Session(url, given, ways, self.persistence)
        finally:
            await ways.close()

    def _plain(self, url: Url) -> frozenset[str]:
        """Return what may be asked in the clear: the source itself, where the operator lists it."""
        if url.scheme == "https":
            return frozenset()
        if not self._outbound.lists(url):
            raise PlainHttp(
                f"{url.origin} is plain HTTP",
                hint="Use https. An administrator can allow plain HTTP to a host by listing it in outgoing.allow.",
            )
        return frozenset({url.origin.removeprefix("http://")})
