# SPDX-License-Identifier: Apache-2.0
"""Work that, once begun, is finished even when the client is gone."""

import asyncio
from collections.abc import Coroutine
from typing import Any
from typing import TypeVar

T = TypeVar("T")


async def finish_despite_cancellation(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end; a cancellation that arrives meanwhile is raised after it."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
