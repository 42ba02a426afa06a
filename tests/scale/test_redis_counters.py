# SPDX-License-Identifier: Apache-2.0
"""Rate limits counted in a real Redis: the script decides there as the algorithm does here."""

import asyncio
import time
from collections.abc import AsyncIterator
from collections.abc import Iterator

import pytest
from redis.asyncio import Redis

from entrepot.features.rate_limits.models import SECOND_NS
from entrepot.features.rate_limits.models import Limit
from entrepot.features.rate_limits.redis_counters import PREFIX
from entrepot.features.rate_limits.redis_counters import RedisCounters
from tests.scale.servers import redis_server

HOUR_NS = 3_600 * SECOND_NS
THREE = Limit(HOUR_NS, 3 * HOUR_NS)
"""Three requests, and then none for as long as a test takes."""

PATIENCE_SECONDS = 30.0

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Run a server."""
    with redis_server() as place:
        yield f"redis://127.0.0.1:{place.port}/0"


@pytest.fixture
async def redis(url: str) -> AsyncIterator[Redis]:
    """Look into an empty server."""
    redis = Redis.from_url(url, driver_info=None)
    await redis.flushdb()
    yield redis
    await redis.aclose()


@pytest.fixture
async def counters(url: str, redis: Redis) -> AsyncIterator[RedisCounters]:
    """Counters that are connected."""
    counters = RedisCounters(url, answer_seconds=PATIENCE_SECONDS)
    assert await counters.connect()
    yield counters
    await counters.close()


async def spent(counters: RedisCounters, key: str, limit: Limit) -> int:
    """Send a request that gets an outcome."""
    outcome = await counters.spend(key, limit)
    assert outcome is not None
    return outcome


async def test_a_burst_is_admitted_and_no_more(url: str, counters: RedisCounters) -> None:
    """By two processes together; a refusal tells the rest of an interval, and costs nothing."""
    other = RedisCounters(url, answer_seconds=PATIENCE_SECONDS)
    await other.connect()

    outcomes = [await spent(each, "a", THREE) for each in (counters, other) * 3]
    await other.close()

    assert [round(outcome / HOUR_NS, 1) for outcome in outcomes] == [1, 2, 3, -1, -1, -1]


async def test_who_waits_as_told_is_admitted(counters: RedisCounters) -> None:
    """And has to wait again after that."""
    limit = Limit(SECOND_NS // 5, SECOND_NS // 5)
    assert await spent(counters, "a", limit) > 0
    wait_ns = -await spent(counters, "a", limit)
    await asyncio.sleep(wait_ns / SECOND_NS + 0.002)

    assert 0 < wait_ns <= limit.interval_ns
    assert await spent(counters, "a", limit) > 0


async def test_each_of_many_gets_its_own_answer(counters: RedisCounters) -> None:
    """However many are asked about in one question."""
    limits = [Limit(each * SECOND_NS, each * SECOND_NS) for each in range(1, 1_001)]

    outcomes = await asyncio.gather(*(counters.spend(f"key {limit.interval_ns}", limit) for limit in limits))

    assert outcomes == [limit.interval_ns for limit in limits]


async def test_keys_go_away_by_themselves(counters: RedisCounters, redis: Redis) -> None:
    """No later than their burst is whole again."""
    for _ in range(4):
        await spent(counters, "a", THREE)

    assert 0 < await redis.pttl(f"{PREFIX}a") <= THREE.window_ns // 1_000_000 + 1


async def test_a_clock_that_was_wrong_locks_nobody_out(counters: RedisCounters, redis: Redis) -> None:
    """A moment in ten years counts as a burst that is used up, from now on."""
    limit = Limit(SECOND_NS // 5, SECOND_NS)
    await redis.set(f"{PREFIX}a", round((time.time() + 10 * 365 * 86_400) * 1_000_000))

    assert await spent(counters, "a", limit) == -limit.interval_ns
    assert 0 < await redis.pttl(f"{PREFIX}a") <= limit.window_ns // 1_000_000 + 1
    assert -limit.interval_ns < await spent(counters, "a", limit)


async def test_a_server_that_forgot_the_script_learns_it_again(counters: RedisCounters, redis: Redis) -> None:
    """One request goes without an outcome."""
    await redis.script_flush()
    assert await counters.spend("a", THREE) is None

    assert await counters.connect()

    assert await spent(counters, "a", THREE) == HOUR_NS
