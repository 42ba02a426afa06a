# SPDX-License-Identifier: Apache-2.0
"""Decisions about principals."""

import asyncio

import pytest

from entrepot.features.access import GrantAuthorizer
from entrepot.features.access.service import FRESH_MS
from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import internal
from tests.builders.instance import Instance

pytestmark = pytest.mark.anyio

ALICE = Principal(PrincipalKind.USER, "alice")
ROOT = Principal(PrincipalKind.USER, "root")
CI = Principal(PrincipalKind.ROBOT, "ci")
EVERYTHING = set(Action)
READING = {Action.READ, Action.PULL}
WRITING = READING | {Action.PUSH, Action.CREATE, Action.TAG, Action.SIGN}


@pytest.fixture
def instance(instance: Instance) -> Instance:
    """An instance on which alice and a robot may do a little, and root everything."""
    instance.add_user("alice", "secret")
    instance.add_user("root", "secret", is_admin=True)
    instance.add_robot("ci")
    instance.grant("user:alice", "team/**", "write")
    instance.grant("user:alice", "library/alpine", "read")
    instance.grant("robot:ci", "team/**", "read")
    return instance


async def allowed(instance: Instance, principal: Principal, repository: str) -> set[Action]:
    """Return every action that the principal may do on the repository."""
    return {action for action in Action if await instance.authorizer.allows(principal, action, repository)}


@pytest.mark.parametrize(
    ("principal", "actions"),
    [
        (ALICE, WRITING),
        (ROOT, EVERYTHING),
        (CI, READING),
        (Principal(PrincipalKind.ROBOT, "alice"), set()),
        (Principal(PrincipalKind.USER, "nobody"), set()),
        (Principal(PrincipalKind.USER, "ci"), set()),
        (ANONYMOUS, set()),
        (internal("scanner"), READING),
    ],
)
async def test_what_each_sort_of_principal_may_do(
    instance: Instance, principal: Principal, actions: set[Action]
) -> None:
    """Grants are of one kind and name; administrators need none; parts of Entrepot itself only read."""
    assert await allowed(instance, principal, "team/app") == actions


async def test_grants_of_somebody_without_an_account_give_nothing(instance: Instance) -> None:
    """What a deleted user left behind is not picked up by a name."""
    await asyncio.to_thread(instance.grant, "user:deleted", "**", "admin")

    assert await allowed(instance, Principal(PrincipalKind.USER, "deleted"), "team/app") == set()


async def test_scopes_are_left_to_the_caller(instance: Instance) -> None:
    """Rights are what the principal has, whatever its credential narrows them to."""
    narrowed = Principal(PrincipalKind.USER, "alice", scopes=())

    assert await allowed(instance, narrowed, "team/app") == WRITING


async def test_readable_agrees_with_allows(instance: Instance) -> None:
    """A listing shows exactly what could be pulled."""
    names = ["team", "team/app", "teams/app", "library/alpine", "library/busybox"]

    assert await instance.authorizer.readable(ALICE, names) == {"team", "team/app", "library/alpine"}
    assert await instance.authorizer.readable(ROOT, names) == set(names)
    assert await instance.authorizer.readable(ANONYMOUS, names) == set()


@pytest.mark.parametrize("principal", [ALICE, CI, ANONYMOUS, Principal(PrincipalKind.USER, "nobody")])
async def test_everybody_may_pull_from_a_public_project(instance: Instance, principal: Principal) -> None:
    """And do nothing else there; a private project and one that does not exist stay as they are."""
    await asyncio.to_thread(instance.add_project, "open", "public")
    await asyncio.to_thread(instance.add_project, "closed", "private")

    assert await allowed(instance, principal, "open/app") == READING
    assert await allowed(instance, principal, "open") == READING
    assert await allowed(instance, principal, "closed/app") == await allowed(instance, principal, "nil/app") == set()


@pytest.mark.parametrize("principal", [ALICE, CI, ROOT, ANONYMOUS])
async def test_readable_agrees_with_allows_about_public_projects(instance: Instance, principal: Principal) -> None:
    """A listing shows exactly what could be pulled, whoever asks."""
    await asyncio.to_thread(instance.add_project, "open", "public")
    names = ["open", "open/app", "opening", "team/app", "library/alpine", "closed/app"]

    found = await instance.authorizer.readable(principal, names)

    assert found == {name for name in names if await instance.authorizer.allows(principal, Action.PULL, name)}


