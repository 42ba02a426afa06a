# SPDX-License-Identifier: Apache-2.0
"""What is measured, and how one process counts it: plain numbers, without locks.

Whatever is worth measuring has a method `measure` that yields what it counted.
Only the task or thread that does the work changes its numbers; whoever reads
them may see one a moment before the next.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from typing import Protocol
from typing import runtime_checkable


class Kind(StrEnum):
    """What the number of a metric does."""

    COUNTER = "counter"
    """Only grows while a process lives."""
    GAUGE = "gauge"
    """Is true at this moment."""
    HISTOGRAM = "histogram"
    """Counts how often something was at most so large, and adds it up."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A name of the Prometheus data model, with its unit at its end; a counter's name is without `_total`."""

    name: str
    help: str
    kind: Kind
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()
    """The upper bounds of a histogram, ascending."""


class Measurement(NamedTuple):
    """One number, or those of one histogram: how many were at most each bound, how many above all, and their sum."""

    metric: Metric
    values: list[float]
    labels: tuple[str, ...] = ()
    """A value for each label of the metric: a word of ours, never text that a client chose."""


@runtime_checkable
class Measured(Protocol):
    """Something that counts."""

    def measure(self) -> Iterator[Measurement]:
        """Yield what was counted since this process started.

        Quick, because it is asked every second; called from another thread than the one that counts.
        """


class Histogram:
    """Counts of values by size."""

    __slots__ = ("_bounds", "_counts", "_sum")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Count one value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    @property
    def values(self) -> list[float]:
        """How many fell into each bucket, and the sum, as `Measurement` has them."""
        return [*self._counts, self._sum]
