# SPDX-License-Identifier: Apache-2.0
"""Figures: added up once each, by whomever and however often it is tried."""

import asyncio

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies
from sqlalchemy import Connection
from sqlalchemy import func
from sqlalchemy import select

from entrepot.features.usage.models import KEPT_DAYS
from entrepot.features.usage.models import RECENT_DAYS
from entrepot.features.usage.models import Measurement
from entrepot.features.usage.models import Order
from entrepot.features.usage.models import ProjectUsage
from entrepot.features.usage.models import Totals
from entrepot.features.usage.service import BATCH
from entrepot.features.usage.service import QUICK_MS
from entrepot.features.usage.service import Usage
from entrepot.features.usage.store import totals
from entrepot.features.usage.tables import usage_blobs
from entrepot.kernel.clock import DAY_MS
from entrepot.oci.digest import digest_of
from entrepot.registry.store import namespaces
from entrepot.registry.store.usage import UsageKind
from entrepot.registry.tables import usage_deltas
from tests.builders.databases import sqlite_of
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.builders.plans import noted_plans
from tests.unit.features.usage.conftest import Metered

A_REPOSITORY = strategies.sampled_from(["team/a", "team/b", "other/a"])
A_STEP = strategies.tuples(A_REPOSITORY, strategies.sampled_from([b"x", b"yy"]), strategies.booleans())

pytestmark = pytest.mark.anyio


async def waiting(metered: Metered) -> int:
    """Return how many deltas are not added up."""
    return int(await metered.running.database.read(_count_deltas))


async def test_a_project_holds_each_blob_once(metered: Metered) -> None:
    """However many of its repositories hold it; manifests count in each."""
    built = an_image_manifest()
    for name in ("team/app", "team/web", "other/app"):
        await metered.running.put_image(built, "1.0", repository=name)  # type: ignore[arg-type]
    await metered.usage.catch_up()

    blobs = len(A_CONFIG) + len(A_LAYER)
    assert await metered.usage.of_project("team") == ProjectUsage(blobs + 2 * len(built.payload), 2, 0)
    assert await metered.usage.of_project("other") == ProjectUsage(blobs + len(built.payload), 1, 0)
    assert await metered.usage.of_project("unheard-of") == ProjectUsage(0, 0, 0)


async def test_what_goes_is_taken_off(metered: Metered) -> None:
    """A blob leaves a project with the last of its repositories that held it."""
    for name, count in (("team/app", 1), ("team/web", 1), ("team/app", -1)):
        await metered.note(UsageKind.BLOB, name, size=100, count=count)
    await metered.usage.catch_up()
    before = await metered.usage.of_project("team")
    await metered.note(UsageKind.BLOB, "team/web", size=100, count=-1)
    await metered.usage.catch_up()

    assert (before.bytes, (await metered.usage.of_project("team")).bytes) == (100, 0)
    assert await metered.running.database.read(_count_links) == 0


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=strategies.lists(A_STEP, max_size=12), cuts=strategies.sets(strategies.integers(0, 11)))
async def test_links_come_to_the_same_in_whatever_batches(
    metered: Metered, steps: list[tuple[str, bytes, bool]], cuts: set[int]
) -> None:
    """A project's bytes are those of the distinct blobs that its repositories hold, after any linking and unlinking."""
    held: dict[str, set[bytes]] = {}
    database = metered.running.database
    before = {name: (await metered.usage.of_project(name)).bytes for name in ("team", "other")}
    for number, (name, content, is_linked) in enumerate([*steps, *((n, c, False) for n, c, _ in steps)]):
        now_held = held.setdefault(name, set())
        if is_linked != (content in now_held):
            (now_held.add if is_linked else now_held.discard)(content)
            digest, count = digest_of(content), 1 if is_linked else -1
            await metered.note(UsageKind.BLOB, name, size=len(content), count=count, digest=digest)
        if number in cuts:
            await database.write(metered.usage.fold)
            expected = {p: {c for n, kept in held.items() if n.startswith(p) for c in kept} for p in before}
            assert {p: (await metered.usage.of_project(p)).bytes for p in before} == {
                p: before[p] + sum(map(len, contents)) for p, contents in expected.items()
            }
    await metered.usage.catch_up()

    assert {name: (await metered.usage.of_project(name)).bytes for name in before} == before


async def test_nothing_is_added_twice(metered: Metered) -> None:
    """However many add up at the same time, and however often."""
    for _ in range(3):
        await metered.pull("team/app", BATCH)
    other = Usage(metered.running.database, metered.running.clock)
    await asyncio.gather(metered.usage.catch_up(), other.catch_up(), other.catch_up())

    assert await metered.pulls() == [("team/app", 3 * BATCH)]
    assert await waiting(metered) == 0


async def test_a_batch_that_fails_is_added_later(metered: Metered) -> None:
    """It is removed and added in one transaction: neither happens without the other."""
    await metered.pull("team/app", 7)

    def fold_and_fail(connection: Connection) -> None:
        metered.usage.fold(connection)
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        await metered.running.database.write(fold_and_fail)
    assert (await waiting(metered), await metered.pulls()) == (1, [])

    await metered.usage.catch_up()
    assert await metered.pulls() == [("team/app", 7)]


