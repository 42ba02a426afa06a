# SPDX-License-Identifier: Apache-2.0
"""Making, changing and deleting users."""

import asyncio
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Concatenate

import pytest
from sqlalchemy import Connection
from sqlalchemy import select

from entrepot.features.identity import Users
from entrepot.features.identity import bootstrap
from entrepot.features.identity.errors import CurrentPasswordWrong
from entrepot.features.identity.errors import ForeignPassword
from entrepot.features.identity.errors import InvalidUserName
from entrepot.features.identity.errors import LastAdministrator
from entrepot.features.identity.errors import PasswordChanged
from entrepot.features.identity.errors import TooManyAttempts
from entrepot.features.identity.errors import UnacceptablePassword
from entrepot.features.identity.errors import UserNameTaken
from entrepot.features.identity.errors import UserUnknown
from entrepot.features.identity.errors import WrongPassword
from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import P
from entrepot.infra.database.engine import T
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.registry.tables import grants
from tests.builders.databases import opened_again
from tests.builders.instance import Instance
from tests.fakes.relayed_database import RelayedDatabase

pytestmark = pytest.mark.anyio

ROOT = Principal(PrincipalKind.USER, "root")

HERE = "192.0.2.1"
OLD = "the old password"
NEW = "a new password"


class MeetingDatabase(RelayedDatabase):
    """Begins a write once another one was asked for."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._both = asyncio.Barrier(2)

    async def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Database`."""
        await self._both.wait()
        return await super().write(work, *args, **kwargs)


def users_of(instance: Instance, data_dir: Path) -> Users:
    """Put the use cases together."""
    return Users(instance.database, instance.accounts, instance.passwords, data_dir, instance.clock)


def granted_principals(connection: Connection) -> list[str]:
    """Return to whom something is granted."""
    return list(connection.execute(select(grants.c.principal).order_by(grants.c.id)).scalars())


@pytest.fixture
def users(instance: Instance, tmp_path: Path) -> Users:
    """The use cases, with an administrator and an ordinary user."""
    instance.add_user("root", OLD, is_admin=True)
    instance.add_user("alice", OLD)
    return users_of(instance, tmp_path)


@pytest.fixture
def elsewhere(instance: Instance, tmp_path: Path) -> Iterator[Users]:
    """The use cases in another process."""
    database = opened_again(instance.database)
    yield Users(database, instance.accounts, instance.passwords, tmp_path, instance.clock)
    database.close()


async def test_a_new_user_logs_in_with_the_chosen_password(users: Users, instance: Instance) -> None:
    """A chosen password is told to nobody; the user is no administrator unless asked for."""
    created = await users.create(ROOT, "bob", NEW, is_admin=False)

    assert created.made_up_password is None
    assert await users.administrators([created.user]) == set()
    assert (await instance.accounts.authenticate("bob", NEW, HERE)).name == "bob"


async def test_a_password_is_made_up_when_none_is_chosen(users: Users, instance: Instance) -> None:
    """It is returned once, and appears in no log line."""
    created = await users.create(ROOT, "bob", None, is_admin=True)

    assert created.made_up_password is not None
    assert created.made_up_password not in repr(created)
    assert (await instance.accounts.authenticate("bob", created.made_up_password, HERE)).name == "bob"


@pytest.mark.parametrize(
    ("name", "password", "error"),
    [("Bob", NEW, InvalidUserName), ("me", NEW, InvalidUserName), ("bob", "short", UnacceptablePassword)],
)
async def test_what_no_user_can_have_is_refused(users: Users, name: str, password: str, error: type[Exception]) -> None:
    """Names have a grammar, and passwords a length."""
    with pytest.raises(error):
        await users.create(ROOT, name, password, is_admin=False)


