# SPDX-License-Identifier: Apache-2.0
"""Making two users one."""

import asyncio

import pytest

from entrepot.features.identity import LastAdministrator
from entrepot.features.identity import UserNameTaken
from entrepot.features.identity import Users
from entrepot.features.identity import UserUnknown
from entrepot.features.identity import WrongPassword
from entrepot.features.tokens import read_secret
from entrepot.features.tokens.refresh import UnknownRefreshToken
from entrepot.features.users.errors import IntoDisabled
from entrepot.features.users.errors import IntoItself
from entrepot.features.users.errors import OwnAccount
from entrepot.features.users.models import Merger
from entrepot.features.users.models import MovingGrant
from entrepot.features.users.models import MovingToken
from entrepot.features.users.service import Lifecycle
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from tests.builders.instance import Instance
from tests.builders.user_rows import give_to_provider
from tests.builders.user_rows import held_by
from tests.builders.user_rows import joined_by
from tests.builders.user_rows import rows_naming
from tests.builders.user_rows import tokens_of
from tests.builders.user_rows import told

pytestmark = pytest.mark.anyio

HERE = "192.0.2.1"
PASSWORD = "the old password"
ADMIN = Principal(PrincipalKind.USER, "admin")
ALICE = Principal(PrincipalKind.USER, "alice")
ADA = Principal(PrincipalKind.USER, "ada")


async def test_what_a_user_may_do_goes_to_the_one_that_stays(instance: Instance, lifecycle: Lifecycle) -> None:
    """Where both have the same grant, the one that ends later counts, whichever that is."""
    await asyncio.to_thread(instance.add_user, "ada", PASSWORD)
    for pattern, of_alice, of_ada in (("a/**", 10, None), ("b/**", None, 10), ("c/**", 20, 10), ("d/**", 10, 20)):
        await asyncio.to_thread(instance.grant, "user:alice", pattern, "read", expires_at=of_alice)
        await asyncio.to_thread(instance.grant, "user:ada", pattern, "read", expires_at=of_ada)
    await asyncio.to_thread(instance.grant, "user:alice", "a/**", "write", expires_at=5)

    await lifecycle.merge(ADMIN, "alice", "ada")

    expected = [
        ("a/**", "read", None),
        ("a/**", "write", 5),
        ("b/**", "read", None),
        ("c/**", "read", 20),
        ("d/**", "read", 20),
    ]
    assert await instance.database.snapshot(held_by, "ada") == expected
    assert await instance.database.snapshot(rows_naming, "alice") == []


async def test_groups_of_a_provider_stay_behind(instance: Instance, lifecycle: Lifecycle) -> None:
    """It would never take a member out that it does not know. Others are joined once."""
    await asyncio.to_thread(instance.add_user, "ada", PASSWORD)
    for group, *members in (("both", "user:alice", "user:ada"), ("one", "user:alice"), ("theirs", "user:alice")):
        await asyncio.to_thread(instance.add_group, group, *members)
    await instance.database.write(give_to_provider, "theirs")

    merger = await lifecycle.merge(ADMIN, "alice", "ada")

    assert (merger.groups, merger.groups_left) == (("one",), ("theirs",))
    assert await instance.database.snapshot(joined_by, "ada") == ["both", "one"]
    assert await instance.database.snapshot(joined_by, "alice") == []


async def test_tokens_go_on_under_the_name_that_stays(instance: Instance, lifecycle: Lifecycle) -> None:
    """One whose name is taken there gets another."""
    await asyncio.to_thread(instance.add_user, "ada", PASSWORD)
    secret = read_secret((await asyncio.to_thread(instance.add_secret, "user:alice", "laptop")).secret)
    await asyncio.to_thread(instance.add_secret, "user:ada", "laptop")
    await asyncio.to_thread(instance.add_secret, "user:alice", "x" * 64)
    await asyncio.to_thread(instance.add_secret, "user:ada", "x" * 64)
    assert secret is not None

    merger = await lifecycle.merge(ADMIN, "alice", "ada")

    assert merger.tokens[0] == MovingToken("laptop", "laptop-alice")
    assert (await instance.credentials.log_in(secret, "ada", HERE)).name == "ada"
    assert await instance.database.snapshot(tokens_of, "ada") == [
        "laptop",
        "laptop-alice",
        "x" * 58 + "-alice",
        "x" * 64,
    ]


