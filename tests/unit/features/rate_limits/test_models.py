# SPDX-License-Identifier: Apache-2.0
"""Limits, and the parts of them that processes admit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.rate_limits.models import SECOND_NS
from entrepot.features.rate_limits.models import Limit
from entrepot.features.rate_limits.models import Rule
from entrepot.features.rate_limits.models import Whose
from entrepot.features.rate_limits.models import seconds
from entrepot.kernel.request_limits import RequestClass


def a_limit(per_second: float, burst: int) -> Limit:
    """Make a limit that limits something."""
    limit = Limit.of(per_second, burst)
    assert limit is not None
    return limit


@given(st.integers(1, 100_000), st.integers(1, 100_000), st.integers(1, 300))
def test_the_parts_together_are_no_more_than_the_whole(per_second: int, burst: int, processes: int) -> None:
    """All parts go on as fast as the whole together, and take as much at once; or one request each."""
    whole = a_limit(per_second, burst)

    part = whole.share(processes)

    assert part.interval_ns == whole.interval_ns * processes
    assert part.burst >= 1
    assert part.burst * processes <= max(burst, processes)
    assert burst - part.burst * processes < processes


def test_no_rate_is_no_limit() -> None:
    """0 requests a second do not mean that nobody may ask."""
    assert Limit.of(0, 10) is None


@pytest.mark.parametrize(("span_ns", "told"), [(0, 1), (1, 1), (SECOND_NS, 1), (SECOND_NS + 1, 2)])
def test_seconds_are_rounded_up(span_ns: int, told: int) -> None:
    """Nobody is told to come back too early, or at once."""
    assert seconds(span_ns) == told


def test_a_rule_is_told_as_quota_and_window() -> None:
    """The window is how long a used-up burst takes to be whole again."""
    rule = Rule(RequestClass.READ, Whose.ADDRESS, a_limit(100, 250))

    assert rule.policy == '"read";q=250;w=3'
