# SPDX-License-Identifier: Apache-2.0
"""What is asked about users."""

import asyncio
import re

import pytest

from entrepot.features.identity import Standing
from entrepot.features.identity.errors import PasswordNotAccepted
from entrepot.features.identity.errors import WrongPassword
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.errors import Unauthenticated
from tests.builders.instance import Instance

pytestmark = pytest.mark.anyio

ADDRESS = "192.0.2.1"


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
    principal = await instance.accounts.authenticate("alice", "secret of alice", ADDRESS)

    assert principal == Principal(PrincipalKind.USER, "alice", scopes=None)


async def test_every_refusal_looks_and_costs_the_same(instance: Instance) -> None:
    """Unknown, wrong and disabled are one message, the same statements and one hash."""
    await instance.accounts.standing("opens the connection")
    refusals = set()
    for name, password in [
        ("nobody", "any"),
        ("alice", "wrong"),
        ("gone", "secret of gone"),
        ("gone", "wrong"),
        ("Ä", ""),
    ]:
        hashes_before = instance.hasher.verified
        with instance.traced_reads() as statements, pytest.raises(Unauthenticated) as refusal:
            await instance.accounts.authenticate(name, password, ADDRESS)
        shapes = tuple(re.sub(r"x?'[^']*'", "?", statement, flags=re.IGNORECASE) for statement in statements)
        cost = (shapes, instance.hasher.verified - hashes_before)
        refusals.add((refusal.value.message, refusal.value.hint, refusal.value.challenge_error, cost))

    assert len(refusals) == 1
    _, _, challenge_error, (statements_of_one, hashes) = refusals.pop()
    assert (challenge_error, hashes) == ("invalid_token", 1)
    assert sum(statement.startswith("SELECT users.") for statement in statements_of_one) == 1


async def test_a_disabled_user_is_refused_at_once(instance: Instance) -> None:
    """A remembered password is no use to an account that was disabled a moment ago."""
    await instance.accounts.authenticate("alice", "secret of alice", ADDRESS)
    await asyncio.to_thread(instance.change_user, "alice", disabled_at=1)

    with pytest.raises(Unauthenticated):
        await instance.accounts.authenticate("alice", "secret of alice", ADDRESS)


async def test_a_changed_password_counts_at_once(instance: Instance) -> None:
    """The old password is refused from the change on, although it was remembered."""
    await instance.accounts.authenticate("alice", "secret of alice", ADDRESS)
    await asyncio.to_thread(instance.change_user, "alice", password_hash=instance.hasher.hash("new"))

    with pytest.raises(Unauthenticated):
        await instance.accounts.authenticate("alice", "secret of alice", ADDRESS)
    assert (await instance.accounts.authenticate("alice", "new", ADDRESS)).name == "alice"


@pytest.mark.parametrize("name", ["", "Alice", "alice ", " alice"])
async def test_a_name_that_nobody_has_is_refused(instance: Instance, name: str) -> None:
    """Names are compared as they are."""
    with pytest.raises(Unauthenticated):
        await instance.accounts.authenticate(name, "secret of alice", ADDRESS)


@pytest.mark.parametrize("name", ["a\0lice", "alice\n", "a" * 256])
async def test_text_that_no_database_takes_as_a_name_is_nobodys(instance: Instance, name: str) -> None:
    """Control characters and overlong names are not even looked up: PostgreSQL would answer with an error."""
    if instance.database.engine_name == "sqlite":  # which takes anything
        await asyncio.to_thread(instance.add_user, name, "secret")

    with pytest.raises(Unauthenticated):
        await instance.accounts.authenticate(name, "secret", ADDRESS)


@pytest.mark.parametrize(
    ("name", "standing"),
    [
        ("alice", Standing.USER),
        ("root", Standing.USER),
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
        await instance.accounts.authenticate("alice", "almost the secret", ADDRESS)

    shown = f"{refusal.value!r} {refusal.value} {refusal.value.__cause__!r} {refusal.value.detail}"
    assert "almost the secret" not in shown
    assert "argon2" not in shown


async def test_a_second_factor_rules_the_password_out(instance: Instance) -> None:
    """Once the password was right, the refusal says what to use instead."""
    await asyncio.to_thread(instance.change_user, "alice", second_factor_at=1)

    with pytest.raises(PasswordNotAccepted, match="logs in with a second factor") as refusal:
        await instance.accounts.authenticate("alice", "secret of alice", ADDRESS)

    assert (refusal.value.status, refusal.value.challenge_error) == (401, "invalid_token")
    assert "create a personal access token there" in refusal.value.hint


async def test_an_account_of_a_provider_has_no_use_for_a_password(instance: Instance) -> None:
    """One that it had before it came from a provider is refused in the same way."""
    await asyncio.to_thread(instance.change_user, "alice", provider="corporate")

    with pytest.raises(PasswordNotAccepted, match="through its identity provider"):
        await instance.accounts.authenticate("alice", "secret of alice", ADDRESS)


@pytest.mark.parametrize("columns", [{"second_factor_at": 1}, {"provider": "corporate"}, {"password_hash": ""}])
async def test_a_guess_learns_nothing_about_how_an_account_logs_in(
    instance: Instance, columns: dict[str, object]
) -> None:
    """A wrong password gets the answer that everybody gets, after the same one hash."""
    await asyncio.to_thread(instance.change_user, "alice", **columns)
    hashes_before = instance.hasher.verified

    with pytest.raises(WrongPassword):
        await instance.accounts.authenticate("alice", "a guess", ADDRESS)
    assert instance.hasher.verified - hashes_before == 1


async def test_a_login_is_live_until_the_password_changes(instance: Instance) -> None:
    """What was made from a password dies with it, and belongs to no other user."""
    principal = await instance.accounts.authenticate("alice", "secret of alice", ADDRESS)
    was_live = await instance.accounts.is_live("alice", principal.credential)
    is_live_for_another = await instance.accounts.is_live("root", principal.credential)
    await asyncio.to_thread(instance.change_user, "alice", password_changed_at=instance.clock() + 1)

    assert (was_live, is_live_for_another) == (True, False)
    assert not await instance.accounts.is_live("alice", principal.credential)


@pytest.mark.parametrize("columns", [{"disabled_at": 1}, {"second_factor_at": 1}, {"provider": "corporate"}])
async def test_a_login_dies_with_what_would_refuse_it_now(instance: Instance, columns: dict[str, object]) -> None:
    """A disabled account, and one that came to log in some other way, has no live password."""
    principal = await instance.accounts.authenticate("alice", "secret of alice", ADDRESS)
    await asyncio.to_thread(instance.change_user, "alice", **columns)

    assert not await instance.accounts.is_live("alice", principal.credential)


@pytest.mark.parametrize("credential", ["", "password:", "token:1", "password:1:0"])
async def test_what_names_no_password_in_force_is_not_live(instance: Instance, credential: str) -> None:
    """Only the exact stamp of the present password counts."""
    assert not await instance.accounts.is_live("alice", credential)
