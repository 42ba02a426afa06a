# SPDX-License-Identifier: Apache-2.0
"""Where a listing has to look."""

import asyncio
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.access.evaluate import Rights
from entrepot.features.access.models import Grant
from entrepot.features.projects.visibility import PROJECTS_AT_ONCE
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import Reach
from entrepot.kernel.spans import EVERY_NAME
from entrepot.kernel.spans import behind
from tests.builders.instance import Instance

ALICE = Principal(PrincipalKind.USER, "alice")
ROOT = Principal(PrincipalKind.USER, "root")
PROJECTS = ["a", "a-b", "a-b.c", "a.c", "a0", "ab", "b"]
NAMES = sorted(project + below for project, below in product(PROJECTS, ("", "/a", "/b-c", "/b/c")))
PATTERNS = [*NAMES, *(f"{name}/**" for name in NAMES), "**", "a*", "*/a", "a-*/b/**", "*/**"]


@pytest.fixture
def instance(instance: Instance) -> Instance:
    """An instance on which alice has two grants and root needs none."""
    instance.add_user("alice", "secret")
    instance.add_user("root", "secret", is_admin=True)
    instance.grant("user:alice", "a/**", "read")
    instance.grant("user:alice", "b/b/c", "write")
    return instance


def within(reach: Reach, name: str) -> bool:
    """Tell whether a name lies in one of the spans."""
    return any(span.first <= name < span.end for span in reach.spans)


async def looked_at(instance: Instance, principal: Principal, after: str) -> list[str]:
    """Ask on and on, as a listing does; return which of `NAMES` lie where it looks, in that order."""
    found = []
    while True:
        reach = await instance.authorizer.reach(principal, after)
        found += [name for name in NAMES if within(reach, name)]
        if reach.last is None:
            return found
        after = reach.last


some_grants = st.tuples(st.sampled_from(PATTERNS), st.sampled_from(["read", "admin"])).map(lambda held: Grant(*held))


@given(st.lists(some_grants, max_size=4))
def test_no_grant_is_passed_by(held: list[Grant]) -> None:
    """Every name that may be pulled lies in a span, and without a `*` in a pattern no other does."""
    rights = Rights(held)
    reach = Reach(rights.readable)

    may = {name for name in NAMES if rights.allow(Action.PULL, name)}
    lies = {name for name in NAMES if within(reach, name)}

    assert may <= lies
    assert may == lies or any("*" in grant.path_pattern.removesuffix("/**") for grant in held)


@pytest.mark.anyio
@pytest.mark.parametrize("public", [[], ["a-b"], ["a", "a-b.c", "b"], PROJECTS])
@pytest.mark.parametrize("after", ["", "a", "a-", "a-b.c/b/c", "a/b-c", "a0/x", "b", "c", "é"])
async def test_a_listing_looks_where_something_can_be_read(instance: Instance, public: list[str], after: str) -> None:
    """In what was granted and what is public, behind any text, in order, and nowhere else."""
    for project in public:
        await asyncio.to_thread(instance.add_project, project, "public")

    found = await looked_at(instance, ALICE, after)

    assert found == [
        name for name in NAMES if name > after and await instance.authorizer.allows(ALICE, Action.PULL, name)
    ]


@pytest.mark.anyio
async def test_many_public_projects_are_looked_at_in_turns(instance: Instance) -> None:
    """So many at once, and none of them is left out or looked at twice, not even one below an earlier one."""
    made = [f"a-{number:02}" for number in range(PROJECTS_AT_ONCE * 2 - 1)]
    for project in ("b", *made):
        await asyncio.to_thread(instance.add_project, project, "public")

    first = await instance.authorizer.reach(ALICE, "")
    found = await looked_at(instance, ALICE, "")

    assert (first.last, within(first, "a-24/x"), within(first, "a-25")) == ("a-24", False, False)
    assert found == [name for name in NAMES if name.split("/")[0] in ("a", "b")]


@pytest.mark.anyio
async def test_an_administrator_looks_everywhere_at_once(instance: Instance) -> None:
    """Whatever is public: the account and its grants are all that is read."""
    await asyncio.to_thread(instance.add_project, "a", "public")

    with instance.traced_reads() as statements:
        reach = await instance.authorizer.reach(ROOT, "a/b")

    assert reach == Reach(behind([EVERY_NAME], "a/b"))
    assert len(statements) == 2


@pytest.mark.anyio
@pytest.mark.parametrize("count", [1, 300])
async def test_reaching_costs_four_statements(instance: Instance, count: int) -> None:
    """The account, its grants, and twice what is public, however many grants and projects there are."""
    for number in range(count):
        await asyncio.to_thread(instance.grant, "user:alice", f"p{number}/app", "read")
        await asyncio.to_thread(instance.add_project, f"q{number}", "public")

    with instance.traced_reads() as statements:
        await instance.authorizer.reach(ALICE, "a/b")

    assert len(statements) == 4
