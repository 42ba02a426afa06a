# SPDX-License-Identifier: Apache-2.0
"""Roles in the database, beside grants that give them."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from entrepot.features.grants import Grantee
from entrepot.features.grants import GranteeKind
from entrepot.features.grants import Terms
from entrepot.features.grants import give
from entrepot.features.grants import of_principal
from entrepot.features.roles import hold_actions
from entrepot.features.roles import store
from entrepot.features.roles.errors import RoleInUse
from entrepot.features.roles.errors import RoleUnknown
from entrepot.features.roles.models import KnownRole
from entrepot.features.roles.service import delete_unused
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Action
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Milliseconds
from tests.builders.databases import a_database
from tests.builders.databases import opened_again
from tests.builders.instance import Instance
from tests.builders.instance import an_instance

NOW = Milliseconds(0)
NAMES = [f"role-{number}" for number in range(30)]

pytestmark = pytest.mark.anyio


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[list[Database]]:
    """One database as two processes have it, with roles that nobody was granted."""
    first = a_database(tmp_path)
    for name in NAMES:
        first.write_now(store.add, KnownRole(name, "", (Action.PULL, Action.TAG), NOW, "user:admin"))
    opened = [first, opened_again(first)]
    yield opened
    for database in opened:
        database.close()


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Instance]:
    """Hold an instance with a user who was granted a role."""
    with an_instance(tmp_path) as instance:
        instance.add_user("bob", "password")
        instance.grant("user:bob", "team/**", "mine")
        role = KnownRole("mine", "", (Action.PULL, Action.TAG), NOW, "user:admin")
        instance.database.write_now(store.add, role)
        yield instance


def grant(connection: Connection, role: str) -> None:
    """Give a role to a user called as it is, unless there is no such role, as granting does."""
    if hold_actions(connection, role) is None:
        raise RoleUnknown
    give(connection, Terms(Grantee(GranteeKind.USER, role), "team/**", role), None, NOW, "user:admin")


async def test_a_role_is_deleted_or_granted_but_not_both(databases: list[Database]) -> None:
    """Where both are asked for at once, one is refused: no grant gives a role that is gone."""
    granting, deleting = databases
    for name in NAMES:
        outcomes = await asyncio.gather(
            granting.write(grant, name), deleting.write(delete_unused, name, NOW), return_exceptions=True
        )
        is_there = await granting.read(store.find, name) is not None
        is_granted = bool(await granting.read(of_principal, f"user:{name}"))

        refusal = RoleInUse if is_there else RoleUnknown
        assert sorted(type(each).__name__ for each in outcomes) == ["NoneType", refusal.__name__]
        assert is_there is is_granted


async def test_a_role_that_is_granted_names_who_has_it(databases: list[Database]) -> None:
    """Some of them, in order, and that there are others; the role stays."""
    for number in range(7):
        terms = Terms(Grantee(GranteeKind.GROUP, f"g{number}"), "team/**", NAMES[0])
        await databases[0].write(give, terms, None, NOW, "user:admin")

    with pytest.raises(RoleInUse) as refused:
        await databases[1].write(delete_unused, NAMES[0], NOW)

    assert refused.value.message.startswith(f"the role {NAMES[0]} is granted to group:g")
    assert refused.value.message.count(" on team/**") == 5
    assert refused.value.message.endswith(", others")
    assert await databases[0].read(store.find, NAMES[0]) is not None


async def test_a_role_that_goes_leaves_the_others(databases: list[Database]) -> None:
    """Nothing else is deleted with it."""
    await databases[0].write(delete_unused, NAMES[0], NOW)

    assert await databases[1].read(store.count) == len(NAMES) - 1
    assert [role.name for role in await databases[1].read(store.page, "", 2)] == ["role-1", "role-10"]


async def test_grants_are_counted_up_to_a_bound(databases: list[Database]) -> None:
    """Those of other roles are not counted."""
    for number in range(4):
        terms = Terms(Grantee(GranteeKind.USER, "alice"), f"p{number}/**", NAMES[number // 3])
        await databases[0].write(give, terms, None, NOW, "user:admin")

    counted = [await databases[0].read(store.count_uses, NAMES[0], limit) for limit in (2, 3, 9)]
    assert counted == [2, 3, 3]


async def test_another_node_goes_by_a_changed_role_within_two_seconds(node: Instance) -> None:
    """What it read of a principal before is not used for longer."""
    bob = await node.logged_in("bob")
    before = await node.authorizer.allows(bob, Action.TAG, "team/app")
    await node.database.write(store.change, "mine", "", (Action.PULL,))
    node.clock.advance(2 * SECOND_MS)

    assert before
    assert not await node.authorizer.allows(bob, Action.TAG, "team/app")
    assert await node.authorizer.allows(bob, Action.PULL, "team/app")
