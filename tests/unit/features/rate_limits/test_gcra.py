# SPDX-License-Identifier: Apache-2.0
"""The algorithm: what it admits, beside a bucket that is counted in the most naive way."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.rate_limits.gcra import spend
from entrepot.features.rate_limits.gcra import whole_after
from entrepot.features.rate_limits.models import Limit

BEGINNING = 10**18

LIMITS = st.builds(
    lambda interval, burst: Limit(interval, interval * burst),
    st.integers(1, 10**9),
    st.integers(1, 20),
)
FORWARD = st.lists(st.one_of(st.just(0), st.integers(0, 3 * 10**9)), max_size=60)
ANYHOW = st.lists(st.one_of(st.just(0), st.integers(-3 * 10**9, 3 * 10**9)), max_size=60)


def admitted(limit: Limit, steps: list[int]) -> list[bool]:
    """Send a request after each step of the clock."""
    now, whole_at, answers = BEGINNING, 0, []
    for step in steps:
        now += step
        outcome = spend(limit, whole_at, now)
        whole_at = whole_after(limit, outcome, now)
        answers.append(outcome > 0)
    return answers


def poured(limit: Limit, steps: list[int]) -> list[bool]:
    """Do the same with a bucket that fills in exact fractions."""
    drops, answers = Fraction(limit.burst), []
    for step in steps:
        drops = min(Fraction(limit.burst), drops + Fraction(step, limit.interval_ns))
        answers.append(drops >= 1)
        drops -= answers[-1]
    return answers


@given(LIMITS, FORWARD)
def test_it_equals_a_bucket_that_fills(limit: Limit, steps: list[int]) -> None:
    """Each request gets the answer that the naive count gives it."""
    assert admitted(limit, steps) == poured(limit, steps)


@given(LIMITS, FORWARD, st.data())
def test_no_window_admits_more_than_the_burst_and_the_rate(limit: Limit, steps: list[int], data: st.DataObject) -> None:
    """Between any two requests at most the burst, and one for each interval between them, are admitted."""
    first = data.draw(st.integers(0, len(steps)))
    last = data.draw(st.integers(first, len(steps)))

    answers = admitted(limit, steps)[first:last]

    assert sum(answers) <= limit.burst + Fraction(sum(steps[first + 1 : last]), limit.interval_ns)


@given(LIMITS, ANYHOW)
def test_a_clock_that_goes_back_admits_nothing_more(limit: Limit, steps: list[int]) -> None:
    """No more than the burst, and one for each interval that the clock went forward, are admitted."""
    forward = sum(step for step in steps[1:] if step > 0)

    assert sum(admitted(limit, steps)) <= limit.burst + Fraction(forward, limit.interval_ns)


@given(LIMITS, FORWARD)
def test_a_refused_request_costs_nothing(limit: Limit, steps: list[int]) -> None:
    """Without those that were refused, all others are admitted as before."""
    answers = admitted(limit, steps)
    kept, waited = [], 0
    for step, is_admitted in zip(steps, answers, strict=True):
        waited += step
        if is_admitted:
            kept.append(waited)
            waited = 0

    assert all(admitted(limit, kept))


@given(LIMITS, FORWARD)
def test_who_waits_as_told_is_admitted_and_not_a_moment_before(limit: Limit, steps: list[int]) -> None:
    """A refusal says exactly how long to wait."""
    now, whole_at = BEGINNING, 0
    for step in steps:
        now += step
        outcome = spend(limit, whole_at, now)
        if outcome < 0:
            assert spend(limit, whole_at, now - outcome - 1) < 0
            assert spend(limit, whole_at, now - outcome) > 0
        whole_at = whole_after(limit, outcome, now)


def test_a_clock_set_back_by_a_year_locks_nobody_out() -> None:
    """A moment too far ahead counts as a burst that is used up: the next is admitted after one interval."""
    limit = Limit(1_000, 10_000)
    now = BEGINNING - 10**17

    assert spend(limit, BEGINNING, now) == -1_000
    assert spend(limit, whole_after(limit, -1_000, now), now + 1_000) > 0
