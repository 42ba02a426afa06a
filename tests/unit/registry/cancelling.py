# SPDX-License-Identifier: Apache-2.0
"""Cancelling a coroutine at a chosen one of its waits, as the end of a connection does."""

import asyncio
from collections.abc import Callable
from collections.abc import Coroutine
from collections.abc import Generator
from contextlib import suppress
from functools import partial
from typing import Any


class _Cancelled:
    """Awaits a coroutine, and cancels the task around it when it waits for the `waits[0]`-th time, and so on."""

    def __init__(self, coroutine: Coroutine[Any, Any, object], waits: tuple[int, ...]) -> None:
        self._coroutine = coroutine
        self._waits = waits
        self.count = 0

    def __await__(self) -> Generator[Any, Any, object]:
        """Pass every wait on, and what comes of it back."""
        steps = self._coroutine.__await__()
        go_on: Callable[[], Any] = partial(steps.send, None)
        while True:
            try:
                waited_for = go_on()
            except StopIteration as stop:
                return stop.value
            self.count += 1
            task = asyncio.current_task()
            if self.count in self._waits and task is not None:
                task.cancel()
            try:
                yield waited_for
                go_on = partial(steps.send, None)
            except BaseException as error:  # noqa: BLE001 - it is the coroutine's to deal with
                go_on = partial(steps.throw, error)


async def cancel_at(coroutine: Coroutine[Any, Any, object], *waits: int) -> bool:
    """Run the coroutine, cancel it at those waits, and let all that it started come to its end.

    Returns False when it ended before the first of them.
    """
    cancelled = _Cancelled(coroutine, waits)
    before = asyncio.all_tasks()

    async def run() -> None:
        with suppress(asyncio.CancelledError):
            await cancelled

    await asyncio.create_task(run())
    while started := asyncio.all_tasks() - before:
        await asyncio.wait(started)
    return cancelled.count >= waits[0]
