# SPDX-License-Identifier: Apache-2.0
"""Logging in with personal tokens and the secrets of robots, and telling whether a login is still good."""

import hmac
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from entrepot.features.access import Standings
from entrepot.features.identity import Accounts
from entrepot.features.identity import LoginThrottle
from entrepot.features.identity import Standing
from entrepot.features.identity import WrongPassword
from entrepot.features.tokens.errors import AccountDisabled
from entrepot.features.tokens.errors import SecretExpired
from entrepot.features.tokens.errors import SecretOfAnother
from entrepot.features.tokens.errors import SecretRevoked
from entrepot.features.tokens.models import TOKEN_MARK
from entrepot.features.tokens.models import Credential
from entrepot.features.tokens.models import CredentialState
from entrepot.features.tokens.secret import CREDENTIAL_PREFIX
from entrepot.features.tokens.secret import PresentedSecret
from entrepot.features.tokens.secret import read_secret
from entrepot.features.tokens.store import credentials as store
from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.errors import AppError
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.recent import Recent
from entrepot.kernel.request_facts import about_request
from entrepot.registry.last_answers import read_or_recall

FRESH_MS = 2 * SECOND_MS
RECALLED_MS = 100
"""For how long what is only known from before the database went away is not asked again."""

MAX_REMEMBERED = 20_000

_NOBODYS_SHA256 = bytes(32)
_FOREVER = Milliseconds(2**62)
_NEVER = Milliseconds(0)


@dataclass(frozen=True, slots=True)
class Login:
    """What a registry token or a refresh token came from: a principal such as `user:alice`, and a credential's mark.

    Both are empty where nobody logged in: a token of the anonymous principal.
    """

    subject: str
    credential: str


class _Known(NamedTuple):
    """When a login ends, as the database said, and until when that is believed."""

    ends_at: Milliseconds
    fresh_until: Milliseconds


