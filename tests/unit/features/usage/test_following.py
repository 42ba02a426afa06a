# SPDX-License-Identifier: Apache-2.0
"""Counting beside everything else: each event once, and old counts become fewer."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from entrepot.features.usage.counting import CountKey
from entrepot.features.usage.following import EVERY_SECONDS
from entrepot.features.usage.following import LATE_MS
from entrepot.features.usage.following import Following
from entrepot.features.usage.following import Pause
from entrepot.features.usage.models import KEPT_DAYS
from entrepot.features.usage.models import KEPT_HOURS
from entrepot.features.usage.models import KEPT_NAME_DAYS
from entrepot.features.usage.models import KEPT_NAMES
from entrepot.features.usage.models import OTHERS
from entrepot.features.usage.models import Count
from entrepot.features.usage.models import Kind
from entrepot.features.usage.models import day_of
from entrepot.features.usage.models import hour_of
from entrepot.features.usage.recorder import Recorder
from entrepot.features.usage.store import counts
from entrepot.features.usage.tidying import ROWS_AT_ONCE
from entrepot.features.usage.tidying import Tidying
from entrepot.kernel.clock import DAY_MS
from entrepot.oci.reference import TagName
from entrepot.registry.store import repositories
from entrepot.registry.store.repositories import RepositoryId
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.builders.databases import sqlite_of
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.builders.plans import noted_plans

pytestmark = pytest.mark.anyio

IMAGE = an_image_manifest()
INDEX = an_index(IMAGE.descriptor())
TAG = TagName("1.0")


class Enough(Exception):
    """Ends what would run for ever."""


def a_following(running: RunningCore, pause: Pause = asyncio.sleep) -> Following:
    """Make one as another process has it."""
    return Following(running.database, running.clock, Recorder(running.database, running.clock), pause)


@dataclass(frozen=True, slots=True)
class Counted:
    """A core whose pulls and pushes are counted when a test says so."""

    running: RunningCore
    following: Following

    async def pull(self, reference: str) -> None:
        """Fetch a manifest."""
        await self.running.pull.manifest(EVERYBODY, REPOSITORY, reference, is_head=False)  # type: ignore[arg-type]
        await self.running.core.facts.flush()

    async def repository(self) -> RepositoryId:
        """Return the repository."""
        found = await self.running.database.read(repositories.find, REPOSITORY)
        assert found is not None
        return found.id

    async def shares(self, kind: Kind, limit: int = 1_000) -> list[Count]:
        """Return the counts of today."""
        today = day_of(self.running.clock())
        place = await self.repository()
        return await self.running.database.read(counts.shares, place, kind, (today, today), limit)

    async def add(self, kind: Kind, period: int, names: list[str]) -> None:
        """Count a pull of the first name, two of the second, and so on."""
        repo_id = await self.repository()
        amounts = {CountKey(kind, period, repo_id, name): (pulls, 0) for pulls, name in enumerate(names, start=1)}
        await self.running.database.write(counts.add, amounts)

    async def rows(self) -> list[tuple[str, int, str]]:
        """Return kind, period and name of every count."""
        return [(row[0], row[1], row[3]) for row in (await self.running.tables())["usage_counts"]]


@pytest.fixture
def counted(tmp_path: Path) -> Iterator[Counted]:
    """Hold a core, what it does being told to nobody yet."""
    with a_core(tmp_path) as running:
        counted = Counted(running, a_following(running))
        running.database.write_now(counted.following.begin)
        yield counted


async def test_pulls_and_pushes_are_counted_once(counted: Counted) -> None:
    """However many count them at the same time; an entry belongs to the pull of its index."""
    await counted.running.put_image(IMAGE)
    await counted.running.put_manifest(INDEX, TAG)
    await counted.pull(TAG)
    await counted.pull(IMAGE.digest)
    await counted.running.events()
    other = a_following(counted.running)
    await asyncio.gather(counted.following.catch_up(), other.catch_up())

    assert await counted.shares(Kind.DAY) == [Count("", 1, 2)]
    assert await counted.shares(Kind.ARTIFACT) == [Count(INDEX.digest, 1, 1), Count(IMAGE.digest, 0, 1)]
    assert await counted.shares(Kind.TAG) == [Count(TAG, 1, 1)]
    assert await counted.shares(Kind.PRINCIPAL) == [Count("user:everybody", 1, 2)]
    assert await counted.shares(Kind.CLIENT) == [Count("other", 1, 2)]


async def test_it_looks_now_and_then(counted: Counted) -> None:
    """It rests after a batch, and looks again when there is nothing."""
    rests: list[float] = []

    async def pause(seconds: float) -> None:
        rests.append(seconds)
        if len(rests) == 3:
            raise Enough

    await counted.running.put_image(IMAGE, TAG)
    await counted.running.events()
    with pytest.raises(Enough):
        await a_following(counted.running, pause).run()

    assert 0 < rests[0] < EVERY_SECONDS
    assert rests[1:] == [EVERY_SECONDS, EVERY_SECONDS]


async def test_it_hurries_where_it_is_late(counted: Counted) -> None:
    """The outbox keeps what is not handled, so it must not fall behind for ever."""
    took: list[float] = []

    async def pause(seconds: float) -> None:
        took.append(seconds / (time.monotonic() - began))
        raise Enough

    await counted.running.put_image(IMAGE, TAG)
    await counted.running.events()
    counted.running.clock.advance(LATE_MS + 1)
    began = time.monotonic()
    with pytest.raises(Enough):
        await a_following(counted.running, pause).run()

    assert took[0] <= 1


async def test_of_a_day_that_is_over_few_names_are_kept(counted: Counted) -> None:
    """Those with the most; the rest are counted together, and nothing is lost or counted again."""
    await counted.running.put_image(IMAGE)
    today = day_of(counted.running.clock())
    names = [f"user:{number:04}" for number in range(KEPT_NAMES + ROWS_AT_ONCE + 50)]
    await counted.add(Kind.PRINCIPAL, today, names)
    tidying = Tidying(counted.running.database, counted.running.clock)
    await tidying.run()
    same_day = len(await counted.rows())
    before = await counted.shares(Kind.PRINCIPAL)
    counted.running.clock.advance(DAY_MS)
    for _ in range(2):
        await tidying.run()
    counted.running.clock.advance(-DAY_MS)
    after = await counted.shares(Kind.PRINCIPAL)

    assert same_day == len(names)
    assert len(after) == KEPT_NAMES + 1
    assert after[0] == Count(OTHERS, sum(each.pulls for each in before[KEPT_NAMES:]), 0)
    assert after[1:] == before[:KEPT_NAMES]


async def test_counts_are_kept_for_a_while(counted: Counted) -> None:
    """Hours for two weeks, names for 90 days, days for 400."""
    await counted.running.put_image(IMAGE)
    now = counted.running.clock()
    for kind, period, kept in [
        (Kind.HOUR, hour_of(now), KEPT_HOURS),
        (Kind.TAG, day_of(now), KEPT_NAME_DAYS),
        (Kind.DAY, day_of(now), KEPT_DAYS),
    ]:
        for age in (kept - 1, kept):
            await counted.add(kind, period - age, [TAG])
    await Tidying(counted.running.database, counted.running.clock).run()

    assert await counted.rows() == [
        ("day", day_of(now) - KEPT_DAYS + 1, TAG),
        ("hour", hour_of(now) - KEPT_HOURS + 1, TAG),
        ("tag", day_of(now) - KEPT_NAME_DAYS + 1, TAG),
    ]


@pytest.mark.sqlite
@pytest.mark.parametrize("is_project", [False, True])
async def test_questions_follow_the_key(counted: Counted, is_project: bool) -> None:
    """However many repositories and days are counted, those that are asked about are found at once."""
    await counted.running.put_image(IMAGE)
    place = "team" if is_project else await counted.repository()
    with noted_plans(sqlite_of(counted.running.database)) as plans:
        await counted.running.database.read(counts.series, place, Kind.DAY, (1, 30))
        await counted.running.database.read(counts.shares, place, Kind.TAG, (1, 30), 10)

    key = "sqlite_autoindex_usage_counts_1 (kind=? AND period=? AND repo_id=?)"
    assert [plan.splitlines()[0] for plan in plans] == [f"SEARCH usage_counts USING INDEX {key}"] * 2
