# SPDX-License-Identifier: Apache-2.0
"""Putting members into groups."""

import asyncio
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import insert

from entrepot.features.groups import store
from entrepot.features.groups.admission import admit
from entrepot.features.groups.errors import GroupFull
from entrepot.features.groups.errors import GroupInItself
from entrepot.features.groups.errors import GroupOfProvider
from entrepot.features.groups.errors import GroupsTooDeep
from entrepot.features.groups.errors import GroupUnknown
from entrepot.features.groups.errors import TooManyGroups
from entrepot.features.groups.models import MAX_GROUPS
from entrepot.features.groups.models import MAX_MEMBERS
from entrepot.features.groups.models import MAX_NESTED
from entrepot.features.groups.models import GroupName
from entrepot.features.groups.models import parse_member
from entrepot.features.groups.tables import group_members
from entrepot.features.groups.tables import groups
from entrepot.infra.database.engine import Database
from entrepot.kernel.errors import Conflict
from tests.unit.features.groups.conftest import NOW
from tests.unit.features.groups.conftest import Grouped

ROUNDS = 10
NAMES = [f"g{number}" for number in range(MAX_NESTED + 2)]

numbers = st.integers(0, len(NAMES) - 1)
pairs = st.tuples(numbers, numbers) | st.integers(0, len(NAMES) - 2).map(lambda number: (number, number + 1))


def fill(connection: Connection, rows: Iterable[tuple[str, str]]) -> None:
    """Store who is in which group, unchecked."""
    terms = {"created_at": NOW, "created_by": "user:admin"}
    connection.execute(
        insert(group_members), [{"group_name": name, "member": member, **terms} for name, member in rows]
    )


def test_who_is_in_a_group_is_put_into_it_once(grouped: Grouped) -> None:
    """The second time it is told that nothing changed."""
    grouped.add("dev")

    assert [grouped.put("alice", "dev"), grouped.put("user:alice", "dev")] == [True, False]


@pytest.mark.parametrize(("member", "group"), [("alice", "nil"), ("group:nil", "dev")])
def test_groups_have_to_exist(grouped: Grouped, member: str, group: str) -> None:
    """The one that is put into another, and the other."""
    grouped.add("dev")

    with pytest.raises(GroupUnknown, match="nil"):
        grouped.put(member, group)


@pytest.mark.parametrize(
    ("inner", "outer", "way"),
    [
        ("a", "a", "they are one"),
        ("b", "a", "a is in b"),
        ("d", "a", "a is in b, b is in c, c is in d"),
        ("d", "b", "b is in c, c is in d"),
    ],
)
def test_no_group_is_in_itself(grouped: Grouped, inner: str, outer: str, way: str) -> None:
    """Neither directly nor through others; the refusal names the shortest way."""
    grouped.nest("a", "b", "c", "d")
    grouped.nest("x", "y")
    grouped.put("group:a", "x")
    grouped.put("group:y", "c")

    with pytest.raises(GroupInItself) as refusal:
        grouped.put(f"group:{inner}", outer)

    assert refusal.value.message == f"{inner} cannot be in {outer}: {way}"


def test_a_group_may_be_in_another_in_several_ways(grouped: Grouped) -> None:
    """That is no circle."""
    grouped.nest("a", "b", "d")
    grouped.nest("c")
    grouped.put("group:a", "c")

    assert grouped.put("group:c", "d")
    assert grouped.put("group:a", "d")


@pytest.mark.parametrize("below", range(1, MAX_NESTED + 1))
def test_groups_are_not_nested_without_end(grouped: Grouped, below: int) -> None:
    """Wherever two chains are joined, no more are in one another than there may be; the longest way counts."""
    lower, upper = NAMES[:below], NAMES[below : MAX_NESTED + 1]
    grouped.nest(*lower)
    grouped.nest(*upper)
    grouped.add("short")
    grouped.put("alice", lower[0])

    assert grouped.put("group:short", upper[-1])
    with pytest.raises(GroupsTooDeep, match=str(MAX_NESTED)):
        grouped.put(f"group:{lower[-1]}", upper[0])
    for outer in upper[1:2]:
        assert grouped.put(f"group:{lower[-1]}", outer)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(pairs, max_size=30))
def test_whatever_is_tried_the_groups_stay_a_bounded_order(grouped: Grouped, tried: list[tuple[int, int]]) -> None:
    """One is put into another exactly when a naive look at all ways finds no circle and none that is too long."""
    grouped.database.write_now(forget_everything)
    grouped.add(*NAMES)
    inside: set[tuple[int, int]] = set()
    for pair in tried:
        fits = longest(inside | {pair}) <= MAX_NESTED
        try:
            grouped.put(f"group:{NAMES[pair[0]]}", NAMES[pair[1]])
        except Conflict:
            assert not fits, (inside, pair)
        else:
            assert fits, (inside, pair)
            inside.add(pair)


