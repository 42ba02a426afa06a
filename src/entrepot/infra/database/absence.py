# SPDX-License-Identifier: Apache-2.0
"""Not waiting for a server that is away: a read waits so long at most, and others not at all once that is known."""

import time
from collections.abc import Awaitable
from collections.abc import Callable
from typing import TypeVar

from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.kernel.patience import patience

T = TypeVar("T")

PATIENCE_SECONDS = 5.0
QUICK_SECONDS = 0.5
"""A failure that took no longer costs nobody much: the next request asks again."""

PAUSE_SECONDS = 2.0
"""How long nobody asks after a failure that took longer."""


class Absence:
    """Whether a server answers, as the reads of one process find out."""

    def __init__(
        self, patience_seconds: float = PATIENCE_SECONDS, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._patience_seconds = patience_seconds
        self._monotonic = monotonic
        self._is_away = False
        self._is_silent = False
        self._asked_again_at = 0.0
        self._answered_at = float("-inf")

    async def ask(self, read: Callable[[], Awaitable[T]]) -> T:
        """Run a read, once more where only the connections that were held had ended. Raises `DatabaseUnavailable`."""
        if not self._is_away:
            begun = self._monotonic()
            try:
                return await self._bounded(read)
            except DatabaseUnavailable:
                if self._took_long(begun) and self._answered_at > begun:
                    raise  # others were answered meanwhile: it is slow, and not away
                self._note(begun)
                if self._is_silent:
                    raise
        if self._is_silent:
            # One asks; who comes meanwhile does not wait for the answer.
            now = self._monotonic()
            if now < self._asked_again_at:
                raise DatabaseUnavailable("the database did not answer a moment ago")
            self._asked_again_at = now + self._patience_seconds
        begun = self._monotonic()
        try:
            result = await self._bounded(read)
        except DatabaseUnavailable:
            self._note(begun)
            raise
        self._is_away = self._is_silent = False
        return result

    async def _bounded(self, read: Callable[[], Awaitable[T]]) -> T:
        try:
            async with patience(self._patience_seconds):
                result = await read()
        except TimeoutError as error:
            raise DatabaseUnavailable(f"the database has not answered for {self._patience_seconds:.0f} s") from error
        self._answered_at = self._monotonic()
        return result

    def _note(self, begun: float) -> None:
        self._is_away = True
        self._is_silent = self._took_long(begun)
        self._asked_again_at = self._monotonic() + PAUSE_SECONDS

    def _took_long(self, begun: float) -> bool:
        return self._monotonic() - begun > QUICK_SECONDS
