# SPDX-License-Identifier: Apache-2.0
"""A server to ask, over connections of aiohttp."""

import asyncio
import os
import re
import ssl
from collections.abc import AsyncGenerator
from collections.abc import AsyncIterable
from collections.abc import AsyncIterator
from collections.abc import Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from types import TracebackType

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from entrepot import __version__
from entrepot.infra.http.outbound.addresses import Allowed
from entrepot.infra.http.outbound.destination import ANSWER_BYTES
from entrepot.infra.http.outbound.destination import Answer
from entrepot.infra.http.outbound.destination import Destination
from entrepot.infra.http.outbound.errors import AddressForbidden
from entrepot.infra.http.outbound.errors import AddressInvalid
from entrepot.infra.http.outbound.errors import AnswerUnusable
from entrepot.infra.http.outbound.errors import OutgoingFailed
from entrepot.infra.http.outbound.errors import TooSlow
from entrepot.infra.http.outbound.errors import Unreachable
from entrepot.infra.http.outbound.guard import GuardedResolver
from entrepot.infra.http.outbound.guard import GuardedSockets
from entrepot.infra.http.outbound.guard import Refused
from entrepot.infra.http.outbound.incoming import FAILURES
from entrepot.infra.http.outbound.incoming import Incoming
from entrepot.infra.http.outbound.settings import OutgoingSettings

USER_AGENT = f"entrepot/{__version__}"

