# SPDX-License-Identifier: Apache-2.0
"""Passwords of local accounts that are switched off, but for accounts that are kept for emergencies."""

import asyncio
from pathlib import Path

import pytest
import structlog
from pydantic import ValidationError

from entrepot.features.identity import Accounts
from entrepot.features.identity import IdentitySettings
from entrepot.features.identity import LocalPasswords
from entrepot.features.identity import Users
from entrepot.features.identity import WrongPassword
from entrepot.features.identity.errors import LastBreakGlassAccount
from entrepot.features.identity.errors import LocalPasswordsOff
from entrepot.features.identity.local_passwords import TOLD_EVERY_MS
from entrepot.infra.events import outbox
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.registry.events import Event
from entrepot.registry.events import decode
from tests.builders.databases import until_final
from tests.builders.instance import Instance

pytestmark = pytest.mark.anyio

HERE = "192.0.2.1"
PASSWORD = "the old password"
ROOT = Principal(PrincipalKind.USER, "root")
ONLY_ROOT = IdentitySettings(local_passwords="break-glass", break_glass_accounts=("root", "spare"))


async def opened(instance: Instance) -> list[Event]:
    """Return what was announced of broken glass."""
    await until_final(instance.database)
    rows = await instance.database.read(outbox.read_after, outbox.BEGINNING, 100)
    return [event for event in map(decode, rows) if event.type == "break-glass.opened"]


@pytest.fixture
def local(instance: Instance) -> LocalPasswords:
    """Only `root` and `spare`, of whom there is no account, log in with a password; `alice` does not."""
    instance.add_user("root", PASSWORD, is_admin=True)
    instance.add_user("alice", PASSWORD, is_admin=True)
    return LocalPasswords(instance.database, ONLY_ROOT, instance.clock)


@pytest.fixture
def accounts(instance: Instance, local: LocalPasswords) -> Accounts:
    """The accounts, where that counts."""
    return Accounts(instance.database, instance.passwords, instance.throttle, local=local)


@pytest.fixture
def users(instance: Instance, accounts: Accounts, local: LocalPasswords, tmp_path: Path) -> Users:
    """The use cases of administrators there."""
    return Users(instance.database, accounts, instance.passwords, tmp_path, instance.clock)


async def test_a_right_password_that_is_switched_off_is_refused(accounts: Accounts) -> None:
    """Who has it is told so, and who guesses is told what guessers always are."""
    with pytest.raises(LocalPasswordsOff) as refused:
        await accounts.authenticate("alice", PASSWORD, HERE)
    with pytest.raises(WrongPassword):
        await accounts.authenticate("alice", "a guess", HERE)

    assert "personal access token" in refused.value.hint


async def test_what_logged_in_with_such_a_password_is_over(instance: Instance, accounts: Accounts) -> None:
    """A registry token that was fetched with it is no longer good; one of an account for emergencies is."""
    alice, root = await instance.logged_in("alice"), await instance.logged_in("root")

    assert not await accounts.is_live("alice", alice.credential)
    assert await accounts.is_live("root", root.credential)


async def test_breaking_glass_is_announced_once_in_a_while(instance: Instance, accounts: Accounts) -> None:
    """With the account and the address, for each address, and again later: not for each request."""
    for address in (HERE, HERE, "192.0.2.2"):
        await accounts.authenticate("root", PASSWORD, address)
    instance.clock.advance(TOLD_EVERY_MS)
    await accounts.authenticate("root", PASSWORD, HERE)

    found = [(event.object, event.principal, event.after) for event in await opened(instance)]
    expected = [{"address": address} for address in (HERE, "192.0.2.2", HERE)]
    assert found == [("user:root", "user:root", after) for after in expected]


async def test_breaking_glass_is_a_warning_in_the_log(accounts: Accounts) -> None:
    """It names who and from where."""
    with structlog.testing.capture_logs() as lines:
        await accounts.authenticate("root", PASSWORD, HERE)

    assert {"event": "break_glass.opened", "user": "root", "address": HERE, "log_level": "warning"} in lines


async def test_a_wrong_password_breaks_no_glass(instance: Instance, accounts: Accounts) -> None:
    """Somebody who guesses is not announced as being in."""
    with pytest.raises(WrongPassword):
        await accounts.authenticate("root", "a guess", HERE)

    assert await opened(instance) == []


async def test_glass_can_be_broken_while_nothing_can_be_stored(instance: Instance, accounts: Accounts) -> None:
    """A full disk may be why somebody has to log in."""
    await asyncio.to_thread(instance.refuse_writes)

    assert (await accounts.authenticate("root", PASSWORD, HERE)).name == "root"


async def test_where_everybody_has_a_password_no_glass_is_broken(instance: Instance) -> None:
    """Without the setting nothing is told, and nobody is refused."""
    await asyncio.to_thread(instance.add_user, "root", PASSWORD)

    assert (await instance.accounts.authenticate("root", PASSWORD, HERE)).name == "root"
    assert await opened(instance) == []


async def test_the_last_account_for_emergencies_stays(instance: Instance, users: Users) -> None:
    """Others may administer, but none of them gets in: it is neither deleted nor disabled."""
    with pytest.raises(LastBreakGlassAccount):
        await users.delete("root")
    with pytest.raises(LastBreakGlassAccount):
        await users.change(ROOT, "root", is_disabled=True)
    await asyncio.to_thread(instance.add_user, "spare", PASSWORD)
    with pytest.raises(LastBreakGlassAccount):
        await users.change(ROOT, "root", is_admin=False)

    await asyncio.to_thread(instance.grant, "user:spare", "SYSTEM", "administrator")
    await users.delete("root")


async def test_the_log_warns_when_nobody_could_get_in(instance: Instance, local: LocalPasswords) -> None:
    """As long as an administrator among them is enabled it says nothing."""
    with structlog.testing.capture_logs() as lines:
        await asyncio.to_thread(local.warn)
        assert lines == []
        await asyncio.to_thread(instance.change_user, "root", disabled_at=1)
        await asyncio.to_thread(local.warn)
        await asyncio.to_thread(instance.add_user, "spare", PASSWORD)
        await asyncio.to_thread(local.warn)

    assert {line["event"] for line in lines} == {"break_glass.lacking"}
    assert [line["lack"] for line in lines] == ["nobody", "no_administrator"]


def test_settings_that_let_nobody_in_are_a_mistake() -> None:
    """So is what nobody can be called."""
    with pytest.raises(ValidationError, match="has to name an account"):
        IdentitySettings(local_passwords="break-glass")
    with pytest.raises(ValidationError, match="'Root' is not the name of a user"):
        IdentitySettings(break_glass_accounts=("Root",))


def test_a_list_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    """The configuration says which file, and why."""
    with pytest.raises(ValidationError, match=r"missing\.txt cannot be read: No such file"):
        IdentitySettings(breached_passwords=tmp_path / "missing.txt")
