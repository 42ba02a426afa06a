# SPDX-License-Identifier: Apache-2.0
"""Logging in with personal tokens and the secrets of robots, and telling whether a login is still good."""

import hmac
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple
from typing import Protocol

from entrepot.features.access import Standings
from entrepot.features.identity import LoginThrottle
from entrepot.features.identity import Standing
from entrepot.features.identity import WrongPassword
from entrepot.features.tokens.addresses import ANYWHERE
from entrepot.features.tokens.addresses import AllowedAddresses
from entrepot.features.tokens.aliases import is_alias
from entrepot.features.tokens.errors import AccountDisabled
from entrepot.features.tokens.errors import AddressNotAllowed
from entrepot.features.tokens.errors import LoginEnded
from entrepot.features.tokens.errors import SecretExpired
from entrepot.features.tokens.errors import SecretOfAnother
from entrepot.features.tokens.errors import SecretRevoked
from entrepot.features.tokens.last_uses import MAX_ADDRESS_CHARACTERS
from entrepot.features.tokens.last_uses import LastUses
from entrepot.features.tokens.models import TOKEN_MARK
from entrepot.features.tokens.models import Credential
from entrepot.features.tokens.models import CredentialState
from entrepot.features.tokens.secret import CREDENTIAL_PREFIX
from entrepot.features.tokens.secret import PresentedSecret
from entrepot.features.tokens.secret import read_secret
from entrepot.features.tokens.store import aliases
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


class PasswordLogins(Protocol):
    """Knows names and what goes with them, where that is no secret of ours."""

    async def authenticate(
        self, name: str, password: str, address: str, *, allows_enrolment: bool = False
    ) -> Principal | Credential:
        """Return the user whose password it is, or a credential whose secret it is. Raises `WrongPassword`."""

    async def is_live(self, name: str, credential: str) -> bool:
        """Tell whether a user's password, named by a mark, would let them in now."""


@dataclass(frozen=True, slots=True)
class LoginState:
    """How a login stands: until when it may be taken for good without asking again, and from where it is good.

    `is_replaced`: it ended because another secret took its place, which nothing that was begun with it suffers from.
    """

    live_until: Milliseconds
    allowed: AllowedAddresses
    is_replaced: bool


class _Known(NamedTuple):
    """When a login ends and from where it is good, as the database said, and until when that is believed."""

    ends_at: Milliseconds
    fresh_until: Milliseconds
    allowed: AllowedAddresses
    is_replaced: bool


