# SPDX-License-Identifier: Apache-2.0
"""Issuing tokens and verifying them."""

import asyncio

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.tokens import CATALOG
from entrepot.features.tokens import KeyRing
from entrepot.features.tokens import TokenService
from entrepot.features.tokens.keys import generate_key
from entrepot.features.tokens.models import LIFETIME_SECONDS
from entrepot.features.tokens.models import Claims
from entrepot.features.tokens.scopes import parse_scopes
from entrepot.features.tokens.service import InvalidToken
from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import Scope
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import SECOND_MS
from tests.builders.instance import Instance
from tests.fakes.allow_nothing import AllowNothing
from tests.fakes.settable_clock import SettableClock

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
    """Issue a token."""
    return (await instance.tokens.issue(principal, parse_scopes(scopes))).token


def claims_of(instance: Instance, token: str) -> Claims:
    """Read the claims of a token of this instance."""
    return msgspec.json.decode(instance.keys.verified_payload(token) or b"", type=Claims)


def forge(instance: Instance, **changes: object) -> str:
    """Sign claims that the service would not write."""
    now = instance.clock() // SECOND_MS
    usual = {"iss": "entrepot", "sub": "user:alice", "aud": "entrepot", "jti": "1", "access": []}
    return instance.keys.sign(msgspec.json.encode({**usual, "exp": now + 60, "nbf": now, "iat": now, **changes}))


async def test_a_token_carries_who_and_what_through_the_client(instance: Instance) -> None:
    """What comes back is the principal with the scopes it asked for and may have."""
    token = await issue(instance, ALICE, "repository:team/app:pull,push", "repository:alpine:pull")

    assert instance.tokens.verify(token) == Principal(
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
    assert instance.tokens.verify(token) == Principal(PrincipalKind.ANONYMOUS, "anonymous", scopes=())


async def test_a_name_with_a_colon_survives(instance: Instance) -> None:
    """The kind ends at the first colon, the name is the rest."""
    assert instance.tokens.verify(await issue(instance, ROBOT)) == Principal(ROBOT.kind, ROBOT.name, scopes=())


@pytest.mark.parametrize(
    ("asked", "scopes"),
    [
        ("registry:catalog:*", (Scope(CATALOG, frozenset({Action.PULL})),)),
        ("registry:catalog:pull", ()),
        ("registry:other:*", ()),
        ("artifact:catalog:*", ()),
    ],
)
async def test_the_catalog_is_the_one_scope_beside_repositories(
    instance: Instance, asked: str, scopes: tuple[Scope, ...]
) -> None:
    """Whoever is logged in may list, and sees what it may read; other types are granted nothing."""
    assert instance.tokens.verify(await issue(instance, ALICE, asked)).scopes == scopes


async def test_a_token_ends_when_its_time_is_over(instance: Instance) -> None:
    """A token is good for as long as the client was told, and no longer, remembered or not."""
    token = await issue(instance, ALICE)
    instance.clock.advance(LIFETIME_SECONDS * SECOND_MS)
    still = instance.tokens.verify(token)
    instance.clock.advance(2 * SECOND_MS)

    assert still.name == "alice"
    with pytest.raises(InvalidToken) as remembered:
        instance.tokens.verify(token)
    with pytest.raises(InvalidToken) as unseen:
        TokenService(instance.keys, instance.authorizer, instance.clock).verify(token)
    assert remembered.value.challenge_error == unseen.value.challenge_error == "invalid_token"


async def test_an_upload_may_outlive_its_token_by_a_day(instance: Instance) -> None:
    """Where the caller allows it, an expired token still tells who its bearer is, for 24 hours."""
    token = await issue(instance, ALICE)
    early = instance.tokens.verify(token, allows_expired=True)
    instance.clock.advance(DAY_MS)
    late = instance.tokens.verify(token, allows_expired=True)
    instance.clock.advance(LIFETIME_SECONDS * SECOND_MS + 2 * SECOND_MS)

    assert (early.identity, early.is_expired) == ("user:alice", False)
    assert (late.identity, late.is_expired) == ("user:alice", True)
    with pytest.raises(InvalidToken):
        instance.tokens.verify(token, allows_expired=True)


@pytest.mark.parametrize("claim", ["nbf", "iat"])
async def test_clocks_may_differ_by_a_minute(instance: Instance, claim: str) -> None:
    """A token of a node whose clock is a minute ahead is taken, of one that is further ahead it is not."""
    ahead = (instance.clock() + MINUTE_MS) // SECOND_MS

    assert instance.tokens.verify(forge(instance, **{claim: ahead})).name == "alice"
    with pytest.raises(InvalidToken):
        instance.tokens.verify(forge(instance, **{claim: ahead + 1}))


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
        instance.tokens.verify(forge(instance, **change))


async def test_a_token_of_another_registry_is_refused(instance: Instance) -> None:
    """Another registry's tokens look the same but for the key."""
    other = TokenService(KeyRing([generate_key()]), instance.authorizer, instance.clock)

    with pytest.raises(InvalidToken):
        instance.tokens.verify((await other.issue(ALICE, [])).token)


async def test_verifying_again_needs_no_key(instance: Instance) -> None:
    """A token is verified once; after that it is looked up."""
    token = await issue(instance, ALICE)

    assert instance.tokens.verify(token) is instance.tokens.verify(token)


async def test_the_oldest_token_makes_room(instance: Instance) -> None:
    """No more tokens are remembered than there is room for."""
    tokens = TokenService(instance.keys, instance.authorizer, instance.clock, capacity=1)
    one, other = await issue(instance, ALICE), await issue(instance, ALICE)
    first = tokens.verify(one)
    tokens.verify(other)

    assert tokens.verify(one) is not first
    assert tokens.verify(one) == first


async def test_a_long_token_is_verified_but_not_remembered(instance: Instance) -> None:
    """Memory is not filled by tokens with a hundred scopes."""
    token = await issue(instance, ALICE, *(f"repository:team/app{number}:pull" for number in range(100)))

    assert instance.tokens.verify(token) == instance.tokens.verify(token)
    assert instance.tokens.verify(token) is not instance.tokens.verify(token)


async def test_issuing_costs_statements_for_one_decision(instance: Instance) -> None:
    """A hundred scopes, allowed, forbidden or unknown, cost no more statements than one."""
    with instance.counted_statements() as statements:
        await issue(instance, ALICE, *(f"repository:team{number}/app:*" for number in range(100)))

    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 2


@given(st.text(max_size=80), st.integers(0, 3))
def test_no_text_is_a_token(text: str, dots: int) -> None:
    """Whatever a client sends, the answer is that it is no valid token."""
    key = generate_key()
    tokens = TokenService(KeyRing([key]), AllowNothing(), SettableClock())
    for candidate in (text, text + "." * dots, f"{key.header_segment}.{text}", f"{key.header_segment}.{text}.{text}"):
        with pytest.raises(InvalidToken):
            tokens.verify(candidate)


async def test_a_token_outlives_the_rights_it_was_issued_with(instance: Instance) -> None:
    """Scopes narrow; the decision is the authorizer's, which sees that the account is gone."""
    principal = instance.tokens.verify(await issue(instance, ALICE, "repository:team/app:pull"))
    await asyncio.to_thread(instance.change_user, "alice", disabled_at=1)
    instance.clock.advance(2 * SECOND_MS)

    assert principal.allows_scope(Action.PULL, "team/app")
    assert not await instance.authorizer.allows(principal, Action.PULL, "team/app")
