# SPDX-License-Identifier: Apache-2.0
"""Giving a user another name."""

import asyncio

import pytest

from entrepot.features.identity import UserNameTaken
from entrepot.features.identity import Users
from entrepot.features.identity import UserUnknown
from entrepot.features.identity.errors import InvalidUserName
from entrepot.features.tokens import read_secret
from entrepot.features.tokens.errors import LoginEnded
from entrepot.features.tokens.errors import SecretOfAnother
from entrepot.features.users.errors import SameName
from entrepot.features.users.service import Lifecycle
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from tests.builders.instance import Instance
from tests.builders.user_rows import add_former
from tests.builders.user_rows import held_by
from tests.builders.user_rows import rows_naming
from tests.builders.user_rows import tokens_of
from tests.builders.user_rows import told

pytestmark = pytest.mark.anyio

HERE = "192.0.2.1"
PASSWORD = "the old password"
ADMIN = Principal(PrincipalKind.USER, "admin")
ALICE = Principal(PrincipalKind.USER, "alice")
ADA = Principal(PrincipalKind.USER, "ada")


async def test_what_a_user_may_do_goes_along_with_a_new_name(instance: Instance, lifecycle: Lifecycle) -> None:
    """Grants of its own and those of its groups; nothing is left to the old name."""
    await asyncio.to_thread(instance.grant, "user:alice", "team/**", "read")
    await asyncio.to_thread(instance.add_group, "writers", "user:alice")
    await asyncio.to_thread(instance.grant, "group:writers", "docs/**", "write")

    await lifecycle.rename("alice", "ada")

    assert await instance.authorizer.allows(ADA, Action.PULL, "team/app")
    assert await instance.authorizer.allows(ADA, Action.PUSH, "docs/app")
    assert not await instance.authorizer.allows(ALICE, Action.PULL, "team/app")
    assert await instance.database.snapshot(rows_naming, "alice") == []


async def test_an_administrator_stays_one_under_a_new_name(instance: Instance, lifecycle: Lifecycle) -> None:
    """Even the last one: the registry keeps being administered."""
    assert (await lifecycle.rename("admin", "root")).name == "root"

    assert await instance.authorizer.may_system(Principal(PrincipalKind.USER, "root"), SystemAction.ADMINISTER)
    assert not await instance.authorizer.may_system(ADMIN, SystemAction.ADMINISTER)


async def test_the_password_is_good_under_the_new_name_only(instance: Instance, lifecycle: Lifecycle) -> None:
    """And what logged in with it before goes on, but for what was signed for the old name."""
    before = await instance.logged_in("alice")

    await lifecycle.rename("alice", "ada")

    after = await instance.accounts.authenticate("ada", PASSWORD, HERE)
    assert after.credential == before.credential
    assert not await instance.accounts.is_live("alice", before.credential)


async def test_a_personal_token_goes_along_and_tells_the_new_name(instance: Instance, lifecycle: Lifecycle) -> None:
    """Whoever gives the old name with it learns which to give."""
    secret = read_secret((await asyncio.to_thread(instance.add_secret, "user:alice")).secret)
    assert secret is not None

    await lifecycle.rename("alice", "ada")

    assert (await instance.credentials.log_in(secret, "ada", HERE)).name == "ada"
    with pytest.raises(SecretOfAnother) as refused:
        await instance.credentials.log_in(secret, "alice", HERE)
    assert refused.value.hint == "Give the name ada with it."


async def test_a_registry_token_for_the_old_name_ends(instance: Instance, lifecycle: Lifecycle) -> None:
    """Within the two seconds for which a login is believed."""
    answer = await instance.tokens.issue(await instance.logged_in("alice"), ())
    await instance.tokens.verify(answer.token)

    await lifecycle.rename("alice", "ada")
    instance.clock.advance(2_000)

    with pytest.raises(LoginEnded):
        await instance.tokens.verify(answer.token)


