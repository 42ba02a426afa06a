# SPDX-License-Identifier: Apache-2.0
"""Sending requests to a bucket until they are answered for good.

Each is signed anew and sent again, after a random pause that grows, when the service or the way to it fails; and at
once with other keys, when those that were used are refused and there are others.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from email.utils import parsedate_to_datetime
from time import perf_counter
from typing import Generic
from typing import TypeVar

from entrepot.infra.http.outbound.destination import Answer
from entrepot.infra.http.outbound.errors import OutgoingFailed
from entrepot.infra.http.outbound.peer import Peer
from entrepot.infra.http.outbound.retrying import retry_after_seconds
from entrepot.infra.http.outbound.sigv4 import Query
from entrepot.infra.http.outbound.sigv4 import Signable
from entrepot.infra.http.outbound.sigv4 import encoded_path
from entrepot.infra.http.outbound.sigv4 import encoded_query
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.s3.answers import MAX_XML_BYTES
from entrepot.infra.storage.s3.answers import error_code
from entrepot.infra.storage.s3.credentials import Wallet
from entrepot.infra.storage.s3.requests import Body
from entrepot.infra.storage.s3.tally import Tally
from entrepot.infra.storage.s3.tally import name_of
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after

C = TypeVar("C")

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 10.0
_KEY_TROUBLES = (
    "ExpiredToken",
    "InvalidToken",
    "TokenRefreshRequired",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "AuthenticationFailed",
    "InvalidAuthenticationInfo",
    "AuthenticationRequired",
)
_PASSING = (408, 429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Signed:
    """What a request has besides its own, so that the service knows who asks. It holds secrets."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: str = field(default="", repr=False)
    """Goes behind that of the request, as it is."""


@dataclass(frozen=True, slots=True)
class Address:
    """A bucket and how it is addressed: `host` and the `base` that every path begins with; `prefix` begins keys."""

    origin: str
    host: str
    base: str
    prefix: str

    def path(self, key: str | None) -> str:
        """Return the path of an object, or of the bucket, not encoded."""
        return self.base or "/" if key is None else f"{self.base}/{self.prefix}{key}"


@dataclass(slots=True)
class Sender(Generic[C]):
    """Sends requests about one bucket. `sign` tells what a request has besides, at a moment, with some keys."""

    peer: Peer
    address: Address
    wallet: Wallet[C]
    sign: Callable[[Signable, C, Milliseconds], Signed]
    clock: Clock
    attempts: int
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    tally: Tally = field(default_factory=Tally)
    _ahead_ms: int = 0
    """How far the clock of the service is ahead of ours, once it complained of that."""

    async def ask(
        self,
        method: str,
        key: str | None,
        query: Query,
        headers: Mapping[str, str],
        body: Body | None = None,
        body_hash: str = "",
    ) -> Answer:
        """Send a request about an object, or the bucket; count it. Raises `StorageUnavailable` if nobody answers."""
        begin, status = perf_counter(), 0
        try:
            answer = await self._ask(method, key, query, headers, body, body_hash)
            status = answer.status
        finally:
            self.tally.ended(name_of(method, query), status, perf_counter() - begin)
        return answer

    async def _ask(
        self, method: str, key: str | None, query: Query, headers: Mapping[str, str], body: Body | None, body_hash: str
    ) -> Answer:
        path = self.address.path(key)
        target = f"{encoded_path(path)}{f'?{encoded_query(query)}' if query else ''}"
        request = Signable(method, path, query, {"Host": self.address.host, **headers}, body_hash=body_hash)
        await self.peer.open()
        for attempt in range(1, self.attempts + 1):
            is_last, pause, status = attempt == self.attempts, None, 0
            keys = await self.wallet.current()
            added = self.sign(request, keys, after(self.clock(), self._ahead_ms))
            behind = f"{'&' if query else '?'}{added.query}" if added.query else ""
            try:
                answer = await self._send(request, target + behind, {**headers, **added.headers}, body)
            except OutgoingFailed as error:
                if is_last:
                    raise StorageUnavailable(f"the bucket cannot be reached: {error.message}") from error
            else:
                if is_last or not await self._may_do_better(answer, keys):
                    return answer
                pause = retry_after_seconds(answer.headers, self.clock(), int(LONGEST_PAUSE_SECONDS))
                status = answer.status
            self.tally.repeated(status)
            await self._wait(attempt, pause)
        raise AssertionError("the last attempt returns or raises")

    def require_success(self, answer: Answer, doing: str) -> None:
        """Raise `StorageUnavailable` for an error, which may come with status 200."""
        code = code_of(answer)
        if not answer.is_success or code:
            raise StorageUnavailable(f"{doing}: {self.address.host} answers {answer.status} {code}".rstrip())

    async def _send(self, request: Signable, target: str, headers: Mapping[str, str], body: Body | None) -> Answer:
        sent = dict(headers)
        if request.method in ("PUT", "POST"):
            sent["Content-Length"] = str(body.size if body is not None else 0)
        data: bytes | AsyncIterator[bytes] = body.chunks() if body is not None and body.size else b""
        return await self.peer.ask(request.method, target, data, sent, MAX_XML_BYTES)

    async def _may_do_better(self, answer: Answer, keys: C) -> bool:
        """Tell whether the same request may do better soon."""
        code = code_of(answer)
        if code in _KEY_TROUBLES or answer.status == 401:
            self.wallet.refused(keys)
            return await self.wallet.current() != keys
        if code == "RequestTimeTooSkewed":
            return self._look_at_clock(answer)
        return answer.status in _PASSING or (answer.is_success and bool(code))

    def _look_at_clock(self, answer: Answer) -> bool:
        try:
            theirs = parsedate_to_datetime(answer.headers.get("date", "")).timestamp() * 1000
        except (ValueError, OverflowError):
            return False
        self._ahead_ms = int(theirs) - self.clock()
        return True

    async def _wait(self, attempt: int, told_seconds: int | None = None) -> None:
        """Wait a random time, up to twice as long each time ("full jitter"), or as long as the service says."""
        longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**attempt)
        await self.pause(max(told_seconds or 0, random.uniform(0, longest)))  # noqa: S311 - no secret


def code_of(answer: Answer) -> str:
    """Return the code of an error, which Azure repeats in a header; empty where there is none."""
    return (error_code(answer.body) if answer.body else "") or ("" if answer.is_success else _told(answer))


def _told(answer: Answer) -> str:
    code = answer.headers.get("x-ms-error-code", "")
    return code if code.isascii() and code.isalnum() and len(code) <= 100 else ""