async def test_names_are_unique(users: Users) -> None:
    """Of two that are made at once one is made."""
    outcomes = await asyncio.gather(
        *(users.create(ROOT, "bob", NEW, is_admin=False) for _ in range(2)), return_exceptions=True
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["CreatedUser", "UserNameTaken"]


async def test_a_deleted_user_is_gone_with_its_grants(users: Users, instance: Instance) -> None:
    """No login, no password in force, no row that says what it may do."""
    await asyncio.to_thread(instance.grant, "user:alice", "team/**", "admin")
    await asyncio.to_thread(instance.grant, "robot:alice", "team/**", "read")
    principal = await instance.accounts.authenticate("alice", OLD, HERE)
    await users.delete("alice")

    with pytest.raises(WrongPassword):
        await instance.accounts.authenticate("alice", OLD, HERE)
    assert not await instance.accounts.is_live("alice", principal.credential)
    assert await instance.database.read(granted_principals) == ["user:root", "robot:alice"]


async def test_a_deleted_name_is_not_given_out_again(users: Users, elsewhere: Users, instance: Instance) -> None:
    """Whatever still says `user:alice` somewhere can never come to mean another person, not even the same again."""
    await users.delete("alice")
    await asyncio.to_thread(instance.grant, "user:alice", "team/**", "admin")

    for each in (users, elsewhere):
        with pytest.raises(UserNameTaken, match="names are not given out again"):
            await each.create(ROOT, "alice", NEW, is_admin=False)
    with pytest.raises(UserUnknown):
        await users.find("alice")


async def test_a_name_that_is_deleted_while_it_is_created_stays_deleted(users: Users, elsewhere: Users) -> None:
    """In whichever order the two come, no new user has the old name."""
    await asyncio.gather(
        users.delete("alice"), elsewhere.create(ROOT, "alice", NEW, is_admin=False), return_exceptions=True
    )

    with pytest.raises(UserUnknown):
        await users.find("alice")


async def test_disabling_is_undone_by_enabling(users: Users, instance: Instance) -> None:
    """A disabled user keeps everything but the use of it; disabling twice keeps the first time."""
    disabled = await users.change(ROOT, "alice", is_disabled=True)
    instance.clock.advance(1)
    again = await users.change(ROOT, "alice", is_disabled=True)
    enabled = await users.change(ROOT, "alice", is_disabled=False)

    assert disabled.is_disabled
    assert again == disabled
    assert not enabled.is_disabled
    assert (await instance.accounts.authenticate("alice", OLD, HERE)).name == "alice"


@pytest.mark.parametrize(
    "change", [{"is_disabled": True}, {"is_admin": False}, {"is_disabled": True, "is_admin": True}]
)
async def test_the_last_administrator_stays(users: Users, change: dict[str, bool]) -> None:
    """The last enabled local administrator cannot be disabled or demoted."""
    with pytest.raises(LastAdministrator, match="root is the last"):
        await users.change(ROOT, "root", **change)

    assert await users.administrators([await users.find("root")]) == {"root"}


@pytest.mark.parametrize("columns", [{"disabled_at": 1}, {"provider": "corporate"}])
async def test_only_enabled_local_administrators_count(
    users: Users, instance: Instance, columns: dict[str, object]
) -> None:
    """An administrator who is disabled, or from a provider that may be away, lets nobody else go."""
    await users.change(ROOT, "alice", is_admin=True)
    await asyncio.to_thread(instance.change_user, "alice", **columns)

    with pytest.raises(LastAdministrator):
        await users.delete("root")


async def test_one_of_two_administrators_may_go(users: Users) -> None:
    """As long as another one stays."""
    await users.change(ROOT, "alice", is_admin=True)
    await users.delete("root")

    with pytest.raises(LastAdministrator):
        await users.change(ROOT, "alice", is_admin=False)


async def test_two_administrators_cannot_remove_each_other(users: Users, elsewhere: Users) -> None:
    """Of two changes at once that would leave none, in two processes, one is refused."""
    await users.change(ROOT, "alice", is_admin=True)

    outcomes = await asyncio.gather(
        users.change(ROOT, "alice", is_disabled=True),
        elsewhere.change(ROOT, "root", is_admin=False),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes].count(LastAdministrator) == 1


async def test_a_reset_password_replaces_the_old_one(users: Users, instance: Instance) -> None:
    """The old one is refused at once, and what logged in with it is not live."""
    principal = await instance.accounts.authenticate("alice", OLD, HERE)
    password = await users.reset_password("alice", None)

    assert (await instance.accounts.authenticate("alice", password, HERE)).name == "alice"
    assert not await instance.accounts.is_live("alice", principal.credential)
    with pytest.raises(WrongPassword):
        await instance.accounts.authenticate("alice", OLD, HERE)


async def test_a_clock_that_stands_still_does_not_keep_logins_alive(users: Users, instance: Instance) -> None:
    """Each change ends what logged in before it, also within one millisecond, and when the clock was set back."""
    await users.reset_password("alice", NEW)
    instance.clock.advance(-1_000)
    principal = await instance.accounts.authenticate("alice", NEW, HERE)
    await users.reset_password("alice", NEW)

    assert not await instance.accounts.is_live("alice", principal.credential)


async def test_a_user_changes_its_own_password(users: Users, instance: Instance) -> None:
    """It takes the current one."""
    await users.change_password("alice", OLD, NEW, HERE)

    assert (await instance.accounts.authenticate("alice", NEW, HERE)).name == "alice"


async def test_guesses_at_the_current_password_are_slowed(users: Users) -> None:
    """A token that was stolen does not open a way to try passwords."""
    for _ in range(5):
        with pytest.raises(CurrentPasswordWrong):
            await users.change_password("alice", "a guess", NEW, HERE)

    with pytest.raises(TooManyAttempts):
        await users.change_password("alice", OLD, NEW, HERE)


@pytest.mark.parametrize("new", ["short", "root"])
async def test_a_new_password_has_to_be_acceptable(users: Users, new: str) -> None:
    """However it is changed."""
    with pytest.raises(UnacceptablePassword):
        await users.change_password("root", OLD, new, HERE)
    with pytest.raises(UnacceptablePassword):
        await users.reset_password("root", new)


async def test_of_two_changes_at_once_one_counts(instance: Instance, users: Users, tmp_path: Path) -> None:
    """Both knew the old password; the one that comes second is told so."""
    users = Users(MeetingDatabase(instance.database), instance.accounts, instance.passwords, tmp_path, instance.clock)

    outcomes = await asyncio.gather(
        users.change_password("alice", OLD, "the first password", "192.0.2.1"),
        users.change_password("alice", OLD, "the second password", "192.0.2.2"),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes if outcome is not None] == [PasswordChanged]


async def test_a_password_kept_elsewhere_is_not_changed_here(users: Users, instance: Instance) -> None:
    """An account of an identity provider has its password there."""
    await asyncio.to_thread(instance.change_user, "alice", provider="corporate")

    with pytest.raises(ForeignPassword, match="corporate"):
        await users.reset_password("alice", NEW)
    with pytest.raises(ForeignPassword, match="corporate"):
        await users.change_password("alice", OLD, NEW, HERE)


@pytest.mark.parametrize("name", ["nobody", "", "a\0b", "A", "../x"])
async def test_an_unknown_user_is_told(users: Users, name: str) -> None:
    """Text that no user is called by is as unknown as any."""
    for call in (users.find(name), users.delete(name), users.change(ROOT, name), users.reset_password(name, None)):
        with pytest.raises(UserUnknown):
            await call


@pytest.mark.parametrize("way", ["reset", "change", "delete"])
async def test_the_first_password_file_goes_with_its_password(instance: Instance, tmp_path: Path, way: str) -> None:
    """Whichever way the administrator's password ends, the file that holds it is removed."""
    first = await asyncio.to_thread(
        bootstrap, instance.database, instance.passwords.hasher, "", tmp_path, instance.clock
    )
    users = users_of(instance, tmp_path)
    await users.create(ROOT, "root", NEW, is_admin=True)
    await users.reset_password("root", NEW)
    assert first is not None
    assert first.password_file is not None
    assert first.password_file.exists()

    if way == "reset":
        await users.reset_password("admin", NEW)
    elif way == "change":
        await users.change_password("admin", first.password, NEW, HERE)
    else:
        await users.delete("admin")

    assert not first.password_file.exists()


async def test_a_file_that_cannot_be_removed_undoes_nothing(instance: Instance, tmp_path: Path) -> None:
    """The new password counts all the same."""
    instance_users = users_of(instance, tmp_path)
    await asyncio.to_thread(instance.add_user, "admin", OLD, is_admin=True)
    (tmp_path / "initial-admin-password" / "in the way").mkdir(parents=True)

    password = await instance_users.reset_password("admin", None)

    assert (await instance.accounts.authenticate("admin", password, HERE)).name == "admin"


async def test_users_come_in_pages_by_name(users: Users) -> None:
    """Each page begins behind the last name of the one before."""
    for name in ("carol", "bob", "dave"):
        await users.create(ROOT, name, NEW, is_admin=False)

    first, second = await users.page("", 3), await users.page("carol", 3)

    assert ([user.name for user in first.users], first.is_more) == (["alice", "bob", "carol"], True)
    assert ([user.name for user in second.users], second.is_more) == (["dave", "root"], False)
