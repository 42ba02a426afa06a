# SPDX-License-Identifier: Apache-2.0
"""How a process counts."""

from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra.telemetry.metrics import Histogram

BOUNDS = (1.0, 2.0, 4.0)


def test_a_value_counts_in_the_first_bucket_that_holds_it() -> None:
    """A bound belongs to its bucket; what is above all bounds has a bucket too."""
    histogram = Histogram(BOUNDS)
    for value in (0, 1, 1.5, 4, 5):
        histogram.observe(value)

    assert histogram.values == [2, 1, 1, 1, 11.5]


@given(values=st.lists(st.floats(0, 10), max_size=20))
def test_every_value_counts_once(values: list[float]) -> None:
    """The buckets add up to the number of values, and the last number to their sum."""
    histogram = Histogram(BOUNDS)
    for value in values:
        histogram.observe(value)
    *counts, total = histogram.values

    assert sum(counts) == len(values)
    assert abs(total - sum(values)) < 1e-6
