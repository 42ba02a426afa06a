# SPDX-License-Identifier: Apache-2.0
"""What a destination has to do."""

from abc import ABC
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import Unavailable

CHECKPOINT_TYPE = "audit.checkpoint"


class NotDelivered(Unavailable):
    """The destination did not take it. `pause_seconds` is how long it wants to be left alone, 0 if it does not say."""

    code = "audit_not_delivered"

    def __init__(self, message: str | None = None, *, pause_seconds: int = 0) -> None:
        super().__init__(message)
        self.pause_seconds = pause_seconds


class Rejected(NotDelivered):
    """The destination took what it wanted of them, and never wants the rest: it is not to be sent again."""

    code = "audit_rejected"


@dataclass(frozen=True, slots=True)
class Line:
    """One record, or one checkpoint, as it is sent: JSON on one line."""

    seq: int
    at: Milliseconds
    type: str
    is_notice: bool
    """Whether it tells of something that was refused or failed, or of break-glass access."""
    text: str
    token: str = ""
    """The checkpoint itself; empty for a record."""

    @property
    def stream(self) -> str:
        """What it is one of: `records` or `checkpoints`, which are numbered and sent each for themselves."""
        return "checkpoints" if self.token else "records"


class Destination(ABC):
    """Takes lines in their order, those of one call all of one stream.

    What it was given before may come again: at least once, never in between.
    """

    @abstractmethod
    async def send(self, lines: Sequence[Line]) -> None:
        """Deliver them all before returning.

        Raises `NotDelivered`: then any number of them may have arrived; and `Rejected`: then all that ever will have.
        """

    @abstractmethod
    async def close(self) -> None:
        """Let go of what is held open."""
