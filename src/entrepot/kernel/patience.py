# SPDX-License-Identifier: Apache-2.0
"""Waiting for others no longer than so long, in a process that may itself stand still meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

LAST_SHARE = 0.1


@asynccontextmanager
async def patience(seconds: float, last_share: float = LAST_SHARE) -> AsyncIterator[None]:
    """Raise `TimeoutError` unless the block ends in time.

    The last share of the time begins when this process gets to it. One that was stopped, or had too much to do, finds
    that all of the time is over and that the answer has long been there: it has that share to take it in.
    """
    loop, limit = asyncio.get_running_loop(), asyncio.timeout(None)
    last = loop.call_later(seconds * (1 - last_share), lambda: limit.reschedule(loop.time() + seconds * last_share))
    try:
        async with limit:
            yield
    finally:
        last.cancel()
