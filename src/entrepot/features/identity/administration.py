# SPDX-License-Identifier: Apache-2.0
"""Making, changing and deleting users."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

import structlog
from sqlalchemy import Connection

from entrepot.features.identity import store
from entrepot.features.identity.errors import CurrentPasswordWrong
from entrepot.features.identity.errors import ForeignPassword
from entrepot.features.identity.errors import LastAdministrator
from entrepot.features.identity.errors import PasswordChanged
from entrepot.features.identity.errors import UserNameTaken
from entrepot.features.identity.errors import UserUnknown
from entrepot.features.identity.errors import WrongPassword
from entrepot.features.identity.models import ADMINISTRATOR_NAME
from entrepot.features.identity.models import USER_NAME
from entrepot.features.identity.models import User
from entrepot.features.identity.models import parse_user_name
from entrepot.features.identity.new_passwords import make_up
from entrepot.features.identity.new_passwords import require_acceptable
from entrepot.features.identity.password_files import INITIAL_PASSWORD_FILE
from entrepot.features.identity.passwords import PasswordChecks
from entrepot.features.identity.service import Accounts
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class UserPage:
    """One page of users, by name; `is_more` says whether another follows."""

    users: list[User]
    is_more: bool


@dataclass(frozen=True, slots=True)
class CreatedUser:
    """A user that was made, with its password if that was made up: nobody else knows it."""

    user: User
    made_up_password: str | None = field(repr=False)


class Users:
    """The use cases of whoever administers users, and of users who change their own password."""

    def __init__(
        self, database: Database, accounts: Accounts, passwords: PasswordChecks, data_dir: Path, clock: Clock
    ) -> None:
        """`data_dir` is where the first administrator's password was written."""
        self._database = database
        self._accounts = accounts
        self._passwords = passwords
        self._data_dir = data_dir
        self._clock = clock

    async def page(self, after: str, limit: int) -> UserPage:
        """Return the users behind the name `after`, at most `limit`."""
        users = await self._database.read(store.list_users, after, limit + 1)
        return UserPage(users[:limit], len(users) > limit)

    async def find(self, name: str) -> User:
        """Return the user of this name. Raises `UserUnknown`."""
        return await self._database.read(_found, name)

    async def administrators(self, users: Collection[User]) -> set[str]:
        """Return the names of those who are administrators of the registry by a grant to themselves."""
        names = [user.name for user in users]
        return await self._database.read(store.administrators_among, names, self._clock())

    async def create(self, by: Principal, name: str, password: str | None, *, is_admin: bool) -> CreatedUser:
        """Make a local user; without a password one is made up.

        A name that a user had before is not given out again: nothing of what was
        noted, granted or signed under it can come to belong to somebody else.
        Raises `InvalidUserName`, `UnacceptablePassword`, `UserNameTaken`, `TooManyLogins`.
        """
        chosen = _chosen_password(parse_user_name(name), password)
        password_hash = await self._passwords.hash(chosen)
        granted_by = by.identity if is_admin else None
        user = await self._database.write(_create, name, password_hash, granted_by, self._clock())
        return CreatedUser(user, chosen if password is None else None)

    async def change(
        self, by: Principal, name: str, *, is_admin: bool | None = None, is_disabled: bool | None = None
    ) -> User:
        """Make a user an administrator or not, disabled or not; None leaves it as it is.

        Raises `UserUnknown` and `LastAdministrator`.
        """
        change = _Change(is_admin, is_disabled, by.identity)
        return await self._database.write(_change, name, change, self._clock())

    async def delete(self, name: str) -> None:
        """Delete a user with its grants, for ever. Raises `UserUnknown` and `LastAdministrator`."""
        await self._database.write(_delete, name, self._clock())
        await self._forget_initial_password(name)

    async def reset_password(self, name: str, password: str | None) -> str:
        """Give a user a new password, made up if none is given, and return it.

        Raises `UserUnknown`, `ForeignPassword`, `UnacceptablePassword`, `TooManyLogins`.
        """
        user = await self.find(name)
        return await self._replace(user, _chosen_password(name, password), is_reset=True)

    async def change_password(self, name: str, current: str, new: str, address: str) -> None:
        """Let a user change its own password; guesses at the current one are slowed as logins are.

        Raises `UserUnknown`, `CurrentPasswordWrong`, `ForeignPassword`, `UnacceptablePassword`,
        `PasswordChanged`, `TooManyAttempts`, `TooManyLogins`.
        """
        _require_local(await self.find(name))
        require_acceptable(name, new)
        try:
            user = await self._accounts.verify(name, current, address)
        except WrongPassword:
            raise CurrentPasswordWrong from None
        await self._replace(user, new, is_reset=False)

    async def _replace(self, user: User, password: str, *, is_reset: bool) -> str:
        _require_local(user)
        password_hash = await self._passwords.hash(password)
        await self._database.write(_set_password, user, password_hash, self._clock(), is_reset)
        await self._forget_initial_password(user.name)
        return password

    async def _forget_initial_password(self, name: str) -> None:
        """Remove the file with the first administrator's password, which is of no use any more."""
        if name != ADMINISTRATOR_NAME:
            return
        path = self._data_dir / INITIAL_PASSWORD_FILE
        try:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        except OSError as error:
            log.warning("initial_password.not_removed", path=str(path), error=str(error))