def forget_everything(connection: Connection) -> None:
    """Delete all groups."""
    connection.execute(delete(groups))


def longest(inside: set[tuple[int, int]]) -> int:
    """Return how many groups the longest way upwards has; endless ones are longer than any other."""
    reached, length = set(range(len(NAMES))), 0
    while reached and length <= len(NAMES):
        reached, length = {outer for inner, outer in inside if inner in reached}, length + 1
    return length


def test_a_group_has_an_end(grouped: Grouped) -> None:
    """One more than there may be is refused; who is in it already still is."""
    grouped.add("dev")
    grouped.database.write_now(fill, (("dev", f"user:u{number}") for number in range(MAX_MEMBERS)))

    with pytest.raises(GroupFull, match=str(MAX_MEMBERS)):
        grouped.put("alice", "dev")
    assert not grouped.put("u7", "dev")


def test_a_member_is_not_in_any_number_of_groups(grouped: Grouped) -> None:
    """One more than there may be is refused; others can still come into that group."""
    names = [f"g{number}" for number in range(MAX_GROUPS)]
    grouped.database.write_now(fill_groups, names)
    grouped.add("dev")
    grouped.database.write_now(fill, ((name, "user:alice") for name in names))

    with pytest.raises(TooManyGroups, match=str(MAX_GROUPS)):
        grouped.put("alice", "dev")
    assert grouped.put("bob", "dev")


def fill_groups(connection: Connection, names: list[str]) -> None:
    """Store groups."""
    terms = {"description": "", "created_at": NOW, "created_by": "user:admin"}
    connection.execute(insert(groups), [{"name": name, **terms} for name in names])


def test_nobody_is_put_into_a_group_of_a_provider(grouped: Grouped) -> None:
    """Who is in it is decided there; it may be put into another group as any."""
    grouped.add("staff", provider="corp")
    grouped.add("dev")

    with pytest.raises(GroupOfProvider, match="corp"):
        grouped.put("alice", "staff")
    assert grouped.put("group:staff", "dev")


async def put_at_once(databases: Iterable[Database], *wanted: tuple[str, str]) -> list[object]:
    """Put groups into others all at the same time, from one database after the other; return what came of each."""
    begun = [
        database.write(admit, GroupName(outer), parse_member(f"group:{inner}"), NOW, "user:admin")
        for database, (inner, outer) in zip(databases, wanted, strict=True)
    ]
    return await asyncio.gather(*begun, return_exceptions=True)


@pytest.mark.anyio
async def test_two_changes_at_once_make_no_circle(grouped: Grouped) -> None:
    """Of two that would together, in one process or in two, one is done and the other refused."""
    await asyncio.to_thread(grouped.add, *(f"{name}{number}" for name in "ab" for number in range(2 * ROUNDS)))
    for number in range(2 * ROUNDS):
        second = grouped.elsewhere if number % 2 else grouped.database
        a, b = f"a{number}", f"b{number}"

        outcomes = await put_at_once((grouped.database, second), (a, b), (b, a))

        assert sorted(isinstance(each, GroupInItself) for each in outcomes) == [False, True], outcomes
        assert sum(isinstance(each, tuple) for each in outcomes) == 1


@pytest.mark.anyio
async def test_many_changes_at_once_make_no_circle(grouped: Grouped) -> None:
    """Of those that would close a ring, all are done but one."""
    await asyncio.to_thread(grouped.add, *(f"{name}{number}" for name in "abcd" for number in range(ROUNDS)))
    for number in range(ROUNDS):
        ring = [f"{name}{number}" for name in "abcda"]

        outcomes = await put_at_once((grouped.database, grouped.elsewhere) * 2, *pairwise(ring))

        assert [type(each) for each in outcomes if not isinstance(each, tuple)] == [GroupInItself]


@pytest.mark.anyio
async def test_changes_at_once_leave_no_member_of_a_group_that_is_gone(grouped: Grouped) -> None:
    """A group that is deleted while it is put into another is in none."""
    await asyncio.to_thread(grouped.add, "dev", *(f"g{number}" for number in range(ROUNDS)))
    for number in range(ROUNDS):
        name = GroupName(f"g{number}")
        put = grouped.database.write(admit, GroupName("dev"), parse_member(f"group:{name}"), NOW, "user:admin")

        outcome, _ = await asyncio.gather(put, grouped.elsewhere.write(store.remove, name), return_exceptions=True)

        assert isinstance(outcome, tuple | GroupUnknown)
        assert await grouped.database.read(store.members, GroupName("dev"), "", 9) == []
