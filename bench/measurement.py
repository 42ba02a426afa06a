# SPDX-License-Identifier: Apache-2.0
"""Measuring several sides in turns, and what their medians say."""

import os
import random
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from statistics import median
from typing import Any

RESAMPLES = 10_000


@dataclass(frozen=True, slots=True)
class Sample:
    """What one round of one side gave. `value` is in the row's unit."""

    value: float
    cpu_seconds: float | None = None
    """Processor time of the server and its children, per what `conditions["cpu"]` says."""
    p50_ms: float | None = None
    p99_ms: float | None = None
    load_average: float = field(default_factory=lambda: os.getloadavg()[0])


Round = Callable[[int], Sample]
"""Does one round; gets its number, which is never the same twice, so that content can be fresh."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A ratio of medians, ours over the other side's, that has to be reached."""

    against: str
    ratio: float


@dataclass(frozen=True, slots=True)
class Ratio:
    """The median of one of our sides (`of`) over another side's, with its bootstrap 95 % interval."""

    against: str
    ratio: float
    low: float
    high: float
    goal: float | None
    of: str = ""

    @property
    def verdict(self) -> str:
        """Whether the whole interval lies on the goal's side."""
        if self.goal is None:
            return ""
        if self.low >= self.goal:
            return "reached"
        return "missed" if self.high < self.goal else "undecided"


@dataclass(frozen=True, slots=True)
class Bound:
    """A number of ours that has to stay on one side of a limit, with its bootstrap 95 % interval."""

    what: str
    value: float
    low: float
    high: float
    unit: str
    limit: float
    is_least: bool
    """Whether the limit is the least the number may be; else it is the most."""

    @property
    def verdict(self) -> str:
        """Whether the whole interval lies on the goal's side."""
        if self.low >= self.limit if self.is_least else self.high <= self.limit:
            return "reached"
        return "missed" if (self.high < self.limit if self.is_least else self.low > self.limit) else "undecided"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row as it is kept: every sample, and the ratios and bounds drawn from them."""

    row: str
    unit: str
    samples: Mapping[str, Sequence[Sample]]
    ratios: Sequence[Ratio]
    conditions: Mapping[str, Any]
    bounds: Sequence[Bound] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what is written to `results`."""
        return {
            "row": self.row,
            "unit": self.unit,
            "conditions": dict(self.conditions),
            "medians": {side: round(median(sample.value for sample in some), 3) for side, some in self.samples.items()},
            "ratios": [asdict(ratio) | {"verdict": ratio.verdict} for ratio in self.ratios],
            "bounds": [asdict(bound) | {"verdict": bound.verdict} for bound in self.bounds],
            "samples": {side: [_rounded(sample) for sample in some] for side, some in self.samples.items()},
        }


def measure(sides: Mapping[str, Round], rounds: int) -> dict[str, list[Sample]]:
    """Run the sides in turns, A B B A, after one round of each that does not count: none always comes after another."""
    samples: dict[str, list[Sample]] = {side: [] for side in sides}
    order = list(sides.items())
    for number in range(rounds + 1):
        order.reverse()
        for side, run in order:
            sample = run(number)
            if number:
                samples[side].append(sample)
    return samples


def compare(samples: Mapping[str, Sequence[Sample]], ours: str, goals: Sequence[Goal]) -> list[Ratio]:
    """Compare `ours` with every other side."""
    wanted = {goal.against: goal.ratio for goal in goals}
    own = [sample.value for sample in samples[ours]]
    found = []
    for side, others in samples.items():
        if side != ours:
            ratio, low, high = ratio_of_medians(own, [sample.value for sample in others])
            found.append(Ratio(side, round(ratio, 3), round(low, 3), round(high, 3), wanted.get(side), ours))
    return found


def compare_each(samples: Mapping[str, Sequence[Sample]], ours: Sequence[str], goals: Sequence[Goal]) -> list[Ratio]:
    """Compare every side of ours with every other side, and none of ours with another."""
    others = {side: some for side, some in samples.items() if side not in ours}
    return [ratio for own in ours for ratio in compare({own: samples[own], **others}, own, goals)]


def at_least(what: str, values: Sequence[float], limit: float, unit: str) -> Bound:
    """Hold the median of `values` against the least that it may be."""
    return _bound(what, values, limit, unit, is_least=True)


def at_most(what: str, values: Sequence[float], limit: float, unit: str) -> Bound:
    """Hold the median of `values` against the most that it may be."""
    return _bound(what, values, limit, unit, is_least=False)


def ratio_at_most(what: str, ours: Sequence[float], theirs: Sequence[float], limit: float) -> Bound:
    """Hold the ratio of two medians against the most that it may be."""
    ratio, low, high = ratio_of_medians(ours, theirs)
    return Bound(what, round(ratio, 3), round(low, 3), round(high, 3), "x", limit, is_least=False)


def ratio_of_medians(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float, float]:
    """Return the ratio of the medians and its bootstrap 95 % interval (percentiles, fixed seed)."""
    source = random.Random(20)
    drawn = (
        median(source.choices(ours, k=len(ours))) / median(source.choices(theirs, k=len(theirs)))
        for _ in range(RESAMPLES)
    )
    return median(ours) / median(theirs), *_middle(drawn)


def _bound(what: str, values: Sequence[float], limit: float, unit: str, *, is_least: bool) -> Bound:
    source = random.Random(20)
    low, high = _middle(median(source.choices(values, k=len(values))) for _ in range(RESAMPLES))
    return Bound(what, round(median(values), 3), round(low, 3), round(high, 3), unit, limit, is_least)


def _middle(drawn: Iterable[float]) -> tuple[float, float]:
    """Return between which two values the middle 95 % of the resamples lie."""
    ordered = sorted(drawn)
    return ordered[RESAMPLES * 25 // 1000], ordered[RESAMPLES * 975 // 1000 - 1]


def _rounded(sample: Sample) -> dict[str, float]:
    return {name: round(value, 3) for name, value in asdict(sample).items() if value is not None}
