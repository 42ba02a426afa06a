# SPDX-License-Identifier: Apache-2.0
"""Whose password is good for logging in: everybody's, or those of accounts that are kept for emergencies.

Such an account breaks glass: each use of its password is told, and the last one that works stays.
"""

from dataclasses import dataclass
from enum import StrEnum

import structlog
from sqlalchemy import Connection

from entrepot.features.identity import store
from entrepot.features.identity.breached import BreachedPasswords
from entrepot.features.identity.errors import LastBreakGlassAccount
from entrepot.features.identity.errors import LocalPasswordsOff
from entrepot.features.identity.errors import PasswordsSwitchedOff
from entrepot.features.identity.errors import UserNameTaken
from entrepot.features.identity.models import User
from entrepot.features.identity.new_passwords import require_acceptable
from entrepot.features.identity.settings import IdentitySettings
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import Unavailable
from entrepot.kernel.recent import Recent
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce

TOLD_EVERY_MS = 15 * MINUTE_MS
"""A client that sends the password with each request is told of once in so long, for each address."""

MAX_REMEMBERED = 1_000

log = structlog.get_logger(__name__)


class Lack(StrEnum):
    """What is missing where only accounts for emergencies have a password."""

    NOBODY = "nobody"
    NO_ADMINISTRATOR = "no_administrator"

    @property
    def told(self) -> str:
        """The same in words."""
        if self is Lack.NOBODY:
            return "nobody of identity.break_glass_accounts is there and enabled: nobody can log in with a password"
        return "nobody of identity.break_glass_accounts administers the registry"


@dataclass(frozen=True, slots=True)
class OpenedGlass:
    """From where an account for emergencies was used."""

    address: str


class LocalPasswords:
    """What the configuration says about the passwords of local accounts, where it counts."""

    def __init__(self, database: Database, settings: IdentitySettings, clock: Clock) -> None:
        self.break_glass = settings.break_glass
        """The only accounts that log in with a password; None when all do."""
        self._kept = frozenset(settings.break_glass_accounts)
        self._breached = None if settings.breached_passwords is None else BreachedPasswords(settings.breached_passwords)
        self._database = database
        self._clock = clock
        self._told: Recent[tuple[str, str], bool] = Recent(clock, TOLD_EVERY_MS, MAX_REMEMBERED)

    def let_in(self, name: str) -> bool:
        """Tell whether the local account of this name may log in with its password."""
        return self.break_glass is None or name in self.break_glass

    def is_shut_out(self, user: User) -> bool:
        """Tell whether an account has nothing but a password that is switched off."""
        return user.provider is None and not self.let_in(user.name)

    def require_choosable(self, name: str) -> None:
        """Do nothing unless a name is kept for emergencies, now or later: nobody gives it to themselves.

        Raises `UserNameTaken`.
        """
        if name in self._kept:
            raise UserNameTaken(f"the user name {name} is kept for somebody else")

    def require_on(self) -> None:
        """Do nothing if everybody may log in with a password. Raises `PasswordsSwitchedOff`."""
        if self.break_glass is not None:
            raise PasswordsSwitchedOff

    async def require_acceptable(self, name: str, password: str) -> None:
        """Do nothing if the user `name` may choose this password.

        Raises `UnacceptablePassword`, `BreachedPassword` and `BreachedPasswordsAway`.
        """
        require_acceptable(name, password)
        if self._breached is not None:
            await self._breached.require_unknown(password)

    async def admit(self, user: User, address: str) -> None:
        """Let somebody in whose password was right, and tell of it where that breaks glass.

        A database that takes no writes stops nobody here: it may be why the glass is broken.
        Raises `LocalPasswordsOff`.
        """
        if self.break_glass is None or user.provider is not None:
            return
        if user.name not in self.break_glass:
            raise LocalPasswordsOff
        use = (user.password_credential, address)
        if self._told.get(use):
            return
        self._told.put(use, value=True)
        log.warning("break_glass.opened", user=user.name, address=address)
        try:
            await self._database.write(_tell, user, address, self._clock())
        except Unavailable as error:
            log.warning("break_glass.not_announced", user=user.name, reason=error.message)

    def require_another(self, connection: Connection, name: str) -> None:
        """Do nothing unless this is the last account, or the last administrator, whose password is good.

        For whoever takes that from it in the same transaction. Raises `LastBreakGlassAccount`.
        """
        if self.break_glass is None or name not in self.break_glass:
            return
        able = store.lock_enabled_local(connection, self.break_glass)
        if able == {name} or able & store.lock_local_administrators(connection) == {name}:
            raise LastBreakGlassAccount(f"{name} is the last of identity.break_glass_accounts that can take its place")

    def lack(self) -> Lack | None:
        """Say what is missing for somebody to repair this registry with a password. Blocks."""
        if self.break_glass is None:
            return None
        able, administrators = self._database.write_now(_able, self.break_glass)
        if not able:
            return Lack.NOBODY
        return None if able & administrators else Lack.NO_ADMINISTRATOR

    def warn(self) -> None:
        """Say the same in the log. Blocks."""
        lack = self.lack()
        if lack is not None:
            log.warning("break_glass.lacking", lack=lack.value, accounts=sorted(self.break_glass or ()))


def _able(connection: Connection, names: frozenset[str]) -> tuple[set[str], set[str]]:
    return store.lock_enabled_local(connection, names), store.lock_local_administrators(connection)


def _tell(connection: Connection, user: User, address: str, now: Milliseconds) -> None:
    """Announce it as done by the account itself: the request has no principal yet."""
    principal = Principal(PrincipalKind.USER, user.name, credential=user.password_credential)
    told = Told(object=principal.identity, after=OpenedGlass(address), principal=principal)
    announce(connection, Change.BREAK_GLASS_OPENED, now, told)
