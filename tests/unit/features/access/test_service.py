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


@pytest.fixture
def instance(instance: Instance) -> Instance:
    """An instance on which alice and a robot may do a little, and root everything."""
    instance.add_user("alice", "secret")
    instance.add_user("root", "secret", is_admin=True)
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
        (ALICE, {Action.PULL, Action.PUSH}),
        (ROOT, EVERYTHING),
        (CI, {Action.PULL}),
        (Principal(PrincipalKind.ROBOT, "alice"), set()),
        (Principal(PrincipalKind.USER, "nobody"), set()),
        (Principal(PrincipalKind.USER, "ci"), set()),
        (ANONYMOUS, set()),
        (internal("scanner"), {Action.PULL}),
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

    assert await allowed(instance, narrowed, "team/app") == {Action.PULL, Action.PUSH}


async def test_readable_agrees_with_allows(instance: Instance) -> None:
    """A listing shows exactly what could be pulled."""
    names = ["team", "team/app", "teams/app", "library/alpine", "library/busybox"]

    assert await instance.authorizer.readable(ALICE, names) == {"team", "team/app", "library/alpine"}
    assert await instance.authorizer.readable(ROOT, names) == set(names)
    assert await instance.authorizer.readable(ANONYMOUS, names) == set()


async def test_a_decision_costs_two_statements_and_then_none(instance: Instance) -> None:
    """The account and its grants are read once, for any number of decisions in two seconds."""
    with instance.counted_statements() as statements:
        await allowed(instance, ALICE, "team/app")
        first = [statement for statement in statements if statement.startswith("SELECT")]
        instance.clock.advance(FRESH_MS - 1)
        await allowed(instance, ALICE, "library/alpine")
        await instance.authorizer.readable(ALICE, ["team/app"])

    assert len(first) == 2
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 2


@pytest.mark.parametrize("span_ms", [FRESH_MS, -1])
async def test_what_changed_counts_within_two_seconds(instance: Instance, span_ms: int) -> None:
    """A disabled account and a new grant are seen after two seconds, or when the clock was set back."""
    await allowed(instance, ALICE, "team/app")
    await allowed(instance, CI, "other/app")
    await asyncio.to_thread(instance.change_user, "alice", disabled_at=1)
    await asyncio.to_thread(instance.grant, "robot:ci", "other/**", "read")
    instance.clock.advance(span_ms)

    assert await allowed(instance, ALICE, "team/app") == set()
    assert await allowed(instance, CI, "other/app") == {Action.PULL}


async def test_the_oldest_principal_makes_room(instance: Instance) -> None:
    """No more principals are remembered than there is room for."""
    authorizer = GrantAuthorizer(instance.database, instance.accounts, instance.clock, capacity=1)
    await authorizer.allows(CI, Action.PULL, "team/app")
    with instance.counted_statements() as statements:
        for robot in ("ci", "cd", "cd", "ci"):
            await authorizer.allows(Principal(PrincipalKind.ROBOT, robot), Action.PULL, "team/app")

    assert len(statements) == 2
