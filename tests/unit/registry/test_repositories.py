# SPDX-License-Identifier: Apache-2.0
"""Listing repositories."""

from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

from entrepot.kernel.access import OPEN_ACTIONS
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import Reach
from entrepot.kernel.spans import EVERY_NAME
from entrepot.kernel.spans import behind
from entrepot.kernel.spans import exactly
from entrepot.kernel.spans import up_to
from entrepot.oci.reference import RepositoryName
from entrepot.registry.repositories import Narrowing
from entrepot.registry.repositories import Repositories
from entrepot.registry.store import repositories
from entrepot.registry.store.repositories import MAX_SPANS
from tests.builders.core import EVERYBODY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.fakes.allow_nothing import AllowNothing

pytestmark = pytest.mark.anyio

NAMES = [RepositoryName(f"team/{number:04}") for number in range(3 * MAX_SPANS)]
BOB = EVERYBODY.principal


@dataclass
class OnlyEvery(AllowNothing):
    """Lets everybody read every so-many-th of `NAMES`; knows of so many of them at once that they lie there."""

    step: int
    at_once: int
    is_exact: bool = True
    asked: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """What may be read."""
        return list(NAMES[:: self.step])

    async def allows(self, principal: Principal, action: Action, repository: str) -> bool:
        """Say yes to reading those."""
        return action in OPEN_ACTIONS and repository in self.names

    async def readable(
        self, principal: Principal, repositories: Iterable[str], action: Action = Action.READ
    ) -> set[str]:
        """Return which of `repositories` are among those."""
        asked = set(repositories)
        self.asked += asked
        return asked & set(self.names)

    async def reach(self, principal: Principal, after: str) -> Reach:
        """Lead to the next of those, or everywhere."""
        left = [name for name in self.names if name > after]
        last = left[self.at_once - 1] if len(left) > self.at_once else None
        spans = [exactly(name) for name in left] if self.is_exact else behind([EVERY_NAME], after)
        return Reach(spans if last is None else up_to(spans, last), last)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core with the repositories `NAMES`, and one that holds nothing yet."""
    with a_core(tmp_path) as running:
        running.database.write_now(make, running)
        yield running


def make(connection: Connection, running: RunningCore) -> None:
    """Make the repositories; all but `hidden` are visible."""
    for name in (*NAMES, RepositoryName("hidden")):
        made = repositories.ensure(connection, name, running.core.default_store, running.clock())
        if name != "hidden":
            repositories.reveal(connection, made.id, running.clock())


async def walk(found: Repositories, limit: int) -> list[list[str]]:
    """Return every page of the catalog."""
    pages: list[list[str]] = []
    after, is_more = "", True
    while is_more:
        page = await found.catalog(BOB, after, limit)
        pages.append([str(name) for name in page.names])
        after, is_more = pages[-1][-1] if pages[-1] else "", page.is_more
    return pages


@pytest.mark.parametrize("limit", [1, 7, 1_000])
@pytest.mark.parametrize("at_once", [5, 1_000])
@pytest.mark.parametrize(("step", "is_exact"), [(1, True), (9, True), (9, False), (500, False)])
async def test_pages_hold_each_readable_repository_once(
    running: RunningCore, limit: int, at_once: int, step: int, is_exact: bool
) -> None:
    """In order, `limit` to a page but the last, however many spans the authorizer leads to, and how often."""
    authorizer = OnlyEvery(step, at_once, is_exact)

    pages = await walk(Repositories(replace(running.core, authorizer=authorizer)), limit)

    assert [name for page in pages for name in page] == authorizer.names
    assert all(len(page) == limit for page in pages[:-1])


async def test_only_where_the_authorizer_leads_is_anything_read(running: RunningCore) -> None:
    """What lies between the spans is not looked at, however much there is of it."""
    authorizer = OnlyEvery(50, 1_000)

    await Repositories(replace(running.core, authorizer=authorizer)).catalog(BOB, "", 100)

    assert sorted(authorizer.asked) == authorizer.names


async def test_a_page_reads_one_name_more_than_it_shows(running: RunningCore) -> None:
    """Where all may be read, that tells whether another page follows."""
    authorizer = OnlyEvery(1, 1_000, is_exact=False)

    await Repositories(replace(running.core, authorizer=authorizer)).catalog(BOB, NAMES[20], 10)

    assert sorted(authorizer.asked) == NAMES[21:32]


@pytest.mark.parametrize(("limit", "at_once"), [(1, 1), (3, 5), (1_000, 1_000)])
@pytest.mark.parametrize("about", [Narrowing("team"), Narrowing(text="M/01"), Narrowing("team", "9"), Narrowing("nil")])
async def test_a_list_may_be_about_some_names(running: RunningCore, limit: int, at_once: int, about: Narrowing) -> None:
    """Those of a project, those that contain a text, or both: each once, in order, page after page."""
    authorizer = OnlyEvery(3, at_once)
    found = Repositories(replace(running.core, authorizer=authorizer))
    names: list[str] = []
    after, is_more = "", True
    while is_more:
        page = await found.catalog(BOB, after, limit, about)
        names += page.names
        after, is_more = names[-1] if names else "", page.is_more

    assert names == [name for name in authorizer.names if about.covers(name)]


@pytest.mark.parametrize("project", ["a", "te", "teal", "team-0", "zoo"])
async def test_a_list_about_a_project_asks_about_no_other(running: RunningCore, project: str) -> None:
    """Whether its names would come before those of others, or behind them."""
    authorizer = OnlyEvery(1, 10, is_exact=False)

    page = await Repositories(replace(running.core, authorizer=authorizer)).catalog(BOB, "", 9, Narrowing(project))

    assert (page.names, page.is_more, authorizer.asked) == ([], False, [])


@pytest.mark.parametrize("project", ["a", "team", "a-0"])
@pytest.mark.parametrize("name", ["a", "a/b", "a-0", "a-0/b", "a.b", "ab", "te", "team", "team/x", "team-a", "teams/x"])
def test_names_are_covered_where_the_spans_are(project: str, name: str) -> None:
    """Both say the same of every name, and all of them lie behind the start."""
    about = Narrowing(project)
    lies_inside = any(span.first <= name < span.end for span in about.spans)

    assert lies_inside == about.covers(name)
    assert not lies_inside or name > about.start


@pytest.mark.parametrize("text", ["\0", "a\0", "\ue000", "\u0661", "A", "a b", "%"])
async def test_what_no_project_is_called_has_no_repositories(running: RunningCore, text: str) -> None:
    """It is as unknown as a name that nobody took, and nobody is asked about it."""
    authorizer = OnlyEvery(1, 10, is_exact=False)

    page = await Repositories(replace(running.core, authorizer=authorizer)).catalog(BOB, "", 9, Narrowing(text))

    assert (page.names, page.is_more, authorizer.asked) == ([], False, [])


@pytest.mark.parametrize("text", ["\0", "a\0", "\ue000", "\u0661", "a b", "%"])
async def test_no_name_contains_what_no_name_is_made_of(running: RunningCore, text: str) -> None:
    """Nobody is asked about it; letters count in whatever case."""
    authorizer = OnlyEvery(1, 10, is_exact=False)

    page = await Repositories(replace(running.core, authorizer=authorizer)).catalog(BOB, "", 9, Narrowing(text=text))

    assert (page.names, page.is_more, authorizer.asked) == ([], False, [])


async def test_some_of_the_repositories(running: RunningCore) -> None:
    """Those that are there, can be seen and may be read, in order."""
    found = Repositories(replace(running.core, authorizer=OnlyEvery(2, 1_000)))

    assert await found.among(BOB, {NAMES[4], NAMES[2], NAMES[3], "hidden", "nil"}) == [NAMES[2], NAMES[4]]
    assert await found.among(BOB, set()) == []
