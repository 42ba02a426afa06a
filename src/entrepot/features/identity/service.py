# SPDX-License-Identifier: Apache-2.0
"""What the rest of Entrepot asks about users: is this their password, and what do they count for."""

from entrepot.features.identity import store
from entrepot.features.identity.models import MAX_NAME_LENGTH
from entrepot.features.identity.models import Standing
from entrepot.features.identity.passwords import PasswordChecks
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.errors import Unauthenticated


class WrongPassword(Unauthenticated):
    """The user name or the password is wrong."""

    default_hint = "Check both and log in again; an administrator can tell whether the account is disabled."

    def __init__(self) -> None:
        super().__init__(challenge_error="invalid_token")


class Accounts:
    """Local user accounts, read from the database at every use."""

    def __init__(self, database: Database, passwords: PasswordChecks) -> None:
        self._database = database
        self._passwords = passwords

    async def authenticate(self, name: str, password: str) -> Principal:
        """Return the user with this name and password.

        An unknown name, a wrong password and a disabled account are one answer,
        after one statement and one hash each. Raises `WrongPassword`, `TooManyLogins`.
        """
        user = await self._database.read(store.find_user, _lookup_name(name))
        stored_hash = None if user is None else user.password_hash
        is_right = await self._passwords.matches(name, password, stored_hash)
        if user is None or not is_right or user.is_disabled:
            raise WrongPassword
        return Principal(PrincipalKind.USER, user.name)

    async def standing(self, name: str) -> Standing:
        """Tell what the user of this name counts for now."""
        user = await self._database.read(store.find_user, name)
        if user is None or user.is_disabled:
            return Standing.NONE
        return Standing.ADMINISTRATOR if user.is_admin else Standing.USER


def _lookup_name(name: str) -> str:
    """Return `name`, or the empty name, which nobody has, for text that no database would take as a name."""
    return name if len(name) <= MAX_NAME_LENGTH and name.isprintable() else ""