async def test_pulls_count_for_thirty_days(metered: Metered) -> None:
    """The busiest repository is that with the most of late; what is older leaves day by day."""
    await metered.pull("team/old", 9)
    await metered.usage.catch_up()
    metered.running.clock.advance((RECENT_DAYS - 1) * DAY_MS)
    await metered.pull("team/new", 5)
    await metered.pull("team/old", 1)
    await metered.usage.catch_up()
    on_the_last_day = await metered.pulls()
    metered.running.clock.advance(DAY_MS)
    await metered.usage.catch_up()

    assert on_the_last_day == [("team/old", 10), ("team/new", 5)]
    assert await metered.pulls() == [("team/new", 5), ("team/old", 1)]


@pytest.mark.parametrize("is_known", [True, False])
async def test_what_is_added_late_does_not_stay(metered: Metered, is_known: bool) -> None:
    """Pulls of a day that is no longer recent count for that day, and not as recent."""
    if is_known:
        await metered.pull("team/app", 2)
        await metered.usage.catch_up()
    await metered.pull("team/app", 3)
    metered.running.clock.advance(RECENT_DAYS * DAY_MS)
    await metered.usage.catch_up()

    assert await metered.pulls() == []
    days = await metered.usage.days_of("team/app", RECENT_DAYS + 1)  # type: ignore[arg-type]
    assert [day.pulls for day in days] == [5 if is_known else 3]


async def test_days_are_kept_for_a_while(metered: Metered) -> None:
    """After that what happened on them is forgotten; the sum of all stays."""
    await metered.pull("team/app", 2)
    await metered.usage.catch_up()
    metered.running.clock.advance((KEPT_DAYS - 1) * DAY_MS)
    await metered.usage.catch_up()
    kept = await metered.usage.days_of("team/app", KEPT_DAYS)  # type: ignore[arg-type]
    metered.running.clock.advance(DAY_MS)
    await metered.usage.catch_up()

    assert len(kept) == 1
    assert await metered.usage.days_of("team/app", 2 * KEPT_DAYS) == []  # type: ignore[arg-type]
    assert (await metered.usage.of_project("team")).pulls == 2


async def test_a_day_tells_what_was_pushed(metered: Metered) -> None:
    """Manifests, and bytes that were new to the repository; what goes is no push."""
    built = an_image_manifest()
    await metered.running.put_image(built, "1.0")
    await metered.note(UsageKind.MANIFEST, size=10, count=-1)
    await metered.usage.catch_up()

    (day,) = await metered.usage.days_of("team/app", 1)  # type: ignore[arg-type]
    assert (day.pushed_manifests, day.pushed_bytes) == (1, len(built.payload) + len(A_CONFIG) + len(A_LAYER))


async def test_what_is_gone_is_left_out(metered: Metered) -> None:
    """Repositories of a deleted project are in no list, and in the way of none."""
    for name in ("gone/app", "team/app"):
        await metered.pull(name, 5)
        await metered.note(UsageKind.BLOB, name, size=10)
    await metered.usage.catch_up()
    await metered.running.database.write(namespaces.conceal, "gone")

    by_bytes = await metered.usage.top_repositories(Order.BYTES, limit=10)
    among = await metered.usage.top_among(["gone/app", "team/app", "team/unheard-of"], limit=10)
    assert [each.name for each in (*by_bytes, *among)] == ["team/app", "team/app"]


async def test_totals_are_those_of_now_where_they_are_quickly_counted(metered: Metered) -> None:
    """A small registry is counted again whenever its figures are some seconds old."""
    empty = await metered.usage.totals()
    await metered.running.put_image(an_image_manifest(), "1.0")
    at_once = await metered.usage.totals()
    metered.running.clock.advance(5_000)
    later = await metered.usage.totals()

    assert at_once == empty
    assert (later.stored_bytes, later.artifacts, later.repositories) == (len(A_CONFIG) + len(A_LAYER), 1, 1)


async def test_a_large_registry_is_counted_in_the_background(metered: Metered) -> None:
    """What took long is not counted for a request, and by the job no more often than is cheap."""
    now = metered.running.clock()
    large = Measurement(Totals(10**12, 10**6, 10**5, 10**3, now), took_ms=QUICK_MS + 1)
    await metered.running.database.write(totals.note_measurement, large)
    metered.running.clock.advance(200 * QUICK_MS)
    await metered.usage.catch_up()
    asked = await metered.usage.totals()
    metered.running.clock.advance(400)
    await metered.usage.catch_up()

    assert asked == large.totals
    assert (await metered.usage.totals()).artifacts == 0


@pytest.mark.sqlite
@pytest.mark.parametrize("by", Order)
async def test_the_first_are_found_by_an_index(metered: Metered, by: Order) -> None:
    """However many repositories there are."""
    await metered.pull("team/app")
    await metered.note(UsageKind.BLOB, "team/app", size=1)
    await metered.usage.catch_up()

    with noted_plans(sqlite_of(metered.running.database)) as plans:
        await metered.usage.top_repositories(by, limit=10)

    column = "recent_pulls" if by is Order.PULLS else "bytes"
    assert plans[0] == f"SEARCH usage_totals USING INDEX ix_usage_totals_{column} ({column}>?)"
    assert all(step.startswith("SEARCH") for plan in plans for step in plan.splitlines())


def _count_deltas(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(usage_deltas)).scalar_one()


def _count_links(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(usage_blobs)).scalar_one()