def _chosen_password(name: str, password: str | None) -> str:
    if password is None:
        return make_up()
    require_acceptable(name, password)
    return password


def _found(connection: Connection, name: str) -> User:
    user = store.find_user(connection, name) if USER_NAME.fullmatch(name) else None
    if user is None:
        raise UserUnknown
    return user


def _require_local(user: User) -> None:
    if user.provider is not None:
        raise ForeignPassword(f"the password of {user.name} is kept by the identity provider {user.provider}")


def require_another_administrator(connection: Connection, name: str) -> None:
    """Do nothing unless this user is the last enabled local one who administers the registry for good.

    For whoever takes that from the user in the same transaction. Raises `LastAdministrator`.
    """
    if store.lock_local_administrators(connection) == {name}:
        raise LastAdministrator(f"{name} is the last enabled local administrator")


@dataclass(frozen=True, slots=True)
class _Change:
    """What to change of a user, and who does; None leaves it as it is."""

    is_admin: bool | None
    is_disabled: bool | None
    by: str


def _create(connection: Connection, name: str, password_hash: str, granted_by: str | None, now: Milliseconds) -> User:
    """Make a user, an administrator if somebody grants that."""
    if not store.create_user(connection, name, password_hash, now):
        raise UserNameTaken(f"there is a user {name} already")
    if store.was_user(connection, name):
        raise UserNameTaken(f"{name} was the name of a user that was deleted, and names are not given out again")
    if granted_by is not None:
        store.make_administrator(connection, name, now, granted_by)
    return _found(connection, name)


def _change(connection: Connection, name: str, change: _Change, now: Milliseconds) -> User:
    if change.is_admin is False or change.is_disabled is True:
        require_another_administrator(connection, name)
    user = _found(connection, name)
    if change.is_disabled is not None:
        store.set_disabled(connection, user, (user.disabled_at or now) if change.is_disabled else None)
    if change.is_admin:
        store.make_administrator(connection, name, now, change.by)
    elif change.is_admin is False:
        store.unmake_administrator(connection, name)
    return _found(connection, name)


def _delete(connection: Connection, name: str, now: Milliseconds) -> None:
    require_another_administrator(connection, name)
    store.delete_user(connection, _found(connection, name), now)


def _set_password(connection: Connection, user: User, password_hash: str, now: Milliseconds, is_reset: bool) -> None:
    """Store a new password; a reset counts whatever the password was changed to meanwhile."""
    replaced = _found(connection, user.name) if is_reset else user
    if not store.set_password(connection, replaced, password_hash, now):
        raise PasswordChanged(f"the password of {user.name} was changed at the same time")
