# SPDX-License-Identifier: Apache-2.0
"""Looking for tags and artifacts, in a few repositories and in all."""

from asyncio import to_thread

import pytest

from entrepot.features.search.models import FoundTag
from entrepot.features.search.models import Hits
from entrepot.features.search.sorts import ARTIFACTS
from entrepot.features.search.sorts import ROWS_AT_ONCE
from entrepot.features.search.sorts import TAGS
from entrepot.features.search.sorts import look_everywhere
from entrepot.features.search.sorts import look_inside
from tests.unit.features.search.conftest import Stock

MANY = [f"v{number:05}" for number in range(2 * ROWS_AT_ONCE)]

pytestmark = pytest.mark.anyio


def written(hits: Hits[FoundTag]) -> list[str]:
    """Return tags as images are named."""
    return [f"{tag.repository}:{tag.name}" for tag in hits.found]


async def inside(stock: Stock, beginning: str, limit: int, **bounds: int) -> Hits[FoundTag]:
    """Look into every repository, one by one."""
    territory = stock.territory(**bounds)
    places = (await territory.containing("/", 100)).found
    return await look_inside(territory, TAGS, places, beginning, limit)


async def everywhere(stock: Stock, beginning: str, limit: int, text: str = "", **bounds: int) -> Hits[FoundTag]:
    """Look into all at once."""
    return await look_everywhere(stock.territory(**bounds), TAGS, beginning, text, limit)


async def test_both_ways_find_the_same(stock: Stock) -> None:
    """One by repository, one by tag."""
    await to_thread(stock.hold, "blue/app", "1.0", "1.1", "2.0")
    await to_thread(stock.hold, "red/app", "1.0", "0.9")

    assert written(await inside(stock, "1.", 8)) == ["blue/app:1.0", "blue/app:1.1", "red/app:1.0"]
    assert written(await everywhere(stock, "1.", 8)) == ["blue/app:1.0", "red/app:1.0", "blue/app:1.1"]
    assert written(await everywhere(stock, "1.", 8, "red")) == ["red/app:1.0"]


async def test_deleted_tags_hide_none_behind_them(stock: Stock) -> None:
    """However many there are, they take no place."""
    await to_thread(stock.hold, "blue/app", *MANY, deleted=True)
    await to_thread(stock.hold, "blue/app", "v99", digest="sha256:01")

    for hits in (await inside(stock, "v", 8), await everywhere(stock, "v", 8)):
        assert (written(hits), hits.is_complete) == (["blue/app:v99"], True)


async def test_tags_that_may_not_be_read_hide_none_behind_them(stock: Stock) -> None:
    """They are passed over, some hundreds at a time."""
    await to_thread(stock.hold, "blue/app", *MANY)
    await to_thread(stock.hold, "red/app", MANY[-1], "v99")
    stock.authorizer.open_to_all = ("red/",)

    hits = await everywhere(stock, "v", 8)

    assert (written(hits), hits.is_complete) == ([f"red/app:{MANY[-1]}", "red/app:v99"], True)


async def test_a_look_that_ended_early_says_so(stock: Stock) -> None:
    """Then there may be more, though nothing was cut off."""
    await to_thread(stock.hold, "blue/app", *MANY, deleted=True)
    await to_thread(stock.hold, "green/app", *MANY)
    stock.authorizer.open_to_all = ("blue/",)

    for hits in (await inside(stock, "v", 8, checked=100), await everywhere(stock, "v", 8, checked=100)):
        assert (hits.found, hits.is_complete) == ([], False)


@pytest.mark.parametrize(("limit", "is_complete"), [(2, False), (3, True), (4, True)])
async def test_no_more_is_found_than_was_asked_for(stock: Stock, limit: int, is_complete: bool) -> None:
    """And it is told whether that was all."""
    await to_thread(stock.hold, "blue/app", "1.0", "1.1")
    await to_thread(stock.hold, "red/app", "1.0")

    for hits in (await inside(stock, "1", limit), await everywhere(stock, "1", limit)):
        assert (len(hits.found), hits.is_complete) == (min(limit, 3), is_complete)


async def test_artifacts_are_found_by_digest(stock: Stock) -> None:
    """In every repository that holds them, unless they were deleted there."""
    await to_thread(stock.hold, "blue/app", digest="sha256:ab1")
    await to_thread(stock.hold, "red/app", digest="sha256:ab1")
    await to_thread(stock.hold, "green/app", digest="sha256:ab1", deleted=True)
    territory = stock.territory()
    places = (await territory.containing("/", 100)).found

    for hits in (
        await look_inside(territory, ARTIFACTS, places, "sha256:ab", 8),
        await look_everywhere(territory, ARTIFACTS, "sha256:ab", "", 8),
    ):
        assert [found.repository for found in hits.found] == ["blue/app", "red/app"]
        assert hits.is_complete
