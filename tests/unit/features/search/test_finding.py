# SPDX-License-Identifier: Apache-2.0
"""Finding artifacts by the index, beside asking each of them in turn."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from entrepot.features.search.finding import Effort
from entrepot.features.search.finding import Finder
from entrepot.features.search.finding import Wish
from entrepot.features.search.findings import FoundPage
from entrepot.features.search.findings import Total
from entrepot.features.search.findings import facets_of
from entrepot.features.search.language import parse_artifact_query
from entrepot.features.search.terms import ArtifactQuery
from tests.unit.features.search.conftest import Stock
from tests.unit.features.search.naive import NOW
from tests.unit.features.search.naive import is_found
from tests.unit.features.search.naive import some_artifacts
from tests.unit.features.search.naive import store_all
from tests.unit.features.search.queries import QUERIES

ARTIFACTS = some_artifacts(60)
HARDLY_ANY = Effort(few=3, very_few=1, compared=9, looked_at=8, sample=5, at_once=4)
ON_ONE_STOCK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

pytestmark = pytest.mark.anyio


@pytest.fixture
def held(stock: Stock) -> Stock:
    """Hold the artifacts."""
    stock.running.database.write_now(store_all, ARTIFACTS)
    return stock


async def pages(stock: Stock, query: ArtifactQuery, effort: Effort, limit: int = 50) -> AsyncIterator[FoundPage]:
    """Yield page after page, newest first."""
    after: int | None = None
    while True:
        finder = Finder(stock.territory(), NOW, effort)
        page = await finder.page(Wish(query, after, limit, is_newest_first=True))
        yield page
        after = page.next_after
        if after is None:
            return


async def names(stock: Stock, query: ArtifactQuery, effort: Effort, limit: int = 50) -> list[str]:
    """Return what all pages show."""
    found = [each async for page in pages(stock, query, effort, limit) for each in page.artifacts]
    assert [each.hit.place for each in found] == sorted((each.hit.place for each in found), reverse=True)
    return [f"{each.hit.repository}@{each.hit.digest}" for each in found]


def expected(query: ArtifactQuery, readable: str = "") -> set[str]:
    """Return what there is to find below a prefix."""
    return {each.name for each in ARTIFACTS if is_found(query, each) and each.held.repository.startswith(readable)}


@ON_ONE_STOCK
@given(query=QUERIES)
async def test_the_index_finds_what_asking_each_artifact_finds(held: Stock, query: ArtifactQuery) -> None:
    """All of it on one page or more, each once; and the total is how many."""
    [page] = [page async for page in pages(held, query, Effort(), 100)]

    found = [f"{each.hit.repository}@{each.hit.digest}" for each in page.artifacts]
    assert set(found) == expected(query)
    assert page.total is not None
    assert (page.total.count, page.total.is_exact) == (len(found), True)


@ON_ONE_STOCK
@given(query=QUERIES, limit=st.sampled_from((1, 3, 50)))
async def test_pages_that_look_at_little_lead_to_the_same(held: Stock, query: ArtifactQuery, limit: int) -> None:
    """Whichever term it begins with, and however often a page ends before it is full."""
    found = await names(held, query, HARDLY_ANY, limit)

    assert len(found) == len(set(found))
    assert set(found) == expected(query)


@ON_ONE_STOCK
@given(query=QUERIES, is_few=st.booleans())
async def test_what_may_not_be_read_is_neither_found_nor_counted(
    held: Stock, query: ArtifactQuery, is_few: bool
) -> None:
    """Whether somebody may read little, which is looked at, or much, which is asked about."""
    held.authorizer.open_to_all = ("other",)
    territory = held.territory(few=1_000 if is_few else 0)
    page = await Finder(territory, NOW, Effort()).page(Wish(query, None, 50, is_newest_first=False))

    assert {f"{each.hit.repository}@{each.hit.digest}" for each in page.artifacts} == expected(query, "other")
    assert page.total is not None
    assert page.total.count == len(expected(query, "other"))
    assert {each.value for each in page.total.facets["project"]} <= {"other"}


async def test_a_total_says_when_it_was_not_counted_to_the_end(held: Stock) -> None:
    """It is then how many there are at least."""
    first = await anext(pages(held, parse_artifact_query("-type:sbom"), HARDLY_ANY, 2))

    assert first.total is not None
    assert (first.total.is_exact, first.next_after is None) == (False, False)
    assert 5 <= first.total.count <= 8


def test_there_is_something_of_each_kind() -> None:
    """Or the properties would say little."""
    tagged = [each for each in ARTIFACTS if each.tags]
    unused = [each for each in ARTIFACTS if each.last_pulled is None]
    labelled = [each for each in ARTIFACTS if each.put_on]

    assert all(5 < len(some) < 55 for some in (tagged, unused, labelled))


async def test_a_repository_that_may_not_be_read_looks_empty(held: Stock) -> None:
    """However much it holds, and however little a page looks at: there is no further page that would tell."""
    hidden = ARTIFACTS[0].held.repository
    held.authorizer.open_to_all = ("nothing/",)
    [page] = [page async for page in pages(held, parse_artifact_query(f"repository:{hidden}"), HARDLY_ANY)]

    assert (page.artifacts, page.total) == ([], Total(0, is_exact=True, facets=facets_of([])))


@pytest.mark.parametrize("query", ["pushed:<2200-01-01", "pushed:<9000-01-01 type:image", "-pushed:>=8999-12-31"])
async def test_days_of_any_century_can_be_named(held: Stock, query: str) -> None:
    """What was pushed before them is everything."""
    parsed = parse_artifact_query(query)

    assert set(await names(held, parsed, Effort())) == expected(parsed) != set()
