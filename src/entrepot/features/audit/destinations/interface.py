# SPDX-License-Identifier: Apache-2.0
"""What a destination has to do."""

from abc import ABC
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import Unavailable


class NotDelivered(Unavailable):
    """The destination did not take it."""

    code = "audit_not_delivered"


@dataclass(frozen=True, slots=True)
class Line:
    """One record, or one checkpoint, as it is sent: JSON on one line."""

    seq: int
    at: Milliseconds
    type: str
    is_notice: bool
    """Whether it tells of something that was refused or failed."""
    text: str


class Destination(ABC):
    """Takes lines in their order. What it was given before may come again: at least once, never in between."""

    @abstractmethod
    async def send(self, lines: Sequence[Line]) -> None:
        """Deliver them all before returning. Raises `NotDelivered`: then any number of them may have arrived."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of what is held open."""
