# SPDX-License-Identifier: Apache-2.0
"""Counting in Redis or Valkey, so that all server processes count together. Imported only where one is configured.

A script does there what `gcra` does, by the clock of that server. Requests that come while it is asked are asked about
together, in the next question. No request waits for a connection to be made, or for an answer that takes longer than
`ANSWER_SECONDS`: whoever gets no outcome decides without. From then on nobody asks, until a task beside the requests
has found that the server answers in time again.
"""

import asyncio
import hashlib
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from typing import NamedTuple

import structlog
from redis.asyncio import ConnectionPool
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from entrepot.features.rate_limits.models import Limit
from entrepot.features.rate_limits.models import Outcome
from entrepot.infra.telemetry.metrics import Kind
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.infra.telemetry.metrics import Metric

ANSWER_SECONDS = 0.02
CONNECT_SECONDS = 1.0
RETRY_SECONDS = 1.0
MAX_TOGETHER = 256

PREFIX = "entrepot:rate:"

MICROSECOND_NS = 1_000
"""What the script counts in: its numbers are exact up to 2^53 only."""

SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local outcomes = {}
for place, key in ipairs(KEYS) do
  local interval, window = tonumber(ARGV[2 * place - 1]), tonumber(ARGV[2 * place])
  local spent = (tonumber(redis.call('GET', key)) or now) - now
  if spent < 0 then
    spent = 0
  elseif spent > window then
    spent = window
  end
  local after = spent + interval
  if after <= window then
    redis.call('SET', key, string.format('%.0f', now + after), 'PX', math.ceil(after / 1000) + 1)
    outcomes[place] = after
  else
    if spent == window then
      redis.call('SET', key, string.format('%.0f', now + window), 'PX', math.ceil(window / 1000) + 1)
    end
    outcomes[place] = window - after
  end
end
return outcomes
"""
SCRIPT_NAME = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()
"""By which Redis knows a script that it was given before."""

UP = Metric("entrepot_rate_limits_together", "Server processes that count in Redis: it answers in time.", Kind.GAUGE)

Pause = Callable[[float], Awaitable[None]]
"""Returns after so many seconds."""

log = structlog.get_logger(__name__)


class _Asked(NamedTuple):
    """A request that waits to be decided about."""

    key: str
    interval: int
    window: int
    answer: asyncio.Future[Outcome | None]


class RedisCounters:
    """Counts in one Redis or Valkey."""

    def __init__(self, url: str, pause: Pause = asyncio.sleep, answer_seconds: float = ANSWER_SECONDS) -> None:
        """Connect to nothing before `run` or `connect`."""
        self.answer_seconds = answer_seconds
        """How long an answer is waited for."""
        pool = ConnectionPool.from_url(
            url,
            socket_timeout=CONNECT_SECONDS,
            socket_connect_timeout=CONNECT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            driver_info=None,
        )
        self._redis = Redis(connection_pool=pool)
        self._pause = pause
        self._lost = asyncio.Event()
        self._is_told_away = False
        self._waiting: list[_Asked] = []
        self._asking: asyncio.Task[None] | None = None
        self.up = asyncio.Event()
        """Set while it is asked."""

    async def run(self) -> None:
        """Connect, and again whenever it did not answer in time, until cancelled."""
        try:
            while True:
                if await self.connect():
                    await self._lost.wait()
                await self._pause(RETRY_SECONDS)
        finally:
            await self.close()

    async def close(self) -> None:
        """Ask no more, and close the connections."""
        self.up.clear()
        await self._redis.aclose()
        await self._redis.connection_pool.disconnect()

    async def connect(self) -> bool:
        """Open a connection, give the server the script, and tell whether it answers in time."""
        self._lost.clear()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._redis.connection_pool.disconnect()
                await self._redis.script_load(SCRIPT)
            async with asyncio.timeout(self.answer_seconds):
                await self._redis.ping()
        except (RedisError, OSError) as error:
            self._lose(error)
            return False
        self._is_told_away = False
        self.up.set()
        log.info("rate_limits.store_used")
        return True

    async def spend(self, key: str, limit: Limit) -> Outcome | None:
        """Decide about one request of `key`, and count it if it is admitted; None when Redis gave no answer in time."""
        if not self.up.is_set():
            return None
        interval = max(1, limit.interval_ns // MICROSECOND_NS)
        asked = _Asked(PREFIX + key, interval, interval * limit.burst, asyncio.get_running_loop().create_future())
        self._waiting.append(asked)
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_for_all())
        return await asked.answer

    def measure(self) -> Iterator[Measurement]:
        """Yield whether it is asked."""
        yield Measurement(UP, [float(self.up.is_set())])

    async def _ask_for_all(self) -> None:
        """Put questions until nobody waits any more; whatever happens, nobody waits for ever."""
        try:
            while self._waiting:
                together, self._waiting = self._waiting[:MAX_TOGETHER], self._waiting[MAX_TOGETHER:]
                outcomes: list[Outcome | None] = [None] * len(together)
                try:
                    outcomes = await self._outcomes(together)
                finally:
                    for asked, outcome in zip(together, outcomes, strict=True):
                        if not asked.answer.done():
                            asked.answer.set_result(outcome)
        finally:
            self._asking = None

    async def _outcomes(self, together: list[_Asked]) -> list[Outcome | None]:
        if not self.up.is_set():
            return [None] * len(together)
        keys = (asked.key for asked in together)
        limits = (number for asked in together for number in (asked.interval, asked.window))
        try:
            async with asyncio.timeout(self.answer_seconds):
                found = await self._redis.evalsha(SCRIPT_NAME, len(together), *keys, *limits)
            return _read(found, len(together))
        except (RedisError, OSError, ValueError) as error:
            self._lose(error)
            return [None] * len(together)

    def _lose(self, error: Exception) -> None:
        """Ask no more until it is connected again. Logged once, by the sort of error: others may name the address."""
        if not self._is_told_away:
            log.warning("rate_limits.store_away", reason=type(error).__name__)
        self._is_told_away = True
        self.up.clear()
        self._lost.set()


def _read(found: object, count: int) -> list[Outcome | None]:
    """Return what the script answered. Raises `ValueError` for what it never answers."""
    if not isinstance(found, list) or len(found) != count or not all(isinstance(each, int) for each in found):
        raise ValueError("no answer of the script")
    return [each * MICROSECOND_NS for each in found]
