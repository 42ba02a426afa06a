# SPDX-License-Identifier: Apache-2.0
"""Asking storages, which are asynchronous, from commands, which wait for one answer after another."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Iterator
from typing import TypeVar

T = TypeVar("T")


def in_portions(runner: asyncio.Runner, found: AsyncIterator[T], limit: int) -> Iterator[list[T]]:
    """Yield what an asynchronous iterator does, up to `limit` at a time; between that nothing of it runs."""

    async def some() -> list[T]:
        """Return the next portion, empty at the end."""
        portion: list[T] = []
        async for each in found:
            portion.append(each)
            if len(portion) == limit:
                break
        return portion

    while portion := runner.run(some()):
        yield portion
