# SPDX-License-Identifier: Apache-2.0
"""Making, changing and deleting users."""

import asyncio
from collections.abc import Callable
from collections.abc import Collection
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

import structlog
from sqlalchemy import Connection

from entrepot.features.groups import administers
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
from entrepot.features.identity.models import ToldUser
from entrepot.features.identity.models import User
from entrepot.features.identity.models import parse_user_name
from entrepot.features.identity.new_passwords import make_up
from entrepot.features.identity.new_passwords import require_acceptable
from entrepot.features.identity.password_files import INITIAL_PASSWORD_FILE
from entrepot.features.identity.passwords import PasswordChecks
from entrepot.features.identity.service import Accounts
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.four_eyes import ALONE
from entrepot.registry.four_eyes import Act
from entrepot.registry.four_eyes import Attempt
from entrepot.registry.four_eyes import FourEyes

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
        self,
        database: Database,
        accounts: Accounts,
        passwords: PasswordChecks,
        data_dir: Path,
        clock: Clock,
        four_eyes: FourEyes = ALONE,
    ) -> None:
        """`data_dir` is where the first administrator's password was written."""
        self._database = database
        self._accounts = accounts
        self._passwords = passwords
        self._data_dir = data_dir
        self._clock = clock
        self.local = accounts.local
        self.four_eyes = four_eyes

    async def page(self, after: str, limit: int) -> UserPage:
        """Return the users behind the name `after`, at most `limit`."""
        users = await self._database.read(store.list_users, after, limit + 1)
        return UserPage(users[:limit], len(users) > limit)

    async def find(self, name: str) -> User:
        """Return the user of this name. Raises `UserUnknown`, which tells what a former name became."""
        try:
            return await self._database.read(_found, name)
        except UserUnknown:
            now_called = await self._database.read(store.became, name) if USER_NAME.fullmatch(name) else None
            if now_called is None:
                raise
            raise UserUnknown(f"the user {name} is called {now_called} now", hint="Use that name.") from None

    async def administrators(self, users: Collection[User]) -> set[str]:
        """Return the names of those who are administrators of the registry by a grant to themselves."""
        names = [user.name for user in users]
        return await self._database.read(store.administrators_among, names, self._clock())

    async def create(self, by: Principal, name: str, password: str | None, *, is_admin: bool) -> CreatedUser:
        """Make a local user; without a password one is made up.

        A name that a user had before is not given out again: nothing of what was
        noted, granted or signed under it can come to belong to somebody else.
        Raises `InvalidUserName`, `UserNameTaken`, as `hash_new`, and as `FourEyes.require` for an administrator.
        """
        chosen = await self._chosen(parse_user_name(name), password)
        password_hash = await self._passwords.hash(chosen)
        appointed_by = by if is_admin else None
        user = await self._database.write(self._create, name, password_hash, appointed_by)
        return CreatedUser(user, chosen if password is None else None)

    async def hash_new(self, name: str, password: str) -> str:
        """Return the hash of a password that somebody chose for the user `name`.

        Raises `UnacceptablePassword`, `BreachedPassword`, `BreachedPasswordsAway` and `TooManyLogins`.
        """
        await self.local.require_acceptable(name, password)
        return await self._passwords.hash(password)

    async def change(
        self, by: Principal, name: str, *, is_admin: bool | None = None, is_disabled: bool | None = None
    ) -> User:
        """Make a user an administrator or not, disabled or not; None leaves it as it is.

        Raises `UserUnknown`, `LastAdministrator`, `LastBreakGlassAccount`, and as `FourEyes.require` where somebody
        administers the registry who did not.
        """
        change = _Change(is_admin, is_disabled, by)
        return await self._database.write(self._change, name, change)

    async def delete(self, name: str, leave: Callable[[Connection, str, Milliseconds], None] | None = None) -> None:
        """Delete a user with its grants, for ever; `leave` removes what features keep about it.

        Raises `UserUnknown`, `LastAdministrator` and `LastBreakGlassAccount`.
        """
        await self._database.write(self._delete, name, leave)
        await self.forget_initial_password(name)

    async def reset_password(self, name: str, password: str | None, by: Principal | None = None) -> str:
        """Give a user a new password, made up if none is given, and return it.

        `by` is None for a command on the server. Raises `UserUnknown`, `ForeignPassword`, as `hash_new`, and as
        `FourEyes.require` where somebody else's account administers the registry: whoever has its password does too.
        """
        user = await self.find(name)
        return await self._replace(user, await self._chosen(name, password), by, is_reset=True)

    async def change_password(self, name: str, current: str, new: str, address: str) -> None:
        """Let a user change its own password; guesses at the current one are slowed as logins are.

        Raises `UserUnknown`, `CurrentPasswordWrong`, `ForeignPassword`, `PasswordChanged`, `LocalPasswordsOff`,
        `TooManyAttempts`, and as `hash_new`.
        """
        _require_local(await self.find(name))
        require_acceptable(name, new)
        try:
            user = await self._accounts.verify(name, current, address)
        except WrongPassword:
            raise CurrentPasswordWrong from None
        await self.local.require_acceptable(name, new)
        await self._replace(user, new, None, is_reset=False)

    async def _chosen(self, name: str, password: str | None) -> str:
        if password is None:
            return make_up()
        await self.local.require_acceptable(name, password)
        return password

    async def _replace(self, user: User, password: str, by: Principal | None, *, is_reset: bool) -> str:
        _require_local(user)
        password_hash = await self._passwords.hash(password)

        def replace(connection: Connection) -> None:
            """Ask for a second person where it opens an account that administers, and do it."""
            now = self._clock()
            if by is not None and by.identity != user.identity and administers(connection, user.identity, now):
                self.four_eyes.require(connection, by, Attempt(Act.ADMINISTRATOR_ADD, f"password of {user.identity}"))
            _set_password(connection, user, password_hash, now, is_reset)

        await self._database.write(replace)
        await self.forget_initial_password(user.name)
        return password

    async def forget_initial_password(self, name: str) -> None:
        """Remove the file with the first administrator's password, which is of no use any more."""
        if name != ADMINISTRATOR_NAME:
            return
        path = self._data_dir / INITIAL_PASSWORD_FILE
        try:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        except OSError as error:
            log.warning("initial_password.not_removed", path=str(path), error=str(error))

    def _change(self, connection: Connection, name: str, change: "_Change") -> User:
        if change.is_admin is False or change.is_disabled is True:
            self.require_another_way_in(connection, name)
        now = self._clock()
        user = _found(connection, name)
        before = told_of(connection, user, now)
        if change.is_disabled is not None:
            store.set_disabled(connection, user, (user.disabled_at or now) if change.is_disabled else None)
        if change.is_admin:
            store.make_administrator(connection, name, now, change.by.identity)
        elif change.is_admin is False:
            store.unmake_administrator(connection, name)
        changed = _found(connection, name)
        if (change.is_admin and not before.for_good) or (user.is_disabled and not changed.is_disabled):
            self._require_second_person(connection, change.by, changed, now)
        _announce_change(connection, before, told_of(connection, changed, now), now)
        return changed

    def _create(self, connection: Connection, name: str, password_hash: str, appointed_by: Principal | None) -> User:
        now = self._clock()
        user = _create(connection, name, password_hash, appointed_by, now)
        if appointed_by is not None:
            self._require_second_person(connection, appointed_by, user, now)
        return user

    def _require_second_person(self, connection: Connection, by: Principal, user: User, now: Milliseconds) -> None:
        """Do nothing unless the user administers the registry. Raises as `FourEyes.require`."""
        if administers(connection, user.identity, now):
            self.four_eyes.require(connection, by, Attempt(Act.ADMINISTRATOR_ADD, user.identity))

    def _delete(
        self, connection: Connection, name: str, leave: Callable[[Connection, str, Milliseconds], None] | None
    ) -> None:
        self.require_another_way_in(connection, name)
        now, user = self._clock(), _found(connection, name)
        before = told_of(connection, user, now)
        if leave is not None:
            leave(connection, f"user:{name}", now)
        store.delete_user(connection, user, now)
        announce(connection, Change.USER_DELETED, now, Told(object=f"user:{name}", before=before))

    def require_another_way_in(self, connection: Connection, name: str) -> None:
        """Do nothing if the registry can be administered, and entered, without this user.

        For whoever takes that from the user in the same transaction. Raises `LastAdministrator` and
        `LastBreakGlassAccount`.
        """
        require_another_administrator(connection, name)
        self.local.require_another(connection, name)