async def test_a_login_that_renews_itself_goes_along(instance: Instance, lifecycle: Lifecycle) -> None:
    """A refresh token is bound to the login, and to the account whatever it is called."""
    refresh = await instance.refresh_tokens.issue(await instance.logged_in("alice"))

    await lifecycle.rename("alice", "ada")

    assert (await instance.refresh_tokens.redeem(refresh)).identity == "user:ada"


async def test_a_former_name_is_given_to_nobody_else(lifecycle: Lifecycle, users: Users) -> None:
    """Neither to a new user nor by another renaming: histories name it."""
    await lifecycle.rename("alice", "ada")

    with pytest.raises(UserNameTaken):
        await users.create(ADMIN, "alice", None, is_admin=False)
    with pytest.raises(UserNameTaken):
        await lifecycle.rename("admin", "alice")


async def test_a_user_may_have_a_former_name_of_its_own_again(instance: Instance, lifecycle: Lifecycle) -> None:
    """Whoever was called so is meant by it still."""
    await asyncio.to_thread(instance.grant, "user:alice", "team/**", "read")
    await lifecycle.rename("alice", "ada")
    await lifecycle.rename("ada", "countess")

    assert (await lifecycle.rename("countess", "alice")).name == "alice"
    assert await instance.authorizer.allows(ALICE, Action.PULL, "team/app")


async def test_a_former_name_tells_what_it_became(lifecycle: Lifecycle, users: Users) -> None:
    """Also after another change."""
    await lifecycle.rename("alice", "ada")
    await lifecycle.rename("ada", "countess")

    with pytest.raises(UserUnknown, match="alice is called countess now"):
        await users.find("alice")


@pytest.mark.parametrize(
    "name", ["Admin", "ADMIN", "\u00e1dmin", "\u0430dmin", "admin\n", " admin", "me", "everyone", "", "a" * 65]
)
async def test_no_name_looks_like_another(lifecycle: Lifecycle, name: str) -> None:
    """Capitals, accents, Cyrillic letters, spaces and reserved words are in no name."""
    with pytest.raises(InvalidUserName):
        await lifecycle.rename("alice", name)


async def test_a_name_that_is_in_use_is_refused(instance: Instance, lifecycle: Lifecycle) -> None:
    """Its owner keeps it, with everything."""
    with pytest.raises(UserNameTaken):
        await lifecycle.rename("alice", "admin")
    with pytest.raises(SameName):
        await lifecycle.rename("alice", "alice")
    with pytest.raises(UserUnknown):
        await lifecycle.rename("nobody", "ada")

    assert not await instance.authorizer.may_system(ALICE, SystemAction.ADMINISTER)


async def test_a_new_name_inherits_nothing(instance: Instance, lifecycle: Lifecycle) -> None:
    """Whatever was granted to a name that nobody had is gone."""
    await asyncio.to_thread(instance.grant, "user:ada", "SYSTEM", "administrator")
    await asyncio.to_thread(instance.add_secret, "user:ada")

    await lifecycle.rename("alice", "ada")

    assert await instance.database.snapshot(held_by, "ada") == []
    assert await instance.database.snapshot(tokens_of, "ada") == []


async def test_of_two_who_take_one_name_one_gets_it(instance: Instance, lifecycle: Lifecycle) -> None:
    """The other one stays what it was."""
    await asyncio.to_thread(instance.add_user, "bob", PASSWORD)

    both = (lifecycle.rename("alice", "ada"), lifecycle.rename("bob", "ada"))
    results = await asyncio.gather(*both, return_exceptions=True)

    assert sorted(type(each).__name__ for each in results) == ["User", "UserNameTaken"]


async def test_a_renaming_is_announced(instance: Instance, lifecycle: Lifecycle) -> None:
    """With both names."""
    await lifecycle.rename("alice", "ada")

    assert await told(instance.database, "user.renamed") == [("user:ada", {"name": "alice"}, {"name": "ada"})]


async def test_a_deleted_name_is_not_taken_by_renaming(instance: Instance, lifecycle: Lifecycle) -> None:
    """Whatever was done under it was done by somebody else."""
    await instance.database.write(add_former, "carol")

    with pytest.raises(UserNameTaken):
        await lifecycle.rename("alice", "carol")
