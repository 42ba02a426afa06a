# SPDX-License-Identifier: Apache-2.0
"""What a benchmark says about a goal follows from its samples alone."""

import pytest

from bench.measurement import Goal
from bench.measurement import Sample
from bench.measurement import at_least
from bench.measurement import at_most
from bench.measurement import compare_each
from bench.measurement import ratio_at_most


@pytest.mark.parametrize(
    ("values", "least", "most"),
    [
        ([9.0, 9.0, 9.0], "missed", "reached"),
        ([10.0, 10.0, 10.0], "reached", "reached"),
        ([11.0, 11.0, 11.0], "reached", "missed"),
        ([1.0, 10.0, 100.0], "undecided", "undecided"),
    ],
)
def test_a_limit_is_judged_by_the_whole_interval(values: list[float], least: str, most: str) -> None:
    """A goal counts when the interval of the median lies on its side, the limit itself included."""
    assert at_least("rate", values, 10, "a second").verdict == least
    assert at_most("time", values, 10, "ms").verdict == most


def test_a_ratio_is_ours_over_theirs() -> None:
    """Three times as much as theirs is more than twice as much."""
    bound = ratio_at_most("wait", [3.0, 3.0, 3.0], [1.0, 1.0, 1.0], 2)

    assert (bound.value, bound.verdict) == (3.0, "missed")


def test_our_sides_are_compared_with_the_peers_only() -> None:
    """Each of ours gets a ratio against each of theirs, under its own name, with the goal against that peer."""
    samples = {side: [Sample(value)] for side, value in {"one": 4.0, "two": 8.0, "peer": 2.0, "floor": 16.0}.items()}

    ratios = compare_each(samples, ("one", "two"), [Goal("peer", 3)])

    assert [(ratio.of, ratio.against, ratio.ratio, ratio.verdict) for ratio in ratios] == [
        ("one", "peer", 2.0, "missed"),
        ("one", "floor", 0.25, ""),
        ("two", "peer", 4.0, "reached"),
        ("two", "floor", 0.5, ""),
    ]
