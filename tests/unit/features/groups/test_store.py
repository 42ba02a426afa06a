# SPDX-License-Identifier: Apache-2.0
"""Groups in the tables."""

import pytest
from sqlalchemy import Connection

from entrepot.features.groups import store
from entrepot.features.groups.models import GroupName
from entrepot.infra.database.engine import Database
from tests.builders.databases import sqlite_of
from tests.builders.plans import noted_plans
from tests.unit.features.groups.conftest import Grouped

DEV = GroupName("dev")


def names(database: Database, member: str) -> list[str]:
    """Return the groups that somebody is in directly."""
    return [group.name for group in database.snapshot_now(store.page_with, member, "", 99)]


def test_only_groups_that_somebody_is_in_directly_are_listed(grouped: Grouped) -> None:
    """What those are in is another question, and a name that begins alike is another name."""
    grouped.nest("a", "b", "c")
    grouped.put("alice", "a")
    grouped.put("alice", "c")
    grouped.put("alice2", "b")

    assert names(grouped.database, "user:alice") == ["a", "c"]
    assert names(grouped.database, "group:a") == ["b"]


def test_a_removed_group_is_nowhere(grouped: Grouped) -> None:
    """It is in no other, nobody is in it, and the groups that were in it are; once it is gone."""
    grouped.nest("a", "dev", "c")
    grouped.put("alice", "dev")

    removed = [grouped.database.write_now(store.remove, DEV) for _ in range(2)]

    assert removed == [True, False]
    assert names(grouped.database, "user:alice") == names(grouped.database, "group:dev") == []
    assert grouped.database.snapshot_now(store.everybody_in, "c", 9) == []
    assert [group.name for group in grouped.database.snapshot_now(store.page, "", 9)] == ["a", "c"]


def test_everybody_in_a_group_is_named_once(grouped: Grouped) -> None:
    """In order, with those in groups in it, in however many ways; up to as many as are asked for."""
    grouped.nest("a", "dev", "c")
    grouped.put("group:a", "c")
    for member, group in (("bob", "a"), ("alice", "a"), ("alice", "c"), ("robot:team.ci", "dev")):
        grouped.put(member, group)

    found = [grouped.database.snapshot_now(store.everybody_in, "c", limit) for limit in (9, 2)]

    assert found == [["robot:team.ci", "user:alice", "user:bob"], ["robot:team.ci", "user:alice"]]


def look(connection: Connection) -> None:
    """Ask whatever is asked about groups."""
    store.find(connection, DEV)
    store.page(connection, "a", 9)
    store.page_with(connection, "user:alice", "a", 9)
    store.members(connection, DEV, "user:a", 9)
    store.find_membership(connection, DEV, "user:alice")
    store.count_members(connection, DEV)
    store.count_groups(connection, "user:alice")
    store.above(connection, DEV, GroupName("c"))
    store.levels_below(connection, DEV)
    store.way_up(connection, DEV, GroupName("c"), 2)


@pytest.mark.sqlite
def test_whatever_is_asked_is_found_by_an_index(grouped: Grouped) -> None:
    """No statement looks at all groups, or at all members, or sorts."""
    grouped.nest("dev", "c")
    database = sqlite_of(grouped.database)
    with noted_plans(database) as plans, database.reading() as connection:
        look(connection)

    steps = [step for plan in plans for step in plan.splitlines()]
    assert len(plans) == 10
    assert [step for step in steps if "SCAN groups" in step or "SCAN group_members" in step] == []
    assert [step for step in steps if "ORDER BY" in step] == []