class CredentialChecks:
    """Asks the database about credentials: at every login, and every two seconds about logins that go on."""

    def __init__(
        self,
        database: Database,
        accounts: PasswordLogins,
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
        self.uses = LastUses(database, clock)
        """Where it is noted that they have."""

    async def authenticate(
        self, name: str, password: str, address: str, *, allows_enrolment: bool = False
    ) -> Principal:
        """Return who logs in with a name and a password, or a name and the secret of a program in its place.

        Raises as `Accounts.authenticate` and `log_in`.
        """
        presented = read_secret(password)
        if presented is not None:
            return await self.log_in(presented, name, address)
        found = await self._accounts.authenticate(name, password, address, allows_enrolment=allows_enrolment)
        if not isinstance(found, Principal):
            return await self._admit(found, address, is_known=False)
        self.uses.tell(found, address)
        return found

    async def log_in(self, presented: PresentedSecret, name: str | None, address: str) -> Principal:
        """Return the principal that a secret belongs to; `name` is what was given with it, None for nothing.

        An unknown secret and a wrong one are one answer, after one indexed statement and one
        comparison, and count as wrong passwords do. What else is wrong is told to whoever has
        the right secret. Raises `WrongPassword`, `TooManyAttempts`, `SecretOfAnother`,
        `SecretExpired`, `SecretRevoked`, `AccountDisabled` and `AddressNotAllowed`.
        """
        credential, is_known = await self._find(presented.id)
        stored = _NOBODYS_SHA256 if credential is None else credential.secret_sha256
        is_right = hmac.compare_digest(stored, presented.sha256) and presented.prefix == CREDENTIAL_PREFIX
        if credential is None or not is_right:
            async with self._throttle.attempt(name or "", address) as attempt:
                await attempt.failed()
            raise WrongPassword
        if name is not None and not await self._goes_by(credential, name):
            raise SecretOfAnother(
                f"{_described(credential)} does not belong to the user name given with it",
                hint=f"Give the name {_holder(credential)[1]} with it.",
            )
        return await self._admit(credential, address, is_known=is_known)

    async def state(self, login: Login) -> LoginState:
        """Tell how a login stands. At most two statements, and none for two seconds after that."""
        now = self._clock()
        known = self._recent.get(login)
        if known is None or known.fresh_until <= now:
            known = await read_or_recall(self._recent, login, partial(self._ask, login), self._grace_ms)
        live_until = min(known.ends_at, max(known.fresh_until, after(now, RECALLED_MS)))
        return LoginState(live_until, known.allowed, known.is_replaced)

    async def is_live(self, login: Login) -> bool:
        """Tell whether a login is good, as far as was known at most two seconds ago."""
        return self._clock() < (await self.state(login)).live_until

    def note_use(self, login: Login, address: str) -> None:
        """Note that a login was renewed, if it came from a secret of a program."""
        if login.credential.startswith(TOKEN_MARK):
            self.uses.note(Ulid(login.credential.removeprefix(TOKEN_MARK)), address)

    async def why_ended(self, login: Login) -> LoginEnded:
        """Return the refusal for a login that is no longer good, with the reason where that is known."""
        try:
            credential = await self._credential_of(login)
        except DatabaseUnavailable:
            credential = None
        if credential is None:
            return LoginEnded()
        refusal = _refusal(credential, self._clock()) or _disabled(credential)
        return LoginEnded(refusal.message, hint=f"{refusal.hint} Log in again.")

    async def _admit(self, credential: Credential, address: str, *, is_known: bool) -> Principal:
        """Return whom a right secret belongs to; `is_known` from before the database went away, when it was good."""
        refusal = _refusal(credential, self._clock())
        if refusal is not None:
            raise refusal
        kind, holder = _holder(credential)
        if not is_known and not await self._may_log_in(kind, holder):
            self._used.forget(credential.id)
            raise _disabled(credential)
        require_allowed(credential.allowed, address)
        if not is_known:
            self._used.put(credential.id, credential)
        principal = Principal(kind, holder, credential=credential.mark)
        self.uses.note(credential.id, address)
        self.uses.tell(principal, address)
        return principal

    async def _goes_by(self, credential: Credential, name: str) -> bool:
        if name == _holder(credential)[1]:
            return True
        return is_alias(name) and await self._database.read(aliases.principal_of, name) == credential.principal

    async def _credential_of(self, login: Login) -> Credential | None:
        if not login.credential.startswith(TOKEN_MARK):
            return None
        found = await self._database.read(store.find, Ulid(login.credential.removeprefix(TOKEN_MARK)))
        return found if found is not None and found.principal == login.subject else None

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
        fresh_until = after(self._clock(), FRESH_MS)
        if not login.subject:
            return _Known(_FOREVER, fresh_until, ANYWHERE, is_replaced=False)
        kind, _, holder = login.subject.partition(":")
        if not login.credential.startswith(TOKEN_MARK):
            is_live = kind == PrincipalKind.USER and await self._accounts.is_live(holder, login.credential)
            return _Known(_FOREVER if is_live else _NEVER, fresh_until, ANYWHERE, is_replaced=False)
        credential = await self._credential_of(login)
        if credential is None or not await self._may_log_in(PrincipalKind(kind), holder):
            return _Known(_NEVER, fresh_until, ANYWHERE, is_replaced=False)
        ends_at = _FOREVER if credential.ends_at is None else credential.ends_at
        return _Known(ends_at, fresh_until, credential.allowed, _is_replaced(credential))

    async def _may_log_in(self, kind: PrincipalKind, name: str) -> bool:
        return kind in self._standings and await self._standings[kind](name) is not Standing.NONE


def require_allowed(allowed: AllowedAddresses, address: str) -> None:
    """Do nothing if a right secret is good from the address of a client. Raises `AddressNotAllowed`."""
    if not allowed.allow(address):
        raise AddressNotAllowed(
            f"this secret is right, but not good from the address {address[:MAX_ADDRESS_CHARACTERS] or 'unknown'}",
            hint="Use it from one of its allowed addresses, or ask whoever made it to allow this one.",
        )


def _refusal(credential: Credential, now: Milliseconds) -> AppError | None:
    """Say why a credential is not good at `now`, and what to do; None when it is good."""
    state = credential.state(now)
    if credential.ends_at is None or state is CredentialState.LIVE:
        return None
    ended_at = rfc3339(credential.ends_at)
    if state is CredentialState.EXPIRED:
        return SecretExpired(f"{_described(credential)} expired at {ended_at}", hint=_way_out(credential))
    became = "was replaced" if _is_replaced(credential) else "was revoked"
    return SecretRevoked(f"{_described(credential)} {became} at {ended_at}", hint=_way_out(credential))


def _disabled(credential: Credential) -> AccountDisabled:
    return AccountDisabled(
        f"{_described(credential)} is good, but {_holder(credential)[1]} is disabled",
        hint="Ask an administrator to enable it again.",
    )


def _is_replaced(credential: Credential) -> bool:
    """Tell whether it ends, or has ended, because another one took its place."""
    return credential.replaced_at is not None and credential.ends_at == credential.revoked_at


def _holder(credential: Credential) -> tuple[PrincipalKind, str]:
    kind, _, name = credential.principal.partition(":")
    return PrincipalKind(kind), name


def _described(credential: Credential) -> str:
    kind, holder = _holder(credential)
    return f"this secret of the robot {holder}" if kind is PrincipalKind.ROBOT else f"the token {credential.name}"


def _way_out(credential: Credential) -> str:
    kind, holder = _holder(credential)
    if kind is PrincipalKind.ROBOT:
        return f"An administrator of the robot gets a new one with POST /api/v1/robots/{holder}:rotate."
    return "Create another with POST /api/v1/tokens, logged in with user name and password."