class CredentialChecks:
    """Asks the database about credentials: at every login, and every two seconds about logins that go on."""

    def __init__(
        self,
        database: Database,
        accounts: Accounts,
        throttle: LoginThrottle,
        standings: Standings,
        clock: Clock,
        *,
        grace_ms: int = 0,
    ) -> None:
        """Take it that a principal may log in only if `standings` knows its kind, and its account counts.

        While the database is away, a login counts that it knew to be good less than `grace_ms` ago.
        """
        self._grace_ms = grace_ms
        self._database = database
        self._accounts = accounts
        self._throttle = throttle
        self._standings = standings
        self._clock = clock
        self._recent: Recent[Login, _Known] = Recent(clock, FRESH_MS, MAX_REMEMBERED)
        self._used: Recent[Ulid, Credential] = Recent(clock, FRESH_MS, MAX_REMEMBERED)
        """Those that somebody has logged in with."""

    async def authenticate(
        self, name: str, password: str, address: str, *, allows_enrolment: bool = False
    ) -> Principal:
        """Return who logs in with a name and a password, or a name and one of our secrets in its place.

        Raises as `Accounts.authenticate` and `log_in`.
        """
        presented = read_secret(password)
        if presented is None:
            return await self._accounts.authenticate(name, password, address, allows_enrolment=allows_enrolment)
        return await self.log_in(presented, name, address)

    async def log_in(self, presented: PresentedSecret, name: str | None, address: str) -> Principal:
        """Return the principal that a secret belongs to; `name` is what was given with it, None for nothing.

        An unknown secret and a wrong one are one answer, after one indexed statement and one
        comparison, and count as wrong passwords do. What else is wrong is told to whoever has
        the right secret. Raises `WrongPassword`, `TooManyAttempts`, `SecretOfAnother`,
        `SecretExpired`, `SecretRevoked` and `AccountDisabled`.
        """
        credential, is_known = await self._find(presented.id)
        stored = _NOBODYS_SHA256 if credential is None else credential.secret_sha256
        is_right = hmac.compare_digest(stored, presented.sha256) and presented.prefix == CREDENTIAL_PREFIX
        if credential is None or not is_right:
            async with self._throttle.attempt(name or "", address) as attempt:
                await attempt.failed()
            raise WrongPassword
        kind, _, holder = credential.principal.partition(":")
        if name is not None and name != holder:
            raise SecretOfAnother(
                f"{_described(credential)} does not belong to the user name given with it",
                hint=f"Give the name {holder} with it.",
            )
        refusal = _refusal(credential, self._clock())
        if refusal is not None:
            raise refusal
        if not is_known and not await self._may_log_in(PrincipalKind(kind), holder):
            self._used.forget(presented.id)
            raise AccountDisabled(
                f"{_described(credential)} is good, but {holder} is disabled",
                hint="Ask an administrator to enable it again.",
            )
        if not is_known:
            self._used.put(presented.id, credential)
        return Principal(PrincipalKind(kind), holder, credential=credential.mark)

    async def live_until(self, login: Login) -> Milliseconds:
        """Tell until when a login may be taken for good without asking again; a moment that is over if it is not good.

        At most two statements, and none for two seconds after that.
        """
        now = self._clock()
        known = self._recent.get(login)
        if known is None or known.fresh_until <= now:
            known = await read_or_recall(self._recent, login, partial(self._ask, login), self._grace_ms)
        return min(known.ends_at, max(known.fresh_until, after(now, RECALLED_MS)))

    async def is_live(self, login: Login) -> bool:
        """Tell whether a login is good, as far as was known at most two seconds ago."""
        return self._clock() < await self.live_until(login)

    async def _find(self, credential_id: Ulid) -> tuple[Credential | None, bool]:
        """Return a credential, and whether it is only known to have been good before the database went away."""
        try:
            found = await self._database.read(store.find, credential_id)
        except DatabaseUnavailable:
            known = self._used.recall(credential_id, self._grace_ms)
            if known is None:
                raise
            about_request().is_stale = True
            return known, True
        if found is None or _refusal(found, self._clock()) is not None:
            self._used.forget(credential_id)
        return found, False

    async def _ask(self, login: Login) -> _Known:
        now = self._clock()
        return _Known(await self._end(login), after(now, FRESH_MS))

    async def _end(self, login: Login) -> Milliseconds:
        if not login.subject:
            return _FOREVER
        kind, _, holder = login.subject.partition(":")
        if not login.credential.startswith(TOKEN_MARK):
            is_live = kind == PrincipalKind.USER and await self._accounts.is_live(holder, login.credential)
            return _FOREVER if is_live else _NEVER
        credential = await self._database.read(store.find, Ulid(login.credential.removeprefix(TOKEN_MARK)))
        if credential is None or credential.principal != login.subject:
            return _NEVER
        if not await self._may_log_in(PrincipalKind(kind), holder):
            return _NEVER
        return _FOREVER if credential.ends_at is None else credential.ends_at

    async def _may_log_in(self, kind: PrincipalKind, name: str) -> bool:
        return kind in self._standings and await self._standings[kind](name) is not Standing.NONE


def _refusal(credential: Credential, now: Milliseconds) -> AppError | None:
    """Say why a credential is not good at `now`, and what to do; None when it is good."""
    state = credential.state(now)
    if credential.ends_at is None or state is CredentialState.LIVE:
        return None
    ended_at = rfc3339(credential.ends_at)
    if state is CredentialState.EXPIRED:
        return SecretExpired(f"{_described(credential)} expired at {ended_at}", hint=_way_out(credential))
    return SecretRevoked(f"{_described(credential)} was revoked at {ended_at}", hint=_way_out(credential))


def _described(credential: Credential) -> str:
    kind, _, holder = credential.principal.partition(":")
    return f"this secret of the robot {holder}" if kind == PrincipalKind.ROBOT else f"the token {credential.name}"


def _way_out(credential: Credential) -> str:
    kind, _, holder = credential.principal.partition(":")
    if kind == PrincipalKind.ROBOT:
        return f"An administrator of its project gets a new one with POST /api/v1/robots/{holder}:rotate."
    return "Create another with POST /api/v1/tokens, logged in with user name and password."
