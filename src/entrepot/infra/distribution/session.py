# SPDX-License-Identifier: Apache-2.0
"""Requests to one registry: proved, repeated while it is busy, followed where it sends on."""

from collections.abc import AsyncIterable
from collections.abc import AsyncIterator
from collections.abc import Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING

from entrepot.infra.distribution.answers import refusal
from entrepot.infra.distribution.authorizer import Authorizer
from entrepot.infra.distribution.authorizer import Scopes
from entrepot.infra.distribution.credentials import Login
from entrepot.infra.distribution.errors import CopyingFailed
from entrepot.infra.distribution.persistence import PASSING
from entrepot.infra.distribution.persistence import Attempts
from entrepot.infra.distribution.persistence import Persistence
from entrepot.infra.distribution.persistence import is_passing
from entrepot.infra.distribution.ways import Ways
from entrepot.infra.distribution.ways import resolved
from entrepot.infra.distribution.ways import target_of
from entrepot.infra.http.outbound.destination import ANSWER_BYTES
from entrepot.infra.http.outbound.destination import Answer
from entrepot.infra.http.outbound.url import Url
from entrepot.kernel.errors import AppError

if TYPE_CHECKING:
    from entrepot.infra.http.outbound.incoming import Incoming
    from entrepot.infra.http.outbound.peer import Peer

MAX_REDIRECTS = 5
MAX_RENEWALS = 3
"""How often a request is proved anew: a token that others use too may end between two of its requests."""

FIRST_ATTEMPTS = 2
"""How often a registry is asked that has never answered: a wrong name does not pass by itself."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class NotFollowed(CopyingFailed):
    """The registry sends on to where this is not followed."""

    code = "not_followed"


class Session:
    """One registry, and who asks it."""

    def __init__(self, origin: Url, login: Login | None, ways: Ways, persistence: Persistence) -> None:
        self.origin = origin
        self._ways = ways
        self._authorizer = Authorizer(origin, login, ways)
        self._persistence = persistence
        self._has_answered = False

    def url(self, text: str) -> Url:
        """Return the address of what the registry names. Raises `AddressInvalid`."""
        return resolved(text, self.origin)

    async def ask(
        self,
        method: str,
        url: Url,
        scopes: Scopes,
        body: bytes = b"",
        headers: Mapping[str, str] = _NO_HEADERS,
        max_bytes: int = ANSWER_BYTES,
    ) -> Answer:
        """Send a request that may be sent twice; return the answer, whatever it says unless that passes.

        Raises `OutgoingFailed`, `LoginRefused`, and `RegistryRefused` where it does not pass.
        """
        attempts = self._attempts()
        while True:
            try:
                answer = await self._proved(method, url, scopes, body, headers, max_bytes)
            except AppError as error:
                if not is_passing(error):
                    raise
                await attempts.again(error)
                continue
            if answer.status not in PASSING:
                return answer
            await attempts.again(refusal(self.origin.origin, answer))

    async def send(
        self, method: str, url: Url, scopes: Scopes, body: AsyncIterable[bytes], headers: Mapping[str, str]
    ) -> Answer:
        """Send a body once; return the answer. One of 401 has its consequences for the next header."""
        peer, sent, own = await self._prepared(url, scopes, headers)
        async with peer.asking(method, target_of(url), body, own) as incoming:
            answer = Answer(incoming.status, incoming.headers, await incoming.whole(ANSWER_BYTES))
        if answer.status == 401:
            await self._authorizer.renew(answer, scopes, sent)
        return answer

    @asynccontextmanager
    async def open(self, url: Url, scopes: Scopes, headers: Mapping[str, str]) -> AsyncIterator["Incoming"]:
        """Hold the answer to a GET, wherever the registry sends on to: what proves who asks goes to itself alone."""
        renewals = 0
        for _ in range(MAX_REDIRECTS + MAX_RENEWALS + 1):
            peer, sent, own = await self._prepared(url, scopes, headers)
            async with peer.asking("GET", target_of(url), b"", own) as incoming:
                self._has_answered = True
                if incoming.status in _REDIRECTS:
                    url = self._followed(url, incoming.headers.get("location", ""))
                    continue
                if incoming.status == 401 and url.origin == self.origin.origin and renewals < MAX_RENEWALS:
                    refused = Answer(401, incoming.headers, await incoming.whole(ANSWER_BYTES))
                    await self._authorizer.renew(refused, scopes, sent)
                    renewals += 1
                    continue
                yield incoming
                return
        raise NotFollowed(f"{self.origin.origin} sends on more than {MAX_REDIRECTS} times")

    async def _proved(
        self, method: str, url: Url, scopes: Scopes, body: bytes, headers: Mapping[str, str], max_bytes: int
    ) -> Answer:
        """Send a request, and once more where the registry wants to know first who asks."""
        renewals = 0
        for _ in range(MAX_REDIRECTS + MAX_RENEWALS + 1):
            peer, sent, own = await self._prepared(url, scopes, headers)
            async with peer.asking(method, target_of(url), body, own) as incoming:
                answer = Answer(incoming.status, incoming.headers, await incoming.whole(max_bytes))
            self._has_answered = True
            if answer.status == 401 and url.origin == self.origin.origin:
                await self._authorizer.renew(answer, scopes, sent)
                if renewals >= MAX_RENEWALS:
                    return answer
                renewals += 1
            elif answer.status in _REDIRECTS and method in ("GET", "HEAD"):
                url = self._followed(url, answer.headers.get("location", ""))
            else:
                return answer
        raise NotFollowed(f"{self.origin.origin} sends on more than {MAX_REDIRECTS} times")

    async def _prepared(
        self, url: Url, scopes: Scopes, headers: Mapping[str, str]
    ) -> tuple["Peer", str, Mapping[str, str]]:
        peer = await self._ways.to(url)
        if url.origin != self.origin.origin:
            return peer, "", headers
        sent = await self._authorizer.header(scopes)
        return peer, sent, {**headers, "Authorization": sent} if sent else headers

    def _followed(self, url: Url, location: str) -> Url:
        to = resolved(location, url)
        if url.scheme == "https" and to.scheme != "https":
            raise NotFollowed(f"{url.origin} sends on to plain HTTP")
        return to

    def _attempts(self) -> Attempts:
        if self._has_answered:
            return Attempts(self._persistence)
        few = min(FIRST_ATTEMPTS, self._persistence.attempts)
        return Attempts(Persistence(few, self._persistence.first_seconds, sleep=self._persistence.sleep))
