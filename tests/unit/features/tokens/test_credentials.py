# SPDX-License-Identifier: Apache-2.0
"""Logging in with personal tokens and the secrets of robots."""

import asyncio
from dataclasses import dataclass

import pytest

from entrepot.features.identity import WrongPassword
from entrepot.features.tokens import IssuedSecret
from entrepot.features.tokens.errors import InvalidToken
from entrepot.features.tokens.secret import CREDENTIAL_PREFIX
from entrepot.features.tokens.secret import REFRESH_PREFIX
from entrepot.features.tokens.secret import new_secret
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.errors import AppError
from entrepot.kernel.identifiers import new_ulid
from tests.builders.instance import Instance

ADDRESS = "192.0.2.1"
PASSWORD = "a long password"

pytestmark = pytest.mark.anyio


@pytest.fixture
def instance(instance: Instance) -> Instance:
    """An instance with a user and a robot."""
    instance.add_user("alice", PASSWORD)
    instance.add_robot("team.ci")
    return instance


async def issue(instance: Instance, principal: str) -> IssuedSecret:
    """Make a secret that is good for a day."""
    return await asyncio.to_thread(instance.add_secret, principal)


async def refusal(instance: Instance, name: str, secret: str) -> AppError:
    """Return how a login is refused."""
    with pytest.raises(AppError) as refused:
        await instance.credentials.authenticate(name, secret, ADDRESS)
    return refused.value


@pytest.mark.parametrize("identity", ["user:alice", "robot:team.ci"])
async def test_a_secret_takes_the_place_of_a_password(instance: Instance, identity: str) -> None:
    """With the name it belongs to, it logs in as a user or a robot, marked by its id, without a password hash."""
    issued = await issue(instance, identity)
    kind, _, name = identity.partition(":")

    principal = await instance.credentials.authenticate(name, issued.secret, ADDRESS)

    assert principal == Principal(PrincipalKind(kind), name)
    assert principal.credential == f"token:{issued.credential.id}"
    assert instance.hasher.verified == 0


async def test_passwords_still_log_in(instance: Instance) -> None:
    """What is no secret of ours is a password."""
    principal = await instance.credentials.authenticate("alice", PASSWORD, ADDRESS)

    assert principal.credential.startswith("password:")


@dataclass(frozen=True)
class Refused:
    """What becomes of a secret, and the words in the answer that tell."""

    code: str
    told: str
    hint: str


async def expire(instance: Instance, issued: IssuedSecret) -> None:
    """Let the time of a secret pass."""
    instance.clock.advance(DAY_MS)


async def revoke(instance: Instance, issued: IssuedSecret) -> None:
    """Revoke a secret."""
    await asyncio.to_thread(instance.revoke, issued)


async def disable(instance: Instance, issued: IssuedSecret) -> None:
    """Disable the account of a secret."""
    kind, _, name = issued.credential.principal.partition(":")
    change = instance.change_user if kind == "user" else instance.change_robot
    await asyncio.to_thread(change, name, disabled_at=1)


@pytest.mark.parametrize(
    ("identity", "happens", "expected"),
    [
        ("user:alice", expire, Refused("secret_expired", "the token laptop expired at 2027", "POST /api/v1/tokens")),
        ("user:alice", revoke, Refused("secret_revoked", "the token laptop was revoked", "POST /api/v1/tokens")),
        ("user:alice", disable, Refused("account_disabled", "alice is disabled", "administrator")),
        ("robot:team.ci", expire, Refused("secret_expired", "robot team.ci expired at", "robots/team.ci:rotate")),
        ("robot:team.ci", revoke, Refused("secret_revoked", "robot team.ci was revoked", "robots/team.ci:rotate")),
        ("robot:team.ci", disable, Refused("account_disabled", "team.ci is disabled", "administrator")),
    ],
)
async def test_who_has_the_right_secret_is_told_why_it_is_refused(
    instance: Instance, identity: str, happens: object, expected: Refused
) -> None:
    """Expired, revoked and disabled are told apart, each with what to do; the name does not matter for that."""
    issued = await issue(instance, identity)
    await happens(instance, issued)  # type: ignore[operator]

    refused = await refusal(instance, identity.partition(":")[2], issued.secret)

    assert isinstance(refused, InvalidToken)
    assert refused.code == expected.code
    assert expected.told in refused.message
    assert expected.hint in refused.hint


async def test_a_secret_belongs_to_one_name(instance: Instance) -> None:
    """With another name it is refused, and whoever has it is told the right one."""
    issued = await issue(instance, "robot:team.ci")

    refused = await refusal(instance, "alice", issued.secret)

    assert (refused.code, refused.hint) == ("secret_of_another", "Give the name team.ci with it.")


async def test_unknown_and_wrong_secrets_are_wrong_passwords(instance: Instance) -> None:
    """A secret that nobody made, one of a known id, and a refresh token get one answer, after the same statements."""
    issued = await issue(instance, "user:alice")
    refresh_token = await instance.refresh_tokens.issue(await instance.logged_in("alice"))
    guesses = [
        new_secret(prefix, place)
        for prefix in (CREDENTIAL_PREFIX, REFRESH_PREFIX)
        for place in (new_ulid(), issued.credential.id)
    ]
    costs = set()
    for guess in [*guesses, refresh_token]:
        instance.clock.advance(DAY_MS // 100)
        with instance.traced_reads() as statements:
            assert isinstance(await refusal(instance, "alice", guess), WrongPassword)
        costs.add(len(statements))

    assert len(costs) == 1
    assert instance.hasher.verified == 0


async def test_wrong_secrets_are_slowed_down(instance: Instance) -> None:
    """Guessing goes on being counted as wrong passwords are, and a right secret is never kept waiting by it."""
    issued = await issue(instance, "user:alice")
    refused = [await refusal(instance, "alice", new_secret(CREDENTIAL_PREFIX, new_ulid())) for _ in range(10)]

    assert [error.status for error in refused[:3]] == [401] * 3
    assert refused[-1].status == 429
    assert (await instance.credentials.authenticate("alice", issued.secret, ADDRESS)).name == "alice"


async def test_an_account_that_is_gone_takes_its_secrets_along(instance: Instance) -> None:
    """A secret without an account is refused as one whose account is disabled."""
    issued = await issue(instance, "user:nobody")

    assert (await refusal(instance, "nobody", issued.secret)).code == "account_disabled"


async def test_a_secret_of_an_unheard_kind_logs_nobody_in(instance: Instance) -> None:
    """A principal whose kind has no accounts is refused."""
    issued = await issue(instance, "internal:scanner")

    assert (await refusal(instance, "scanner", issued.secret)).code == "account_disabled"
