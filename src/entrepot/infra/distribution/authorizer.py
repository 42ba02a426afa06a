# SPDX-License-Identifier: Apache-2.0
"""Proving to a registry who asks: Basic, or tokens of the service that it names (distribution token specification)."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from entrepot.infra.distribution.answers import refusal
from entrepot.infra.distribution.challenge import Challenge
from entrepot.infra.distribution.challenge import parse_challenges
from entrepot.infra.distribution.credentials import Login
from entrepot.infra.distribution.errors import LoginRefused
from entrepot.infra.distribution.errors import RegistryRefused
from entrepot.infra.distribution.ways import Ways
from entrepot.infra.distribution.ways import target_of
from entrepot.infra.http.outbound.destination import Answer
from entrepot.infra.http.outbound.url import Url
from entrepot.infra.http.outbound.url import parse_url

CLIENT_ID = "entrepot"
SHORTEST_SECONDS = 60
"""How long a token is good that does not say so."""
EARLY_SECONDS = 10

Scopes = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    ends_at: float


class Authorizer:
    """What goes into the `Authorization` header of requests to one registry."""

    def __init__(
        self, origin: Url, login: Login | None, ways: Ways, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._origin = origin
        self._login = login
        self._ways = ways
        self._clock = clock
        self._challenge: Challenge | None = None
        self._tokens: dict[Scopes, _Token] = {}
        self._fetching = asyncio.Lock()

    async def header(self, scopes: Scopes) -> str:
        """Return the header for what is to be done, empty while the registry has not said what it wants."""
        login = self._login
        if login is not None and not login.name and not login.is_refresh:
            return f"Bearer {login.secret}"
        challenge = self._challenge
        if challenge is None:
            return ""
        if challenge.scheme == "basic":
            return login.basic if login is not None else ""
        async with self._fetching:
            known = self._tokens.get(scopes)
            if known is None or known.ends_at <= self._clock():
                known = self._tokens[scopes] = await self._fetched(challenge, scopes)
        return f"Bearer {known.value}"

    async def renew(self, answer: Answer, scopes: Scopes, sent: str) -> None:
        """Take what an answer with 401 to `sent` says, so that the next header is another. Raises `LoginRefused`."""
        offered = {each.scheme: each for each in parse_challenges(answer.headers.get("www-authenticate", ""))}
        chosen = offered.get("bearer") or (offered.get("basic") if self._login else None)
        if chosen is None or (sent and self._is_final(chosen)):
            raise self._refused(answer)
        self._challenge = chosen
        known = self._tokens.get(scopes)
        if known is not None and sent == f"Bearer {known.value}":
            del self._tokens[scopes]

    def _is_final(self, challenge: Challenge) -> bool:
        """Tell whether nothing else could be sent than what was."""
        login = self._login
        return challenge.scheme == "basic" or (login is not None and not login.name and not login.is_refresh)

    async def _fetched(self, challenge: Challenge, scopes: Scopes) -> _Token:
        realm = parse_url(challenge.parameters.get("realm", ""))
        service = challenge.parameters.get("service", "")
        fields = [("service", service)] if service else []
        asked_at = self._clock()
        answer = await self._asked(realm, [*fields, *(("scope", scope) for scope in scopes)], " ".join(scopes))
        if answer.status in (400, 401, 403):
            raise self._refused(answer)
        if answer.status != 200:
            raise refusal(realm.origin, answer)
        return _read(answer, asked_at, realm.origin)

    async def _asked(self, realm: Url, fields: list[tuple[str, str]], scope: str) -> Answer:
        peer = await self._ways.to(realm)
        login = self._login
        if login is not None and login.is_refresh:
            form = {
                "grant_type": "refresh_token",
                "refresh_token": login.secret,
                "client_id": CLIENT_ID,
                "scope": scope,
                **{name: value for name, value in fields if name == "service"},
            }
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            return await peer.ask("POST", target_of(realm), urlencode(form).encode(), headers)
        query = "&".join(part for part in (realm.query, urlencode(fields)) if part)
        target = f"{realm.path}{'?' if query else ''}{query}"
        return await peer.ask("GET", target, headers={} if login is None else {"Authorization": login.basic})

    def _refused(self, answer: Answer) -> LoginRefused:
        told = refusal(self._origin.origin, answer)
        if self._login is None:
            hint = f"There is no login for it. Log in with: entrepot login {self._origin.origin}, or with docker login."
        else:
            hint = "The login for it may have ended, or may not do this: log in again."
        return LoginRefused(told.message, status=answer.status, reason=told.reason, hint=hint)


def _read(answer: Answer, asked_at: float, origin: str) -> _Token:
    try:
        told = json.loads(answer.body)
        value = told.get("token") or told.get("access_token")
        seconds = told.get("expires_in", SHORTEST_SECONDS)
    except (ValueError, RecursionError, AttributeError):
        value, seconds = None, 0
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise RegistryRefused(f"the token service {origin} answers without a token", status=200)
    lasting = seconds if isinstance(seconds, int | float) and seconds > 0 else SHORTEST_SECONDS
    return _Token(value, asked_at + max(1.0, lasting - EARLY_SECONDS))