def told_of(connection: Connection, user: User, now: Milliseconds) -> ToldUser:
    """Return what is told of a user when something about it changes."""
    is_administrator = user.name in store.administrators_among(connection, [user.name], now)
    return ToldUser(
        user.name, is_administrator, store.administers_for_good(connection, user.name), disabled=user.is_disabled
    )


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
class _NewPassword:
    """Whether somebody other than the user, or a command on the server, gave it another password."""

    is_reset: bool


@dataclass(frozen=True, slots=True)
class _Change:
    """What to change of a user, and who does; None leaves it as it is."""

    is_admin: bool | None
    is_disabled: bool | None
    by: Principal


def _create(
    connection: Connection, name: str, password_hash: str, appointed_by: Principal | None, now: Milliseconds
) -> User:
    """Make a user, an administrator if somebody appoints it."""
    _make(connection, name, password_hash, now)
    if appointed_by is not None:
        store.make_administrator(connection, name, now, appointed_by.identity)
    user = _found(connection, name)
    announce(connection, Change.USER_CREATED, now, Told(object=f"user:{name}", after=told_of(connection, user, now)))
    return user


def create_invited(connection: Connection, name: str, password_hash: str, now: Milliseconds) -> User:
    """Make a user who was invited, and so does this without an account. Raises `UserNameTaken`."""
    _make(connection, name, password_hash, now)
    user = _found(connection, name)
    told = Told(
        object=f"user:{name}", after=told_of(connection, user, now), principal=Principal(PrincipalKind.USER, name)
    )
    announce(connection, Change.USER_CREATED, now, told)
    return user


