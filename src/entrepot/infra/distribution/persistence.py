# SPDX-License-Identifier: Apache-2.0
"""How often something is tried again that passes by itself, and how long is waited before."""

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from dataclasses import dataclass

from entrepot.infra.distribution.errors import Interrupted
from entrepot.infra.distribution.errors import RegistryRefused
from entrepot.infra.http.outbound.errors import AnswerUnusable
from entrepot.infra.http.outbound.errors import AnswerUnwanted
from entrepot.infra.http.outbound.errors import TooSlow
from entrepot.infra.http.outbound.errors import Unreachable
from entrepot.kernel.errors import AppError

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that say: not now."""

LONGEST_WANTED_SECONDS = 300.0
"""A server that wants more time than this is given up."""


@dataclass(frozen=True, slots=True)
class Persistence:
    """When to give up: after so many attempts without any progress, over a minute in all."""

    attempts: int = 10
    first_seconds: float = 0.5
    longest_seconds: float = 15.0
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep


class Attempts:
    """The attempts at one thing."""

    def __init__(self, persistence: Persistence) -> None:
        self._persistence = persistence
        self._failed = 0

    def progressed(self) -> None:
        """Count from the beginning again: something got further."""
        self._failed = 0

    async def again(self, error: AppError) -> None:
        """Wait before another attempt, as long as the other side wants; or raise the error when it was enough."""
        wanted_seconds = error.wait_seconds if isinstance(error, RegistryRefused) else None
        persistence = self._persistence
        self._failed += 1
        pause = min(persistence.first_seconds * 2 ** (self._failed - 1), persistence.longest_seconds)
        seconds = max(pause, wanted_seconds or 0.0)
        if self._failed >= persistence.attempts or seconds > LONGEST_WANTED_SECONDS:
            raise error
        await persistence.sleep(seconds)


def is_passing(error: AppError) -> bool:
    """Tell whether it may be otherwise in a moment: a connection broke, or a server has too much to do."""
    if isinstance(error, RegistryRefused):
        return error.answered_status in PASSING
    if isinstance(error, AnswerUnwanted):
        return False
    return isinstance(error, Interrupted | Unreachable | TooSlow | AnswerUnusable)