@pytest.mark.parametrize(
    ("principal", "cost"), [(ALICE, 2), (CI, 2), (ROOT, 2), (ANONYMOUS, 1), (Principal(PrincipalKind.USER, "no"), 2)]
)
@pytest.mark.parametrize("project", ["open", "closed", "nil"])
async def test_a_first_decision_costs_the_same_whatever_exists(
    instance: Instance, principal: Principal, cost: int, project: str
) -> None:
    """At most two statements, and the same for a public project, a private one and one that does not exist."""
    await asyncio.to_thread(instance.add_project, "open", "public")
    await asyncio.to_thread(instance.add_project, "closed", "private")
    with instance.traced_reads() as statements:
        await instance.authorizer.allows(principal, Action.PULL, f"{project}/app")

    assert len(statements) == cost


@pytest.mark.parametrize("count", [1, 500])
async def test_a_listing_costs_three_statements(instance: Instance, count: int) -> None:
    """The account, its grants, and what is public among the rest, however many names are asked about."""
    names = [f"p{number}/app" for number in range(count)]
    with instance.traced_reads() as statements:
        await instance.authorizer.readable(ALICE, names)

    assert len(statements) == 3


async def test_who_was_granted_something_is_not_looked_up_again(instance: Instance) -> None:
    """While the rights of a principal are remembered, what they allow costs no statement, in any project."""
    await asyncio.to_thread(instance.grant, "user:alice", "other/**", "read")
    await instance.authorizer.allows(ALICE, Action.PULL, "team/app")
    with instance.traced_reads() as statements:
        for name in ("team/app", "other/app", "library/alpine"):
            assert await instance.authorizer.allows(ALICE, Action.PULL, name)
        assert not await instance.authorizer.allows(ALICE, Action.DELETE, "other/app")

    assert statements == []


async def test_forgotten_rights_are_read_again(instance: Instance) -> None:
    """What changes grants lets it count at once, for that principal alone."""
    await allowed(instance, ALICE, "other/app")
    await allowed(instance, CI, "other/app")
    await asyncio.to_thread(instance.grant, "user:alice", "other/**", "read")
    await asyncio.to_thread(instance.grant, "robot:ci", "other/**", "read")

    instance.authorizer.forget(PrincipalKind.USER, "alice")

    assert await allowed(instance, ALICE, "other/app") == READING
    assert await allowed(instance, CI, "other/app") == set()


@pytest.mark.parametrize(
    ("principal", "reached", "governed"),
    [
        (ALICE, ["library", "team"], []),
        (CI, ["team"], []),
        (ROOT, ["library", "nil", "team"], ["library", "nil", "team"]),
        (ANONYMOUS, [], []),
    ],
)
async def test_whose_projects_they_are(
    instance: Instance, principal: Principal, reached: list[str], governed: list[str]
) -> None:
    """Reading any name of a project reaches it; governing takes the role `admin` on all of it."""
    projects = ["library", "nil", "team"]

    assert [name for name in projects if await instance.authorizer.reaches(principal, name)] == reached
    assert await instance.authorizer.reached(principal, projects) == set(reached)
    assert [name for name in projects if await instance.authorizer.governs(principal, Action.ADMIN, name)] == governed


async def test_a_decision_costs_two_statements_and_then_none(instance: Instance) -> None:
    """The account and its grants are read once, for any number of decisions in two seconds."""
    with instance.traced_reads() as statements:
        await allowed(instance, ALICE, "team/app")
        first = list(statements)
        instance.clock.advance(FRESH_MS - 1)
        await allowed(instance, ALICE, "library/alpine")
        await instance.authorizer.readable(ALICE, ["team/app"])

    assert len(first) == 2
    assert len(statements) == 2


@pytest.mark.parametrize("span_ms", [FRESH_MS, -1])
async def test_what_changed_counts_within_two_seconds(instance: Instance, span_ms: int) -> None:
    """A disabled account and a new grant are seen after two seconds, or when the clock was set back."""
    await allowed(instance, ALICE, "team/app")
    await allowed(instance, CI, "other/app")
    await asyncio.to_thread(instance.change_user, "alice", disabled_at=1)
    await asyncio.to_thread(instance.grant, "robot:ci", "other/**", "read")
    instance.clock.advance(span_ms)

    assert await allowed(instance, ALICE, "team/app") == set()
    assert await allowed(instance, CI, "other/app") == READING


async def test_the_oldest_principal_makes_room(instance: Instance) -> None:
    """No more principals are remembered than there is room for."""
    authorizer = GrantAuthorizer(instance.database, instance.standings, instance.visibility, instance.clock, capacity=1)
    await asyncio.to_thread(instance.add_robot, "cd")
    await authorizer.allows(CI, Action.PULL, "team/app")
    with instance.traced_reads() as statements:
        for robot in ("ci", "cd", "cd", "ci"):
            await authorizer.allows(Principal(PrincipalKind.ROBOT, robot), Action.PULL, "team/app")

    assert len(statements) == 4
