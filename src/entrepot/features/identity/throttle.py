# SPDX-License-Identifier: Apache-2.0
"""Slowing down whoever guesses passwords, without locking anybody out.

Wrong passwords are counted for each pair of account name and client address,
and for each address over all names; never for a name from all addresses, which
would let anybody lock anybody out. Beyond a free allowance each further one
doubles the time for which that pair, or that address, is refused without a
hash. Time forgives, and a right password forgives its pair. Counts are in the
database, so that all processes of an instance share them, and are written only
when a login fails. Names that nobody has are counted like any other.
"""

import asyncio
import hashlib
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from dataclasses import field

from sqlalchemy import Connection

from entrepot.features.identity import store
from entrepot.features.identity.errors import TooManyAttempts
from entrepot.features.identity.models import USER_NAME
from entrepot.features.identity.models import FailedLogins
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.events import Outcome

FIRST_DELAY_MS = SECOND_MS
LONGEST_DELAY_MS = 5 * MINUTE_MS
DOUBLINGS = 9
"""After so many the delay is the longest."""

IPV6_CUSTOMER_BITS = 64
"""Whoever has one IPv6 address has as a rule all that share these first bits (RFC 6177)."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many wrong passwords cost nothing, and after how long one of them is forgiven."""

    free: int
    forgiven_every_ms: int

    def left(self, failed: FailedLogins, now: Milliseconds) -> int:
        """Return how many failures still count."""
        return max(0, failed.failures - max(0, now - failed.last_failed_at) // self.forgiven_every_ms)

    def after_failure(self, failed: FailedLogins | None, now: Milliseconds) -> FailedLogins:
        """Count one more failure, up to where a further one makes no difference."""
        left = 0 if failed is None else self.left(failed, now)
        return FailedLogins(min(left + 1, self.free + DOUBLINGS), now)

    def wait_ms(self, failed: FailedLogins | None, now: Milliseconds) -> int:
        """Return for how long, from now on, attempts are refused.

        A failure that lies far in the future was noted by a clock that was wrong, and delays nobody.
        """
        if failed is None or failed.failures < self.free:
            return 0
        delay_ms = min(FIRST_DELAY_MS << (failed.failures - self.free), LONGEST_DELAY_MS)
        elapsed_ms = now - failed.last_failed_at
        return delay_ms - elapsed_ms if -LONGEST_DELAY_MS <= elapsed_ms < delay_ms else 0


PAIR = Allowance(free=5, forgiven_every_ms=5 * MINUTE_MS)
ADDRESS = Allowance(free=50, forgiven_every_ms=MINUTE_MS)
KEPT_MS = max(each.forgiven_every_ms * (each.free + DOUBLINGS) for each in (PAIR, ADDRESS))
"""After so long all is forgiven."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """Whose failures are counted, and how they are told; `name` is the account's, where it is about one."""

    key: str
    told: str
    name: str = ""


@dataclass(slots=True)
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to log in that may be made: say how it ended."""

    _database: Database
    _clock: Clock
    _pair: "_Subject"
    _wide: "_Subject | None"
    _has_failed_before: bool

    async def failed(self) -> None:
        """Count it."""
        await self._database.write(_count, self._pair, self._wide, self._clock())

    async def succeeded(self) -> None:
        """Forgive the pair. The address is not forgiven: one account of one's own would open the way to all others."""
        if self._has_failed_before:
            await self._database.write_locked(store.forget_failed_logins, self._pair.key)


class LoginThrottle:
    """Lets attempts to log in through, one after the other for each pair of name and address."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._turns: dict[str, _Turn] = {}

    @asynccontextmanager
    async def attempt(self, name: str, address: str) -> AsyncIterator[Attempt]:
        """Hold the turn of this name at this address; in it, verify the password and tell the `Attempt` how it ended.

        Attempts that overlap in time are made one by one, so that a burst gets no more of them than a row of them.
        Raises `TooManyAttempts`.
        """
        network = network_of(address)
        pair = _Subject(_key("pair", network, name), "wrong passwords for this account from your address", name)
        everybody = _Subject(_key("address", network), "wrong passwords from your address")
        async with self._turn(pair.key):
            yield await self._admitted(pair, everybody)

    @asynccontextmanager
    async def second_factor_attempt(self, name: str, address: str, *, is_guessable: bool) -> AsyncIterator[Attempt]:
        """Do the same for the second factor of this user.

        What can be guessed is counted beside the pair for the account from all addresses, whose turn it is then, and
        not for the address: whoever gets here has the password, so that nobody else can use that up. Somebody who
        stole the password can, and so what cannot be guessed is counted for the pair alone: the owner gets in with it.
        """
        network = network_of(address)
        pair = _Subject(_key("second factor", network, name), "wrong codes for this account from your address", name)
        everywhere = _Subject(_key("second factor everywhere", "", name), "wrong codes for this account")
        async with self._turn((everywhere if is_guessable else pair).key):
            yield await self._admitted(pair, everywhere if is_guessable else None)

    @asynccontextmanager
    async def invitation_attempt(self, address: str) -> AsyncIterator[Attempt]:
        """Do the same for somebody who presents an invitation, whose secret is all there is to guess."""
        network = network_of(address)
        pair = _Subject(_key("invitation", network), "wrong invitations from your address")
        async with self._turn(pair.key):
            yield await self._admitted(pair, None)

    async def _admitted(self, pair: _Subject, wide: _Subject | None) -> Attempt:
        of_pair = await self._database.read(store.failed_logins, pair.key)
        now = self._clock()
        _require_patience(pair.told, PAIR.wait_ms(of_pair, now))
        if wide is not None:
            of_all = await self._database.read(store.failed_logins, wide.key)
            _require_patience(wide.told, ADDRESS.wait_ms(of_all, now))
        return Attempt(self._database, self._clock, pair, wide, of_pair is not None)

    @asynccontextmanager
    async def _turn(self, subject: str) -> AsyncIterator[None]:
        turn = self._turns.setdefault(subject, _Turn())
        turn.waiting += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.waiting -= 1
            if not turn.waiting:
                del self._turns[subject]


def network_of(address: str) -> str:
    """Return what is counted as one address: an IPv4 address, or the first 64 bits of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), IPV6_CUSTOMER_BITS), strict=False))
    return str(parsed)


def _count(connection: Connection, pair: _Subject, wide: _Subject | None, now: Milliseconds) -> None:
    for subject, allowance in ((wide, ADDRESS), (pair, PAIR)):
        if subject is None:
            continue
        failed = store.lock_failed_logins(connection, subject.key)
        store.keep_failed_logins(connection, subject.key, allowance.after_failure(failed, now))
    store.forget_failed_logins_outside(connection, after(now, -KEPT_MS), after(now, KEPT_MS))
    # What is no name may be a password that was typed in its place.
    tried = Principal(PrincipalKind.USER, pair.name) if USER_NAME.fullmatch(pair.name) else ANONYMOUS
    told = Told(object="", principal=tried, outcome=Outcome.REFUSED, reason=pair.told)
    announce(connection, Change.LOGIN_FAILED, now, told)


def _key(kind: str, network: str, name: str = "") -> str:
    """Name whose failures are counted, in a text of fixed length that holds nothing of what was typed."""
    return hashlib.sha256(f"{kind}\n{network}\n{name}".encode(errors="surrogatepass")).hexdigest()


def _require_patience(what: str, wait_ms: int) -> None:
    if wait_ms > 0:
        raise TooManyAttempts(f"too many {what}", -(-wait_ms // SECOND_MS))