async def test_the_password_of_the_one_that_is_gone_is_good_for_nothing(
    instance: Instance, lifecycle: Lifecycle
) -> None:
    """Nor is what renewed itself with it, while the one that stays logs in as before."""
    await asyncio.to_thread(instance.add_user, "ada", "another password")
    refresh = await instance.refresh_tokens.issue(await instance.logged_in("alice"))

    await lifecycle.merge(ADMIN, "alice", "ada")

    for name, password in (("alice", PASSWORD), ("ada", PASSWORD)):
        with pytest.raises(WrongPassword):
            await instance.accounts.authenticate(name, password, HERE)
    with pytest.raises(UnknownRefreshToken):
        await instance.refresh_tokens.redeem(refresh)
    assert (await instance.accounts.authenticate("ada", "another password", HERE)).name == "ada"


async def test_a_preview_tells_what_a_merger_does_and_does_nothing(instance: Instance, lifecycle: Lifecycle) -> None:
    """The two say the same."""
    await asyncio.to_thread(instance.add_user, "ada", PASSWORD)
    await asyncio.to_thread(instance.grant, "user:alice", "team/**", "read")
    await asyncio.to_thread(instance.grant, "user:ada", "team/**", "read", expires_at=10)
    await asyncio.to_thread(instance.add_group, "developers", "user:alice")
    await asyncio.to_thread(instance.add_secret, "user:alice")

    preview = await lifecycle.preview_merger("alice", "ada")

    assert preview == Merger(
        "alice",
        "ada",
        1,
        (MovingGrant("team/**", "read", "", None, is_combined=True),),
        ("developers",),
        (),
        (MovingToken("laptop", "laptop"),),
    )
    assert await instance.database.snapshot(held_by, "alice") == [("team/**", "read", None)]
    assert await lifecycle.merge(ADMIN, "alice", "ada") == preview


async def test_the_last_administrator_becomes_the_one_that_stays(instance: Instance, lifecycle: Lifecycle) -> None:
    """Who stays has the right then."""
    await lifecycle.merge(ALICE, "admin", "alice")

    assert await instance.authorizer.may_system(ALICE, SystemAction.ADMINISTER)


async def test_a_merger_leaves_an_administrator(instance: Instance, lifecycle: Lifecycle) -> None:
    """Into an account that its provider lets in, the last one here cannot go: nothing has changed then."""
    await asyncio.to_thread(instance.change_user, "alice", provider="company")

    with pytest.raises(LastAdministrator):
        await lifecycle.merge(ALICE, "admin", "alice")

    assert await instance.authorizer.may_system(ADMIN, SystemAction.ADMINISTER)
    assert await instance.database.snapshot(held_by, "alice") == []


async def test_some_users_cannot_become_one(instance: Instance, lifecycle: Lifecycle) -> None:
    """One with itself, one that is not there, into one that is disabled, and the one that one is."""
    await asyncio.to_thread(instance.add_user, "gone", PASSWORD)
    await asyncio.to_thread(instance.change_user, "gone", disabled_at=1)

    with pytest.raises(IntoItself):
        await lifecycle.merge(ADMIN, "alice", "alice")
    with pytest.raises(UserUnknown):
        await lifecycle.merge(ADMIN, "nobody", "alice")
    with pytest.raises(IntoDisabled):
        await lifecycle.merge(ADMIN, "alice", "gone")
    with pytest.raises(OwnAccount):
        await lifecycle.merge(ALICE, "alice", "admin")


async def test_a_merged_name_is_kept_and_tells_who_is_meant(lifecycle: Lifecycle, users: Users) -> None:
    """Histories name it."""
    await lifecycle.merge(ADMIN, "alice", "admin")

    with pytest.raises(UserUnknown, match="alice is called admin now"):
        await users.find("alice")
    with pytest.raises(UserNameTaken):
        await users.create(ADMIN, "alice", None, is_admin=False)


async def test_a_merger_is_announced(instance: Instance, lifecycle: Lifecycle) -> None:
    """With who stays and what went there."""
    await asyncio.to_thread(instance.grant, "user:alice", "team/**", "read")

    await lifecycle.merge(ADMIN, "alice", "admin")

    after = {"into": "admin", "grants": 1, "groups": [], "tokens": []}
    assert await told(instance.database, "user.merged") == [("user:alice", {"name": "alice"}, after)]
