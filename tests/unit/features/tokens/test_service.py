# SPDX-License-Identifier: Apache-2.0
"""Issuing tokens and verifying them."""

import asyncio
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from entrepot.features.tokens import CATALOG
from entrepot.features.tokens import TokenService
from entrepot.features.tokens.errors import InvalidToken
from entrepot.features.tokens.keys import generate_key
from entrepot.features.tokens.models import LIFETIME_SECONDS
from entrepot.features.tokens.models import Claims
from entrepot.features.tokens.scopes import parse_scopes
from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import Scope
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.registry.api_callers import API
from tests.builders.instance import Instance

pytestmark = pytest.mark.anyio

ALICE = Principal(PrincipalKind.USER, "alice")
ROBOT = Principal(PrincipalKind.ROBOT, "ci:nightly")


@pytest.fixture
def instance(instance: Instance) -> Instance:
    """An instance on which alice may write to `team` and read `alpine`."""
    instance.add_user("alice", "secret")
    instance.grant("user:alice", "team/**", "write")
    instance.grant("user:alice", "alpine", "read")
    return instance


async def issue(instance: Instance, principal: Principal, *scopes: str) -> str:
    """Issue a token; a user has logged in with the present password."""
    is_user = principal.kind is PrincipalKind.USER
    login = await instance.logged_in(principal.name) if is_user else principal
    return (await instance.tokens.issue(login, parse_scopes(scopes))).token


def claims_of(instance: Instance, token: str) -> Claims:
    """Read the claims of a token of this instance."""
    return msgspec.json.decode(instance.keys.ring.verified_payload(token) or b"", type=Claims)


async def forge(instance: Instance, **changes: object) -> str:
    """Sign claims that the service would not write."""
    now = instance.clock() // SECOND_MS
    usual = {"iss": "entrepot", "sub": "user:alice", "aud": "entrepot", "jti": "1", "access": []}
    login = {"cred": (await instance.logged_in("alice")).credential, "exp": now + 60, "nbf": now, "iat": now}
    return await instance.keys.sign(msgspec.json.encode({**usual, **login, **changes}))


def another_service(instance: Instance, **changes: Any) -> TokenService:
    """Make another token service on the same database."""
    return TokenService(instance.keys, instance.authorizer, instance.credentials, instance.clock, **changes)


async def test_a_token_carries_who_and_what_through_the_client(instance: Instance) -> None:
    """What comes back is the principal with the scopes it asked for and may have."""
    token = await issue(instance, ALICE, "repository:team/app:pull,push", "repository:alpine:pull")

    assert await instance.tokens.verify(token) == Principal(
        PrincipalKind.USER,
        "alice",
        (
            Scope("team/app", frozenset({Action.PULL, Action.PUSH})),
            Scope("alpine", frozenset({Action.PULL})),
        ),
    )


async def test_a_token_grants_the_part_that_is_allowed(instance: Instance) -> None:
    """What the principal may not do is left out without a word."""
    asked = ["repository:alpine:pull,push", "repository:team/app:*", "repository:other:pull", "repository:absent:*"]

    answer = await instance.tokens.issue(ALICE, parse_scopes(asked))

    assert [str(access) for access in answer.access] == ["repository:alpine:pull", "repository:team/app:pull,push"]


async def test_the_claims_of_a_token(instance: Instance) -> None:
    """Issuer, subject, audience and times are those of the token specification; each token has its own id."""
    first = claims_of(instance, await issue(instance, ALICE, "repository:alpine:pull"))
    second = claims_of(instance, await issue(instance, ALICE, "repository:alpine:pull"))

    now = instance.clock() // SECOND_MS
    assert (first.iss, first.sub, first.aud) == ("entrepot", "user:alice", "entrepot")
    assert (first.nbf, first.iat) == (now, now)
    assert first.exp >= now + LIFETIME_SECONDS
    assert first.jti != second.jti


async def test_an_anonymous_token_has_no_subject_and_no_access(instance: Instance) -> None:
    """Somebody without credentials gets a token that allows nothing."""
    token = await issue(instance, ANONYMOUS, "repository:alpine:pull", "registry:catalog:*")

    assert claims_of(instance, token).sub == ""
    assert await instance.tokens.verify(token) == Principal(PrincipalKind.ANONYMOUS, "anonymous", scopes=())


async def test_a_name_with_a_colon_survives(instance: Instance) -> None:
    """The kind ends at the first colon, the name is the rest."""
    await asyncio.to_thread(instance.add_robot, ROBOT.name)
    issued = await asyncio.to_thread(instance.add_secret, ROBOT.identity)
    login = replace(ROBOT, credential=issued.credential.mark)

    assert (await instance.tokens.verify(await issue(instance, login))).identity == ROBOT.identity


