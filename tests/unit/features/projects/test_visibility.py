# SPDX-License-Identifier: Apache-2.0
"""Which projects are public, as decisions see it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.features.access import GrantAuthorizer
from entrepot.features.projects import ProjectVisibility
from entrepot.features.projects.visibility import FRESH_MS
from entrepot.features.projects.visibility import OPEN_TO_ACCOUNTS
from entrepot.features.projects.visibility import OPEN_TO_ALL
from entrepot.kernel.access import ANONYMOUS
from entrepot.kernel.access import Action
from tests.builders.databases import opened_again
from tests.builders.instance import Instance
from tests.fakes.cut_database import CutDatabase
from tests.fakes.interrupted_database import InterruptedDatabase

pytestmark = pytest.mark.anyio


async def test_only_what_is_stored_is_open(instance: Instance) -> None:
    """A project that does not exist is private, one by one and together."""
    await asyncio.to_thread(instance.add_project, "inner", "internal")
    names = ["open", "inner", "closed", "nil", ""]

    assert [await instance.visibility.of(name) for name in names] == [
        "public",
        "internal",
        "private",
        "private",
        "private",
    ]
    assert await instance.visibility.among(names, OPEN_TO_ALL) == {"open"}
    assert await instance.visibility.among(names, OPEN_TO_ACCOUNTS) == {"open", "inner"}
    assert await instance.visibility.among([], OPEN_TO_ALL) == set()


async def test_redirects_are_refused_where_a_project_says_so(instance: Instance) -> None:
    """One statement for two seconds, whatever was asked; at once where it is forgotten."""
    with instance.traced_reads() as statements:
        before = [await instance.visibility.allows_redirects(name) for name in ("open", "nil", "open")]
    await asyncio.to_thread(instance.change_project, "open", redirect="never")
    remembered = await instance.visibility.allows_redirects("open")
    instance.visibility.forget("open")

    assert (before, remembered, len(statements)) == ([True, True, True], True, 2)
    assert not await instance.visibility.allows_redirects("open")


async def test_nobody_is_sent_away_while_nobody_can_say(tmp_path: Path, instance: Instance) -> None:
    """While the database is away content comes from the registry, as far as nobody asked a moment ago."""
    cut = await asyncio.to_thread(CutDatabase, tmp_path)
    visibility = ProjectVisibility(cut, instance.clock)
    asked = await visibility.allows_redirects("open")
    cut.is_away = True

    assert (asked, await visibility.allows_redirects("open")) == (True, True)
    instance.clock.advance(FRESH_MS)
    assert not await visibility.allows_redirects("open")
    await asyncio.to_thread(cut.close)


@pytest.mark.parametrize("name", ["open", "closed", "nil"])
async def test_an_answer_costs_one_statement_and_then_none(instance: Instance, name: str) -> None:
    """The same for a project that exists and one that does not, for two seconds."""
    with instance.traced_reads() as statements:
        for _ in range(3):
            await instance.visibility.of(name)
            instance.clock.advance(FRESH_MS // 2)

    assert len(statements) == 2


async def test_many_names_cost_one_statement(instance: Instance) -> None:
    """However many names are asked about."""
    with instance.traced_reads() as statements:
        found = await instance.visibility.among({f"p{number}" for number in range(2_000)} | {"open"}, OPEN_TO_ALL)

    assert (found, len(statements)) == ({"open"}, 1)


async def test_a_change_counts_when_it_is_forgotten_or_old(instance: Instance) -> None:
    """At once on the node that made it, after two seconds everywhere."""
    await instance.visibility.of("open")
    await instance.visibility.of("closed")
    await asyncio.to_thread(instance.change_project, "open", visibility="private")
    await asyncio.to_thread(instance.change_project, "closed", visibility="public")

    instance.visibility.forget("open")
    at_once = [await instance.visibility.of(name) for name in ("open", "closed")]
    instance.clock.advance(FRESH_MS)
    later = [await instance.visibility.of(name) for name in ("open", "closed")]

    assert (at_once, later) == (["private", "private"], ["private", "public"])


@pytest.fixture
def interrupted(instance: Instance) -> Iterator[InterruptedDatabase]:
    """The database of the instance, for somebody who is slow."""
    database = InterruptedDatabase(opened_again(instance.database))
    yield database
    database.close()


@pytest.mark.parametrize("asks_for_rights", [True, False])
async def test_a_read_that_was_begun_before_a_change_is_not_remembered(
    instance: Instance, interrupted: InterruptedDatabase, asks_for_rights: bool
) -> None:
    """What was public counts so for the request under way, and for no other."""
    visibility = ProjectVisibility(interrupted, instance.clock)
    authorizer = GrantAuthorizer(interrupted, {}, visibility, instance.clock)

    def close() -> None:
        """Make the project private, as its administrator does."""
        instance.change_project("open", visibility="private")
        visibility.forget("open")

    interrupted.meanwhile = close
    if asks_for_rights:
        await authorizer.allows(ANONYMOUS, Action.PULL, "open/app")
    else:
        await visibility.of("open")

    assert await visibility.of("open") == "private"
    assert not await authorizer.allows(ANONYMOUS, Action.PULL, "open/app")