def _make(connection: Connection, name: str, password_hash: str, now: Milliseconds) -> None:
    if not store.create_user(connection, name, password_hash, now):
        raise UserNameTaken(f"there is a user {name} already")
    require_never_used(connection, name)


def require_free_name(connection: Connection, name: str) -> None:
    """Do nothing if nobody has this name, and nobody had it. Raises `UserNameTaken`."""
    if store.find_user(connection, name) is not None:
        raise UserNameTaken(f"there is a user {name} already")
    require_never_used(connection, name)


def require_never_used(connection: Connection, name: str, by: str = "") -> None:
    """Do nothing if nobody else had this name before `by`, who may have had it. Raises `UserNameTaken`."""
    if store.was_user(connection, name) and not (by and store.became(connection, name) == by):
        raise UserNameTaken(f"{name} was the name of another user before, and names are not given out again")


def _announce_change(connection: Connection, before: ToldUser, after: ToldUser, now: Milliseconds) -> None:
    told = Told(object=f"user:{after.name}", before=before, after=after)
    if before.disabled != after.disabled:
        announce(connection, Change.USER_DISABLED if after.disabled else Change.USER_ENABLED, now, told)
    if (before.administrator, before.for_good) != (after.administrator, after.for_good):
        announce(connection, Change.USER_CHANGED, now, told)


def _set_password(connection: Connection, user: User, password_hash: str, now: Milliseconds, is_reset: bool) -> None:
    """Store a new password; a reset counts whatever the password was changed to meanwhile."""
    replaced = _found(connection, user.name) if is_reset else user
    if not store.set_password(connection, replaced, password_hash, now):
        raise PasswordChanged(f"the password of {user.name} was changed at the same time")
    told = Told(object=f"user:{user.name}", after=_NewPassword(is_reset))
    announce(connection, Change.PASSWORD_CHANGED, now, told)
