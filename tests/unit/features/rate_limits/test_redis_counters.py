# SPDX-License-Identifier: Apache-2.0
"""Counting in Redis: what it decides, and that nobody waits for it when it is slow or away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from entrepot.features.rate_limits.counters import Counters
from entrepot.features.rate_limits.models import SECOND_NS
from entrepot.features.rate_limits.models import Limit
from entrepot.features.rate_limits.redis_counters import ANSWER_SECONDS
from entrepot.features.rate_limits.redis_counters import MAX_TOGETHER
from entrepot.features.rate_limits.redis_counters import RedisCounters
from tests.fakes.redis_server import RedisServer
from tests.fakes.redis_server import a_redis_server

LIMIT = Limit(SECOND_NS, 3 * SECOND_NS)
SECOND_US = 1_000_000
PATIENCE_SECONDS = 30.0
"""How long a test waits for what takes a moment, on a machine that has much else to do."""


@pytest.fixture
async def server() -> AsyncIterator[RedisServer]:
    """A server that knows our script once it was told."""
    async with a_redis_server() as server:
        yield server


@pytest.fixture
async def counters(server: RedisServer) -> AsyncIterator[RedisCounters]:
    """Counters that are connected, and patient."""
    counters = RedisCounters(server.url, answer_seconds=PATIENCE_SECONDS)
    assert await counters.connect()
    yield counters
    await counters.close()


@pytest.mark.anyio
async def test_it_decides_as_one_process_does(server: RedisServer, counters: RedisCounters) -> None:
    """The same requests at the same times are admitted, and the same waits are told."""
    local, found, expected = Counters(), [], []
    for step_us in (0, 0, 0, 0, SECOND_US // 2, SECOND_US // 2, 0, 10 * SECOND_US, 0):
        server.now_us += step_us
        found.append(await counters.spend("user:alice", LIMIT))
        expected.append(local.spend("user:alice", LIMIT, server.now_us * 1_000))

    assert found == expected


@pytest.mark.anyio
async def test_two_processes_count_together(server: RedisServer, counters: RedisCounters) -> None:
    """What one admitted, the other does not admit again."""
    other = RedisCounters(server.url, answer_seconds=PATIENCE_SECONDS)
    await other.connect()

    taken = [await each.spend("a", LIMIT) for each in (counters, other, counters, other)]
    await other.close()

    assert [outcome is not None and outcome > 0 for outcome in taken] == [True, True, True, False]


@pytest.mark.anyio
async def test_nothing_is_asked_before_it_is_connected(server: RedisServer) -> None:
    """Until then there is no outcome, and no wait."""
    counters = RedisCounters(server.url)

    assert await counters.spend("a", LIMIT) is None
    assert server.connections == 0


@pytest.mark.anyio
async def test_a_slow_answer_is_waited_for_once(server: RedisServer, counters: RedisCounters) -> None:
    """The first request waits a moment, the others not at all, and a late answer is taken for nothing else."""
    server.late_seconds, counters.answer_seconds = PATIENCE_SECONDS, ANSWER_SECONDS

    outcomes = [await counters.spend(f"key {each}", LIMIT) for each in range(100)]

    assert outcomes == [None] * 100
    assert server.questions == 1
    assert not counters.up.is_set()


@pytest.mark.anyio
async def test_a_late_answer_reaches_nobody_else(server: RedisServer, counters: RedisCounters) -> None:
    """Once the server answers in time again, each request gets its own answer."""
    for _ in range(3):
        await counters.spend("used up", LIMIT)
    server.late_seconds, counters.answer_seconds = 10 * ANSWER_SECONDS, ANSWER_SECONDS
    assert await counters.spend("used up", LIMIT) is None
    server.late_seconds, counters.answer_seconds = 0.0, PATIENCE_SECONDS

    assert await counters.connect()
    fresh = [await counters.spend(f"fresh {each}", LIMIT) for each in range(20)]

    assert fresh == [LIMIT.interval_ns] * 20


@pytest.mark.anyio
async def test_a_server_that_is_gone_gives_no_outcome(server: RedisServer, counters: RedisCounters) -> None:
    """A connection that breaks is no error of the request."""
    await server.stop()

    assert await counters.spend("a", LIMIT) is None
    assert not await counters.connect()


@pytest.mark.anyio
async def test_a_server_that_was_started_again_learns_the_script(server: RedisServer, counters: RedisCounters) -> None:
    """It forgot everything: one request goes without an outcome, and `run` puts it right."""
    await server.stop()
    await server.start()
    assert await counters.spend("a", LIMIT) is None

    assert await counters.connect()

    assert await counters.spend("a", LIMIT) == LIMIT.interval_ns


@pytest.mark.anyio
@pytest.mark.parametrize("garbled", [b"+OK\r\n", b":1\r\n", b"*0\r\n", b"*1\r\n$1\r\n1\r\n", b"?\r\n", b"-ERR\r\n"])
async def test_an_answer_that_is_none_leaves_nobody_waiting(
    server: RedisServer, counters: RedisCounters, garbled: bytes
) -> None:
    """Whatever stands at that address: no outcome, and later requests are decided without."""
    server.garbled = garbled

    async with asyncio.timeout(PATIENCE_SECONDS):
        outcomes = await asyncio.gather(counters.spend("a", LIMIT), counters.spend("b", LIMIT))

    assert [*outcomes, await counters.spend("c", LIMIT)] == [None] * 3


@pytest.mark.anyio
async def test_it_stays_connected(server: RedisServer) -> None:
    """`run` connects, and again after a pause whenever the server was lost, until it is cancelled."""
    pauses: asyncio.Queue[float] = asyncio.Queue()
    counters = RedisCounters(server.url, pauses.put, PATIENCE_SECONDS)
    running = asyncio.create_task(counters.run())
    async with asyncio.timeout(PATIENCE_SECONDS):
        await counters.up.wait()
        await server.stop()
        await counters.spend("a", LIMIT)
        await pauses.get()
        await server.start()
        await counters.up.wait()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running

    assert not counters.up.is_set()


@pytest.mark.anyio
async def test_no_request_opens_a_connection(server: RedisServer, counters: RedisCounters) -> None:
    """The one that is needed is open before the first request asks."""
    opened = server.connections

    await asyncio.gather(*(counters.spend(f"key {each}", LIMIT) for each in range(100)))

    assert server.connections == opened == 1


@pytest.mark.anyio
async def test_requests_that_come_together_are_asked_about_together(
    server: RedisServer, counters: RedisCounters
) -> None:
    """A thousand at once take a few questions, and each gets the answer to its own."""
    limits = [Limit(each * SECOND_NS, each * SECOND_NS) for each in range(1, 1_001)]

    outcomes = await asyncio.gather(*(counters.spend(f"key {limit}", limit) for limit in limits))

    assert outcomes == [limit.interval_ns for limit in limits]
    assert server.questions <= 1_000 // MAX_TOGETHER + 2


@pytest.mark.anyio
async def test_a_request_that_is_given_up_holds_up_nobody(server: RedisServer, counters: RedisCounters) -> None:
    """The client of one goes away while it waits; the others are answered."""
    gone, *others = [asyncio.create_task(counters.spend(f"key {each}", LIMIT)) for each in range(5)]
    await asyncio.sleep(0)
    gone.cancel()

    assert await asyncio.gather(*others) == [LIMIT.interval_ns] * 4


@pytest.mark.anyio
async def test_a_password_in_the_address_is_told_to_nobody(
    server: RedisServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is logged about a server that is away names no part of its address."""
    counters = RedisCounters(server.url.replace("//", "//:geheim@"))
    await server.stop()

    await counters.connect()
    await counters.close()

    assert "geheim" not in "".join(capsys.readouterr())