@pytest.mark.parametrize(
    ("asked", "scopes"),
    [
        ("registry:catalog:*", (Scope(CATALOG, frozenset({Action.PULL})),)),
        ("registry:api:*", (Scope(API, frozenset({Action.ADMIN})),)),
        ("", (Scope(API, frozenset({Action.ADMIN})),)),
        ("registry:catalog:pull", ()),
        ("registry:api:admin", ()),
        ("registry:other:*", ()),
        ("artifact:catalog:*", ()),
    ],
)
async def test_there_are_two_scopes_beside_repositories(
    instance: Instance, asked: str, scopes: tuple[Scope, ...]
) -> None:
    """Whoever is logged in may list the catalog and use the management API; other types are granted nothing."""
    assert (await instance.tokens.verify(await issue(instance, ALICE, asked))).scopes == scopes


async def test_a_token_ends_when_its_time_is_over(instance: Instance) -> None:
    """A token is good for as long as the client was told, and no longer, remembered or not."""
    token = await issue(instance, ALICE)
    instance.clock.advance(LIFETIME_SECONDS * SECOND_MS)
    still = await instance.tokens.verify(token)
    instance.clock.advance(2 * SECOND_MS)

    assert still.name == "alice"
    with pytest.raises(InvalidToken) as remembered:
        await instance.tokens.verify(token)
    with pytest.raises(InvalidToken) as unseen:
        await another_service(instance).verify(token)
    assert remembered.value.challenge_error == unseen.value.challenge_error == "invalid_token"


async def test_an_upload_may_outlive_its_token_by_a_day(instance: Instance) -> None:
    """Where the caller allows it, an expired token still tells who its bearer is, for 24 hours."""
    token = await issue(instance, ALICE)
    early = await instance.tokens.verify(token, allows_expired=True)
    instance.clock.advance(DAY_MS)
    late = await instance.tokens.verify(token, allows_expired=True)
    instance.clock.advance(LIFETIME_SECONDS * SECOND_MS + 2 * SECOND_MS)

    assert (early.identity, early.is_expired) == ("user:alice", False)
    assert (late.identity, late.is_expired) == ("user:alice", True)
    with pytest.raises(InvalidToken):
        await instance.tokens.verify(token, allows_expired=True)


@pytest.mark.parametrize("claim", ["nbf", "iat"])
async def test_clocks_may_differ_by_a_minute(instance: Instance, claim: str) -> None:
    """A token of a node whose clock is a minute ahead is taken, of one that is further ahead it is not."""
    ahead = (instance.clock() + MINUTE_MS) // SECOND_MS

    assert (await instance.tokens.verify(await forge(instance, **{claim: ahead}))).name == "alice"
    with pytest.raises(InvalidToken):
        await instance.tokens.verify(await forge(instance, **{claim: ahead + 1}))


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "another"},
        {"iss": "another"},
        {"sub": "emperor:alice"},
        {"sub": 7},
        {"exp": "never"},
        {"access": [{"type": "repository", "name": "alpine", "actions": ["fly"]}]},
        {"access": "everything"},
    ],
)
async def test_claims_that_are_not_ours_are_refused(instance: Instance, change: dict[str, object]) -> None:
    """A good signature is not enough: audience, issuer and every claim must be what this service writes."""
    with pytest.raises(InvalidToken):
        await instance.tokens.verify(await forge(instance, **change))


async def test_a_token_of_another_registry_is_refused(instance: Instance) -> None:
    """Another registry's tokens look the same but for the key."""
    payload = instance.keys.ring.verified_payload(await issue(instance, ALICE)) or b""

    with pytest.raises(InvalidToken):
        await instance.tokens.verify(generate_key().sign(payload))


async def test_verifying_again_needs_no_key(instance: Instance) -> None:
    """A token is verified once; after that it is looked up."""
    token = await issue(instance, ALICE)

    assert await instance.tokens.verify(token) is await instance.tokens.verify(token)


async def test_the_oldest_token_makes_room(instance: Instance) -> None:
    """No more tokens are remembered than there is room for."""
    tokens = another_service(instance, capacity=1)
    one, other = await issue(instance, ALICE), await issue(instance, ALICE)
    first = await tokens.verify(one)
    await tokens.verify(other)

    assert await tokens.verify(one) is not first
    assert await tokens.verify(one) == first


async def test_a_long_token_is_verified_but_not_remembered(instance: Instance) -> None:
    """Memory is not filled by tokens with a hundred scopes."""
    token = await issue(instance, ALICE, *(f"repository:team/app{number}:pull" for number in range(100)))

    assert await instance.tokens.verify(token) == await instance.tokens.verify(token)
    assert await instance.tokens.verify(token) is not await instance.tokens.verify(token)


async def test_issuing_costs_statements_for_one_decision(instance: Instance) -> None:
    """A hundred scopes of a project, allowed, forbidden or unknown, cost no more statements than one."""
    login = await instance.logged_in("alice")
    with instance.traced_reads() as statements:
        await instance.tokens.issue(login, parse_scopes(f"repository:team/app{number}:*" for number in range(100)))

    assert len(statements) == 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80), st.integers(0, 3))
async def test_no_text_is_a_token(instance: Instance, text: str, dots: int) -> None:
    """Whatever a client sends, the answer is that it is no valid token."""
    header = (await issue(instance, ALICE)).partition(".")[0]
    for candidate in (text, text + "." * dots, f"{header}.{text}", f"{header}.{text}.{text}"):
        with pytest.raises(InvalidToken):
            await instance.tokens.verify(candidate)
