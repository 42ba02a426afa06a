# SPDX-License-Identifier: Apache-2.0
"""What is asked about users."""

import asyncio

import pytest

from entrepot.features.identity import Standing
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.errors import Unauthenticated
from tests.builders.instance import Instance

pytestmark = pytest.mark.anyio


@pytest.fixture
def instance(instance: Instance) -> Instance:
    """An instance with an ordinary, an administrating and a disabled user."""
    instance.add_user("alice", "secret of alice")
    instance.add_user("root", "secret of root", is_admin=True)
    instance.add_user("gone", "secret of gone", is_admin=True)
    instance.change_user("gone", disabled_at=1)
    return instance


async def test_a_user_proves_itself_by_its_password(instance: Instance) -> None:
    """The right password makes the principal of that user, which nothing narrows."""
    principal = await instance.accounts.authenticate("alice", "secret of alice")

    assert principal == Principal(PrincipalKind.USER, "alice", scopes=None)


async def test_every_refusal_looks_and_costs_the_same(instance: Instance) -> None:
    """Unknown, wrong and disabled are one message, one statement and one hash."""
    await instance.accounts.standing("opens the connection")
    refusals = set()
    for name, password in [("nobody", "any"), ("alice", "wrong"), ("gone", "secret of gone"), ("gone", "wrong")]:
        hashes_before = instance.hasher.verified
        with instance.counted_statements() as statements, pytest.raises(Unauthenticated) as refusal:
            await instance.accounts.authenticate(name, password)
        cost = (len(statements), instance.hasher.verified - hashes_before)
        refusals.add((refusal.value.message, refusal.value.hint, refusal.value.challenge_error, cost))

    assert len(refusals) == 1
    assert refusals.pop()[2:] == ("invalid_token", (1, 1))


async def test_a_disabled_user_is_refused_at_once(instance: Instance) -> None:
    """A remembered password is no use to an account that was disabled a moment ago."""
    await instance.accounts.authenticate("alice", "secret of alice")
    await asyncio.to_thread(instance.change_user, "alice", disabled_at=1)

    with pytest.raises(Unauthenticated):
        await instance.accounts.authenticate("alice", "secret of alice")


async def test_a_changed_password_counts_at_once(instance: Instance) -> None:
    """The old password is refused from the change on, although it was remembered."""
    await instance.accounts.authenticate("alice", "secret of alice")
    await asyncio.to_thread(instance.change_user, "alice", password_hash=instance.hasher.hash("new"))

    with pytest.raises(Unauthenticated):
        await instance.accounts.authenticate("alice", "secret of alice")
    assert (await instance.accounts.authenticate("alice", "new")).name == "alice"


@pytest.mark.parametrize("name", ["", "Alice", "alice ", " alice"])
async def test_a_name_that_nobody_has_is_refused(instance: Instance, name: str) -> None:
    """Names are compared as they are."""
    with pytest.raises(Unauthenticated):
        await instance.accounts.authenticate(name, "secret of alice")


@pytest.mark.parametrize("name", ["a\0lice", "alice\n", "a" * 256])
async def test_text_that_no_database_takes_as_a_name_is_nobodys(instance: Instance, name: str) -> None:
    """Control characters and overlong names are not even looked up: PostgreSQL would answer with an error."""
    await asyncio.to_thread(instance.add_user, name, "secret")

    with pytest.raises(Unauthenticated):
        await instance.accounts.authenticate(name, "secret")


@pytest.mark.parametrize(
    ("name", "standing"),
    [
        ("alice", Standing.USER),
        ("root", Standing.ADMINISTRATOR),
        ("gone", Standing.NONE),
        ("nobody", Standing.NONE),
    ],
)
async def test_the_standing_of_a_user(instance: Instance, name: str, standing: Standing) -> None:
    """A disabled administrator counts for no more than somebody unknown."""
    assert await instance.accounts.standing(name) is standing


async def test_no_secret_is_shown(instance: Instance) -> None:
    """Neither a refusal nor a user that was read shows a password or its hash."""
    with pytest.raises(Unauthenticated) as refusal:
        await instance.accounts.authenticate("alice", "almost the secret")

    shown = f"{refusal.value!r} {refusal.value} {refusal.value.__cause__!r} {refusal.value.detail}"
    assert "almost the secret" not in shown
    assert "argon2" not in shown
