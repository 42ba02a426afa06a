# SPDX-License-Identifier: Apache-2.0
"""What the rest of Entrepot asks about users: is this their password, and what do they count for."""

from typing import Protocol

from entrepot.features.identity import store
from entrepot.features.identity.errors import PasswordNotAccepted
from entrepot.features.identity.errors import WrongPassword
from entrepot.features.identity.local_passwords import LocalPasswords
from entrepot.features.identity.models import USER_NAME
from entrepot.features.identity.models import Standing
from entrepot.features.identity.models import User
from entrepot.features.identity.passwords import PasswordChecks
from entrepot.features.identity.settings import IdentitySettings
from entrepot.features.identity.throttle import LoginThrottle
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import system_clock


class SecondFactorRequirement(Protocol):
    """Decides who has to have a second factor."""

    async def covers(self, name: str) -> bool:
        """Tell whether the local user of this name has to."""


class NobodyHasTo:
    """Requires a second factor of nobody."""

    async def covers(self, name: str) -> bool:
        """Tell that the user does not have to."""
        return False


class Accounts:
    """User accounts, read from the database at every use."""

    def __init__(
        self,
        database: Database,
        passwords: PasswordChecks,
        throttle: LoginThrottle,
        requirement: SecondFactorRequirement = NobodyHasTo(),  # noqa: B008 - it holds nothing
        local: LocalPasswords | None = None,
    ) -> None:
        """Let everybody log in with a password, unless `local` says otherwise."""
        self._database = database
        self._passwords = passwords
        self._throttle = throttle
        self._requirement = requirement
        self.local = local or LocalPasswords(database, IdentitySettings(), system_clock)
        """Who may log in with a password of their own."""

    async def authenticate(
        self, name: str, password: str, address: str, *, allows_enrolment: bool = False
    ) -> Principal:
        """Return the user with this name, who proves it by this password from this client address.

        An unknown name, a wrong password and a disabled account are one answer,
        after the same statements and one hash each. An account that is from a
        provider, or has a second factor, is refused once the password was right. So is
        one that has to have one, but for where it is set up (`allows_enrolment`).
        Raises `WrongPassword`, `PasswordNotAccepted`, `LocalPasswordsOff`, `TooManyAttempts`, `TooManyLogins`.
        """
        user = await self.verify(name, password, address)
        if user.provider is not None:
            raise PasswordNotAccepted("this account logs in through its identity provider")
        if user.second_factor_at is not None:
            raise PasswordNotAccepted("this account logs in with a second factor")
        if not allows_enrolment and await self._requirement.covers(user.name):
            raise PasswordNotAccepted(
                "this account has to have a second factor before its password is good for anything else",
                hint="Log in to the console (the address of this registry in a browser) and set one up. "
                "Then create a personal access token there and use it as the password.",
            )
        return Principal(PrincipalKind.USER, user.name, credential=user.password_credential)

    async def verify(self, name: str, password: str, address: str) -> User:
        """Do the same for an account of any kind, where its password is not what it logs in with.

        Raises `WrongPassword`, `LocalPasswordsOff`, `TooManyAttempts`, `TooManyLogins`.
        """
        async with self._throttle.attempt(name, address) as attempt:
            user = await self._database.read(store.find_user, _lookup_name(name))
            stored_hash = (user.password_hash or None) if user is not None else None
            is_right = await self._passwords.matches(name, password, stored_hash)
            if user is None or not is_right or user.is_disabled:
                await attempt.failed()
                raise WrongPassword
            await attempt.succeeded()
        await self.local.admit(user, address)
        return user

    async def standing(self, name: str) -> Standing:
        """Tell what the user of this name counts for now."""
        return await self._database.read(store.standing_of, _lookup_name(name))

    async def is_live(self, name: str, credential: str) -> bool:
        """Tell whether the password that `credential` names (`Principal.credential`) would let this user in now.

        It does not once the password was changed, the account was disabled or
        deleted, or has come, or has, to log in some other way. At most two indexed statements.
        """
        if not self.local.let_in(name):
            return False
        if await self._database.read(store.password_in_force, _lookup_name(name)) != credential:
            return False
        return not await self._requirement.covers(name)


def _lookup_name(name: str) -> str:
    """Return `name`, or the empty name, which nobody has, for what is no user name: no database is asked about that."""
    return name if USER_NAME.fullmatch(name) else ""
