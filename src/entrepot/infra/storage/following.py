# SPDX-License-Identifier: Apache-2.0
"""How a reader keeps up with a running writer of the same process."""

import asyncio
from enum import Enum

from entrepot.infra.storage.interface import StorageError
from entrepot.infra.storage.interface import WriterAborted


class Outcome(Enum):
    """How a writer ended."""

    COMMITTED = "committed"
    SUSPENDED = "suspended"
    ABORTED = "aborted"


class Progress:
    """How far a writer has come, and a way to wait for more. Belongs to one event loop."""

    def __init__(self, available: int) -> None:
        """`available` is how many bytes a reader could get already."""
        self.available = available
        self.outcome: Outcome | None = None
        self.is_followed = False
        self._changed = asyncio.Event()

    def advance(self, available: int) -> None:
        """Tell readers that they may read up to `available`."""
        self.available = available
        self._wake()

    def end(self, outcome: Outcome) -> None:
        """Tell readers how it ended. The first end counts."""
        self.outcome = self.outcome or outcome
        self._wake()

    async def beyond(self, offset: int) -> int:
        """Wait for bytes behind `offset` and return how many bytes there are then.

        Returns `offset` itself when the writer committed and there are no more.
        Raises `WriterAborted` when it ended in any other way.
        """
        while self.available <= offset and self.outcome is None:
            await self._changed.wait()
        if self.outcome in (Outcome.SUSPENDED, Outcome.ABORTED):
            raise _aborted()
        return max(self.available, offset)

    async def ended(self) -> None:
        """Wait until the writer committed. Raises `WriterAborted` when it ends in any other way."""
        while self.outcome is None:
            await self._changed.wait()
        if self.outcome is not Outcome.COMMITTED:
            raise _aborted()

    def require_running(self) -> None:
        """Raise `StorageError` when the writer has ended."""
        if self.outcome is not None:
            raise StorageError(f"this upload is {self.outcome.value} already; resume it or start another one")

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


def _aborted() -> WriterAborted:
    return WriterAborted("the upload that was being followed ended early; ask for the object again")
