# SPDX-License-Identifier: Apache-2.0
"""Which repositories somebody may read, and how long it is looked for them."""

from asyncio import to_thread

import pytest

from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.spans import Span
from entrepot.kernel.spans import subtree
from entrepot.oci.reference import RepositoryName
from tests.fakes.settable_clock import SettableClock
from tests.unit.features.search.conftest import SOMEBODY
from tests.unit.features.search.conftest import SOMEBODY_ELSE
from tests.unit.features.search.conftest import Stock

pytestmark = pytest.mark.anyio


@pytest.fixture
async def full(stock: Stock) -> Stock:
    """Have ten repositories of two teams, with a tag in each."""
    for number in range(5):
        await to_thread(stock.hold, f"blue/app-{number}", "latest")
        await to_thread(stock.hold, f"red/app-{number}", "latest")
    return stock


async def test_few_repositories_are_all_told(full: Stock) -> None:
    """Where they lie, and only those that may be read."""
    full.authorizer.spans = [Span("blue/", "blue0")]
    full.authorizer.open_to_all = ("blue/app-1", "blue/app-3", "red/")

    found = await full.territory().few()

    assert found is not None
    assert [known.name for known in found] == ["blue/app-1", "blue/app-3"]


@pytest.mark.parametrize("bounds", [{"few": 4}, {"checked": 4}, {"reaches": 0}])
async def test_many_repositories_are_not_told(full: Stock, bounds: dict[str, int]) -> None:
    """They are more than a few, lie among too many others, or in too many places."""
    full.authorizer.spans = subtree("blue")

    assert await full.territory(**bounds).few() is None
    assert len(await full.territory().few() or []) == 5


async def test_that_they_are_many_is_remembered_for_a_minute(full: Stock) -> None:
    """What little was left to somebody in the meantime is told when the minute is over, and others are told theirs."""
    clock = SettableClock()
    territories = full.territories(clock, few=4)
    names = [RepositoryName("blue/app-0"), RepositoryName("blue/app-1")]

    assert await territories.of(SOMEBODY).few() is None
    full.authorizer.open_to_all = ("blue/app-1",)
    full.authorizer.spans = subtree("blue")

    assert await territories.of(SOMEBODY).few() is None
    assert await territories.of(SOMEBODY).readable(names) == {"blue/app-1"}
    assert len(await territories.of(SOMEBODY_ELSE).few() or []) == 1
    clock.advance(MINUTE_MS)
    assert len(await territories.of(SOMEBODY).few() or []) == 1


async def test_who_may_read_everything_is_told_nothing(full: Stock) -> None:
    """Whatever there is now: everything is looked at anyway."""
    assert await full.territory().few() is None


@pytest.mark.parametrize("at_once", [1, 2, 3, 100])
async def test_names_are_looked_at_some_at_a_time(full: Stock, at_once: int) -> None:
    """The order is the same, however many at a time."""
    hits = await full.territory(at_once=at_once).containing("app-1", 8)

    assert ([known.name for known in hits.found], hits.is_complete) == (["blue/app-1", "red/app-1"], True)


async def test_only_what_may_be_read_counts(full: Stock) -> None:
    """Others that match take no place."""
    full.authorizer.open_to_all = ("red/",)

    hits = await full.territory().containing("app", 5)

    assert ([known.name for known in hits.found], hits.is_complete) == ([f"red/app-{n}" for n in range(5)], True)


@pytest.mark.parametrize("bounds", [{"names": 4, "at_once": 2}, {"checked": 1, "at_once": 2}])
async def test_a_look_that_ended_early_says_so(full: Stock, bounds: dict[str, int]) -> None:
    """Then there may be more, though nothing was cut off."""
    full.authorizer.open_to_all = ("red/app-4",)

    hits = await full.territory(**bounds).containing("app", 8)

    assert (hits.found, hits.is_complete) == ([], False)
