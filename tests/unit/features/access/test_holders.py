# SPDX-License-Identifier: Apache-2.0
"""Who may do something, and what would let others do it."""

import asyncio
import shlex
from dataclasses import replace

import pytest
from hypothesis import HealthCheck
from hypothesis import assume
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from entrepot.entry.everything import Everything
from entrepot.features.access import GrantAuthorizer
from entrepot.features.access.evaluate import Rights
from entrepot.features.access.explain import MAX_HOLDERS
from entrepot.features.access.explain import Explanations
from entrepot.features.access.explain import Question
from entrepot.features.access.models import ANONYMOUS
from entrepot.features.access.models import EVERYONE
from entrepot.features.projects import ProjectVisibility
from entrepot.kernel.access import TAG_ACTIONS
from entrepot.kernel.access import Action
from entrepot.oci.reference import RepositoryName
from entrepot.registry.rights import Rights as RegistryRights
from tests.builders.instance import Instance
from tests.builders.objections import objections_of
from tests.interop.core_alone import EverybodyIsKnown
from tests.unit.features.access.naive import Given
from tests.unit.features.access.naive import World
from tests.unit.features.access.planting import authorizer_of
from tests.unit.features.access.planting import principal_of
from tests.unit.features.access.worlds import NAMES
from tests.unit.features.access.worlds import NOW
from tests.unit.features.access.worlds import PRINCIPALS
from tests.unit.features.access.worlds import TAGS
from tests.unit.features.access.worlds import worlds

pytestmark = pytest.mark.anyio

on_one_instance = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
questions = st.builds(
    Question,
    st.sampled_from(Action),
    st.sampled_from(NAMES).map(RepositoryName),
    st.sampled_from(["", *TAGS]),
)
ROOT = principal_of("user:root")


async def explanations_of(instance: Instance, authorizer: GrantAuthorizer) -> Explanations:
    """Return what explains the decisions of an authorizer to anybody."""
    rights = RegistryRights(EverybodyIsKnown(), Everything())
    visibility = ProjectVisibility(instance.database, instance.clock)
    objections = await asyncio.to_thread(objections_of, instance)
    return Explanations(instance.database, rights, authorizer, visibility, instance.clock, objections)


def is_allowed(world: World, identity: str, question: Question) -> bool:
    """Say so naively."""
    tag = question.tag if question.tag and question.action in TAG_ACTIONS else None
    return world.allows(identity, question.action, question.repository, tag, NOW)


@on_one_instance
@given(world=worlds, question=questions)
async def test_who_can_names_exactly_those_who_may(instance: Instance, world: World, question: Question) -> None:
    """Members of groups by name, those who are many as such, nobody who is disabled, each by a grant that gives it."""
    authorizer = await authorizer_of(instance, world)
    holders = await (await explanations_of(instance, authorizer)).who(ROOT, question)
    listed = {holder.principal for holder in holders.found}

    for identity in PRINCIPALS:
        is_listed = identity in listed or ANONYMOUS in listed or (EVERYONE in listed and world.counts(identity))
        assert is_listed is is_allowed(world, identity, question), identity
    assert all(who in (EVERYONE, ANONYMOUS) or world.counts(who) for who in listed)
    assert all(question.is_answered_by(Rights([each.grant])) for each in holders.found if each.grant is not None)
    assert holders.is_complete


@on_one_instance
@given(world=worlds, question=questions, identity=st.sampled_from(PRINCIPALS))
async def test_every_grant_that_is_shown_gives_it(
    instance: Instance, world: World, question: Question, identity: str
) -> None:
    """And whoever may without one is told of the project, or is an administrator."""
    authorizer = await authorizer_of(instance, world)
    explained = await (await explanations_of(instance, authorizer)).explain(ROOT, question, principal_of(identity))
    given_by = {each[:4] for each in world.held(identity, NOW)}

    assert explained.is_allowed is is_allowed(world, identity, question)
    for grant in explained.grants:
        assert (grant.held_by, grant.path_pattern, grant.role, grant.tag_pattern) in given_by
        assert question.is_answered_by(Rights([grant]))
    assert explained.grants or not explained.is_allowed or "the project" in explained.because


@on_one_instance
@given(world=worlds, question=questions, identity=st.sampled_from(PRINCIPALS))
async def test_the_fix_lets_just_that_be_done(
    instance: Instance, world: World, question: Question, identity: str
) -> None:
    """There is one for whoever has an account and may not; it changes nothing in other repositories."""
    explanations = await explanations_of(instance, await authorizer_of(instance, world))
    explained = await explanations.explain(ROOT, question, principal_of(identity))
    assert bool(explained.fix) is (not explained.is_allowed and world.counts(identity))
    assume(explained.fix)

    _, _, _, grantee, place, role = shlex.split(explained.fix)
    pattern, _, tags = place.partition(":")
    lasting = Given(grantee, pattern, role, tags)
    fixed = replace(world, given=[*(each for each in world.given if each[:4] != lasting[:4]), lasting])
    authorizer = await authorizer_of(instance, fixed)

    again = await (await explanations_of(instance, authorizer)).explain(ROOT, question, principal_of(identity))
    assert again.is_allowed
    for name in set(NAMES) - {question.repository}:
        assert await authorizer.allows(principal_of(identity), question.action, name) is is_allowed(
            world, identity, replace(question, repository=RepositoryName(name), tag="")
        )


@pytest.mark.parametrize(("count", "is_complete"), [(MAX_HOLDERS - 1, True), (MAX_HOLDERS, False)])
async def test_who_can_tells_when_there_are_more(instance: Instance, count: int, is_complete: bool) -> None:
    """Everybody counts, also where the project is open to all besides."""
    members = frozenset(f"workload:{number}" for number in range(count))
    world = World([Given("group:g", "a", "read")], {}, {"g": members}, {"a": "public"})
    authorizer = await authorizer_of(instance, world)

    holders = await (await explanations_of(instance, authorizer)).who(ROOT, Question(Action.PULL, RepositoryName("a")))

    assert (len(holders.found), holders.is_complete) == (MAX_HOLDERS, is_complete)
    assert holders.found[0].principal == ANONYMOUS