_TARGET = re.compile(r"/[!\"$-~]*")
PIECE_BYTES = 64 * 1024
"""Bodies in memory that are longer are sent in such pieces, so that it shows whether they are taken."""

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Peer:
    """A server to ask. Keeps its connections while it is open."""

    def __init__(
        self,
        destination: Destination,
        settings: OutgoingSettings,
        allowed: Allowed,
        resolver: AbstractResolver | None,
    ) -> None:
        self._destination = destination
        self._settings = settings
        self._allowed = allowed
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None
        self._opening = asyncio.Lock()
        self._proxy_login: dict[str, str] = {}

    async def open(self) -> None:
        """Make ready to connect, unless it is; the first request does. Raises `Unreachable` for unreadable files."""
        async with self._opening:
            if self._session is None:
                self._session = self._opened(await asyncio.to_thread(self._prepare))

    async def close(self) -> None:
        """Close every connection."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def __aenter__(self) -> "Peer":
        """Open it."""
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.close()

    @property
    def origin(self) -> str:
        """What may be shown of where it is."""
        return self._destination.url.origin

    async def ask(
        self,
        method: str,
        target: str = "",
        body: bytes | AsyncIterable[bytes] = b"",
        headers: Mapping[str, str] = _NO_HEADERS,
        max_bytes: int = ANSWER_BYTES,
    ) -> Answer:
        """Send a request; return the answer, of at most `max_bytes`.

        `target` is path and query as they go over the wire, empty for those of the destination. A body that is not
        in memory has the `Content-Length` that is among `headers`.

        Raises `AddressForbidden`, `Unreachable`, `TooSlow` and `AnswerUnusable`.
        """
        async with self._asked(method, target, body, headers, self._settings.total_seconds) as incoming:
            return Answer(incoming.status, incoming.headers, await incoming.whole(max_bytes))

    async def post(self, body: bytes, headers: Mapping[str, str], kept_bytes: int) -> Answer:
        """Post to the destination; what counts is the status: of the answer's body only the beginning is returned.

        Raises as `ask`, but for what a body may be: one that is compressed is left out.
        """
        async with self._asked("POST", "", body, headers, self._settings.total_seconds) as incoming:
            return Answer(incoming.status, incoming.headers, await incoming.beginning(kept_bytes))

    @asynccontextmanager
    async def asking(
        self,
        method: str,
        target: str = "",
        body: bytes | AsyncIterable[bytes] = b"",
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> AsyncIterator[Incoming]:
        """Send a request; hold the answer while its body comes in, for as long as neither side falls silent.

        For bodies of any length, one way or the other. Parameters and errors are those of `ask`.
        """
        async with self._asked(method, target, body, headers, None) as incoming:
            yield incoming

    @asynccontextmanager
    async def _asked(
        self,
        method: str,
        target: str,
        body: bytes | AsyncIterable[bytes],
        headers: Mapping[str, str],
        total_seconds: float | None,
    ) -> AsyncIterator[Incoming]:
        assert self._session is not None, "it is open"  # noqa: S101 - a mistake of ours
        url, settings = self._destination.url, self._settings
        target = target or f"{url.path}{'?' if url.query else ''}{url.query}"
        if not _TARGET.fullmatch(target):
            raise AddressInvalid("the path has characters that none has")
        if isinstance(body, bytes) and len(body) > PIECE_BYTES:
            headers, body = {**headers, "Content-Length": str(len(body))}, _in_pieces(body)
        try:
            async with asyncio.timeout(None) as timeout:
                patience = _Patience(timeout, settings.read_seconds)
                try:
                    response = await self._session.request(
                        method,
                        URL(f"{url.origin}{target}", encoded=True),
                        data=(body or None) if isinstance(body, bytes) else patience.over(body),
                        headers=headers if url.scheme == "https" else {**headers, **self._proxy_login},
                        allow_redirects=False,
                        proxy=self._proxy,
                        proxy_headers=self._proxy_login,
                        timeout=aiohttp.ClientTimeout(
                            total=total_seconds, sock_connect=settings.connect_seconds, sock_read=settings.read_seconds
                        ),
                    )
                finally:
                    patience.end()
        except FAILURES as error:
            raise self._told(error) from error
        async with response:
            yield Incoming(response, self.origin, self._told)

    @property
    def _is_guarded(self) -> bool:
        return self._destination.is_supplied and self._proxy is None

    @property
    def _proxy(self) -> str | None:
        host, settings = self._destination.url.host, self._settings
        is_direct = any(host == each or (each.startswith(".") and host.endswith(each)) for each in settings.no_proxy)
        if is_direct or not settings.proxy or (self._destination.is_supplied and not settings.proxy_supplied):
            return None
        return settings.proxy

    def _opened(self, context: ssl.SSLContext) -> aiohttp.ClientSession:
        settings = self._settings
        resolver = self._resolver or aiohttp.ThreadedResolver()
        guarded = GuardedResolver(resolver, self._allowed)
        connector = aiohttp.TCPConnector(
            ssl=context,
            limit=settings.connections,
            use_dns_cache=False,
            resolver=guarded if self._is_guarded else resolver,
            socket_factory=GuardedSockets(self._destination.url.host, self._allowed) if self._is_guarded else None,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
            auto_decompress=False,
            trust_env=False,
        )

    def _prepare(self) -> ssl.SSLContext:
        """Read what stands in files."""
        settings, own = self._settings, self._destination.ca_file
        try:
            if self._proxy is not None and settings.proxy_login_file is not None:
                name, _, password = settings.proxy_login_file.read_text(encoding="utf-8").strip().partition(":")
                self._proxy_login = {"Proxy-Authorization": aiohttp.encode_basic_auth(name, password)}
            context = ssl.create_default_context(cafile=own)
            if own is None and settings.ca_file is not None:
                context.load_verify_locations(settings.ca_file)
        except (OSError, ValueError) as error:
            raise Unreachable(
                f"{self.origin}: the file of authorities or of the proxy's login cannot be read"
            ) from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def _told(self, error: Exception) -> OutgoingFailed:
        cause: BaseException = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
        if isinstance(cause, Refused):
            return AddressForbidden(f"{self._destination.url.host} leads to an address that is not of the Internet")
        if isinstance(error, TimeoutError):
            return TooSlow(f"{self.origin} takes too long to answer")
        if isinstance(error, aiohttp.ClientConnectorCertificateError):
            return Unreachable(f"{self.origin} is not who it should be: {error.certificate_error}")
        if isinstance(error, aiohttp.ClientHttpProxyError):
            return Unreachable(f"the proxy does not connect to {self.origin}: it says {error.status}")
        if isinstance(error, aiohttp.ClientProxyConnectionError):
            return Unreachable(f"the proxy on the way to {self.origin} cannot be reached: {_reason(error.os_error)}")
        if isinstance(cause, OSError):
            return Unreachable(f"{self.origin} cannot be reached: {_reason(cause)}")
        if isinstance(error, aiohttp.ServerDisconnectedError):
            return Unreachable(f"{self.origin} closed the connection")
        return AnswerUnusable(f"what {self.origin} answers is not HTTP, or breaks off")


class _Patience:
    """How long the other side may leave a piece of a body where it is, while a request is sent.

    Nothing else bounds that: the time to say something begins when all of the body is gone. How long it takes to come
    by the next piece is no matter of the other side.
    """

    def __init__(self, timeout: asyncio.Timeout, seconds: float) -> None:
        self._timeout: asyncio.Timeout | None = timeout
        self._seconds = seconds

    def end(self) -> None:
        """Bound nothing more: the request was answered, or has failed."""
        self._timeout = None

    async def over(self, body: AsyncIterable[bytes]) -> AsyncGenerator[bytes, None]:
        """Yield a body."""
        async for piece in body:
            self._bound(asyncio.get_running_loop().time() + self._seconds)
            yield piece
            self._bound(None)

    def _bound(self, when: float | None) -> None:
        if self._timeout is not None and not self._timeout.expired():
            self._timeout.reschedule(when)


async def _in_pieces(body: bytes) -> AsyncGenerator[bytes, None]:
    for start in range(0, len(body), PIECE_BYTES):
        yield body[start : start + PIECE_BYTES]


def _reason(error: OSError) -> str:
    """Say why without the addresses that were tried."""
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return str(error.strerror or "it does not answer")
