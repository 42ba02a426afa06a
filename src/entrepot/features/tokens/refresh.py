# SPDX-License-Identifier: Apache-2.0
"""Refresh tokens: opaque secrets that a client keeps instead of a password, each bound to what it logged in with."""

import hmac

import structlog

from entrepot.features.tokens.credentials import CredentialChecks
from entrepot.features.tokens.credentials import Login
from entrepot.features.tokens.credentials import require_allowed
from entrepot.features.tokens.errors import InvalidToken
from entrepot.features.tokens.models import RefreshToken
from entrepot.features.tokens.secret import REFRESH_PREFIX
from entrepot.features.tokens.secret import digest_of_secret
from entrepot.features.tokens.secret import new_secret
from entrepot.features.tokens.secret import read_secret
from entrepot.features.tokens.store import refresh_tokens as store
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.errors import Unavailable
from entrepot.kernel.identifiers import new_ulid

UNUSED_MS = 90 * DAY_MS
"""A refresh token that nobody used for so long is over."""

NOTED_EVERY_MS = DAY_MS
"""How exactly its last use is known: fetching a token writes nothing else, and so writes once a day at most."""

MAX_PER_PRINCIPAL = 1_000

log = structlog.get_logger(__name__)


class UnknownRefreshToken(InvalidToken):
    """The refresh token is not known: it was not used for too long, or made room for newer ones."""

    default_hint = "Log in again."


class RefreshTokens:
    """Makes refresh tokens and turns them back into principals."""

    def __init__(self, database: Database, credentials: CredentialChecks, clock: Clock) -> None:
        self._database = database
        self._credentials = credentials
        self._clock = clock

    async def issue(self, principal: Principal) -> str:
        """Make a refresh token for somebody who just logged in; old ones make room."""
        now, token_id = self._clock(), new_ulid()
        secret = new_secret(REFRESH_PREFIX, token_id)
        token = RefreshToken(token_id, digest_of_secret(secret), principal.identity, principal.credential, now, now)
        await self._database.write(store.add, token, MAX_PER_PRINCIPAL - 1)
        return secret

    async def redeem(self, secret: str, address: str = "") -> Principal:
        """Return who was given this refresh token, logged in as then, for a client at this address.

        Raises `UnknownRefreshToken`, `LoginEnded` when the credential is no longer good, and `AddressNotAllowed`.
        """
        token = await self._find(secret)
        now = self._clock()
        if token is None or now - token.used_at >= UNUSED_MS:
            raise UnknownRefreshToken
        login = Login(token.principal, token.credential)
        state = await self._credentials.state(login)
        if state.live_until <= now:
            raise await self._credentials.why_ended(login)
        require_allowed(state.allowed, address)
        self._credentials.note_use(login, address)
        if now - token.used_at >= NOTED_EVERY_MS:
            await self._note_use(token)
        kind, _, name = token.principal.partition(":")
        return Principal(PrincipalKind(kind), name, credential=token.credential)

    async def _find(self, secret: str) -> RefreshToken | None:
        presented = read_secret(secret)
        if presented is None or presented.prefix != REFRESH_PREFIX:
            return None
        token = await self._database.read(store.find, presented.id)
        return token if token is not None and hmac.compare_digest(token.secret_sha256, presented.sha256) else None

    async def _note_use(self, token: RefreshToken) -> None:
        """Store that it is in use. While nothing can be stored, logging in goes on."""
        try:
            await self._database.write_locked(store.touch, token.id, self._clock())
        except Unavailable as error:
            log.warning("refresh_token.use_not_noted", reason=error.message)
