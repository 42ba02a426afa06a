# SPDX-License-Identifier: Apache-2.0
"""Work that, once begun, is finished even when the client is gone."""

import asyncio
from collections.abc import Coroutine
from typing import Any
from typing import TypeVar

T = TypeVar("T")


async def finish_despite_cancellation(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end; a cancellation that arrives meanwhile, however often, is raised after it."""
    task = asyncio.ensure_future(work)
    is_cancelled = False
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            is_cancelled = True
    if is_cancelled:
        raise asyncio.CancelledError from (None if task.cancelled() else task.exception())
    return task.result()
