# SPDX-License-Identifier: Apache-2.0
"""Every decision is the one that a naive reading of the rules comes to."""

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from entrepot.features.access.evaluate import Rights
from entrepot.features.access.match import parse_pattern
from entrepot.features.access.models import Grant
from entrepot.kernel.access import TAG_ACTIONS
from entrepot.kernel.access import Action
from entrepot.kernel.access import SystemAction
from entrepot.kernel.clock import Milliseconds
from tests.builders.instance import Instance
from tests.unit.features.access.naive import Given
from tests.unit.features.access.naive import World
from tests.unit.features.access.naive import matches
from tests.unit.features.access.planting import authorizer_of
from tests.unit.features.access.planting import principal_of
from tests.unit.features.access.worlds import NAMES
from tests.unit.features.access.worlds import NOW
from tests.unit.features.access.worlds import PATTERNS
from tests.unit.features.access.worlds import PRINCIPALS
from tests.unit.features.access.worlds import TAG_PATTERNS
from tests.unit.features.access.worlds import TAGS
from tests.unit.features.access.worlds import worlds

on_one_instance = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])


def rights_of(held: Iterable[Given], roles: Mapping[str, str]) -> Rights:
    """Return grants as the rights that are evaluated."""
    return Rights(
        Grant(
            given.path_pattern,
            given.role,
            given.tag_pattern,
            roles[given.role].replace(" ", ",") if given.role in roles else None,
            None if given.expires_at is None else Milliseconds(given.expires_at),
        )
        for given in held
    )


@settings(max_examples=250)
@given(worlds)
def test_rights_are_what_the_rules_say(world: World) -> None:
    """Of every action, for every tag and whatever the tag, and of the registry as a whole."""
    closed = replace(world, visibility={})
    for identity, name in product(PRINCIPALS, NAMES):
        rights = rights_of(world.held(identity, NOW), world.roles)
        for action in Action:
            assert rights.allow(action, name) is closed.allows(identity, action, name, None, NOW), action
        for action in TAG_ACTIONS:
            reach = rights.tags(action, name)
            expected = [tag for tag in TAGS if closed.allows(identity, action, name, tag, NOW)]
            assert [tag for tag in TAGS if reach.covers(tag)] == expected
        assert rights.system == {each for each in SystemAction if closed.allows_system(identity, each, NOW)}


@settings(max_examples=100)
@given(worlds, st.sampled_from(PRINCIPALS), st.sampled_from([NOW, NOW + 1, NOW + 2]))
def test_rights_end_with_their_grants(world: World, identity: str, moment: int) -> None:
    """What was read at one moment is good for a later one, less what has expired."""
    closed = replace(world, visibility={})
    left = rights_of(world.held(identity, NOW), world.roles).without_expired(Milliseconds(moment))

    for name in NAMES:
        allowed = {action for action in Action if closed.allows(identity, action, name, None, moment)}
        assert {action for action in Action if left.allow(action, name)} == allowed


@settings(max_examples=250)
@given(worlds, st.sampled_from(Action), st.sampled_from(["", *TAG_PATTERNS]))
def test_what_is_covered_is_allowed(world: World, action: Action, tag_pattern: str) -> None:
    """On every name that the pattern matches, for every tag that the tag pattern does, and whatever the tag for none.

    So whoever gives away what they cover gives nothing that they do not have.
    """
    rights = rights_of(world.given, world.roles)
    for pattern, name in product(PATTERNS, NAMES):
        if not matches(pattern, name) or not rights.cover(action, parse_pattern(pattern), tag_pattern):
            continue
        if tag_pattern and action in TAG_ACTIONS:
            reach = rights.tags(action, name)
            assert all(reach.covers(tag) for tag in TAGS if matches(tag_pattern, tag)), (pattern, name)
        else:
            assert rights.allow(action, name), (pattern, name)


@pytest.mark.anyio
@on_one_instance
@given(world=worlds)
async def test_decisions_from_the_database_are_what_the_rules_say(instance: Instance, world: World) -> None:
    """Grants of one's own, of groups in groups in circles, of everyone and anonymous; roles, expiry and visibility."""
    authorizer = await authorizer_of(instance, world)

    for identity in PRINCIPALS:
        principal = principal_of(identity)
        for name in NAMES:
            for action in Action:
                expected = world.allows(identity, action, name, None, NOW)
                assert await authorizer.allows(principal, action, name) is expected, (identity, action, name)
            for action in TAG_ACTIONS:
                reach = await authorizer.tags(principal, action, name)
                covered = [tag for tag in TAGS if reach.covers(tag)]
                assert covered == [tag for tag in TAGS if world.allows(identity, action, name, tag, NOW)]
        for system_action in SystemAction:
            expected = world.allows_system(identity, system_action, NOW)
            assert await authorizer.may_system(principal, system_action) is expected


@pytest.mark.anyio
@on_one_instance
@given(world=worlds)
async def test_lists_show_what_decisions_allow(instance: Instance, world: World) -> None:
    """Neither more nor less, and a listing passes no such name by."""
    authorizer = await authorizer_of(instance, world)

    for principal in map(principal_of, PRINCIPALS):
        readable = {name for name in NAMES if world.allows(principal.identity, "read", name, None, NOW)}
        pullable = {name for name in NAMES if world.allows(principal.identity, "pull", name, None, NOW)}
        reach = await authorizer.reach(principal, "")
        assert await authorizer.readable(principal, NAMES) == readable
        assert await authorizer.readable(principal, NAMES, Action.PULL) == pullable
        assert all(any(span.first <= name < span.end for span in reach.spans) for name in readable)
        assert await authorizer.is_account(principal) is world.counts(principal.identity)
