# SPDX-License-Identifier: Apache-2.0
"""Which projects are public, as decisions see it."""

import asyncio

import pytest

from entrepot.features.projects.visibility import FRESH_MS
from tests.builders.instance import Instance

pytestmark = pytest.mark.anyio


async def test_only_public_projects_are_public(instance: Instance) -> None:
    """A private project and one that does not exist are not, one by one and together."""
    names = ["open", "closed", "nil", ""]

    assert [await instance.visibility.is_public(name) for name in names] == [True, False, False, False]
    assert await instance.visibility.public_among(names) == {"open"}
    assert await instance.visibility.public_among([]) == set()


@pytest.mark.parametrize("name", ["open", "closed", "nil"])
async def test_an_answer_costs_one_statement_and_then_none(instance: Instance, name: str) -> None:
    """The same for a project that exists and one that does not, for two seconds."""
    with instance.traced_reads() as statements:
        for _ in range(3):
            await instance.visibility.is_public(name)
            instance.clock.advance(FRESH_MS // 2)

    assert len(statements) == 2


async def test_many_names_cost_one_statement(instance: Instance) -> None:
    """However many names are asked about."""
    with instance.traced_reads() as statements:
        found = await instance.visibility.public_among({f"p{number}" for number in range(2_000)} | {"open"})

    assert (found, len(statements)) == ({"open"}, 1)


async def test_a_change_counts_when_it_is_forgotten_or_old(instance: Instance) -> None:
    """At once on the node that made it, after two seconds everywhere."""
    await instance.visibility.is_public("open")
    await instance.visibility.is_public("closed")
    await asyncio.to_thread(instance.change_project, "open", "private")
    await asyncio.to_thread(instance.change_project, "closed", "public")

    instance.visibility.forget("open")
    at_once = [await instance.visibility.is_public(name) for name in ("open", "closed")]
    instance.clock.advance(FRESH_MS)
    later = [await instance.visibility.is_public(name) for name in ("open", "closed")]

    assert (at_once, later) == ([False, False], [False, True])
