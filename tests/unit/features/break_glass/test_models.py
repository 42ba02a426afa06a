# SPDX-License-Identifier: Apache-2.0
"""What may become of an opening, in any order of what people do and time that passes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.break_glass.errors import EligibilityInvalid
from entrepot.features.break_glass.errors import OpeningInvalid
from entrepot.features.break_glass.models import LINGERS_MS
from entrepot.features.break_glass.models import MAX_MINUTES
from entrepot.features.break_glass.models import Eligibility
from entrepot.features.break_glass.models import Glass
from entrepot.features.break_glass.models import Opening
from entrepot.features.break_glass.models import State
from entrepot.features.break_glass.models import Wanted
from entrepot.features.break_glass.models import opened
from entrepot.features.grants import Grantee
from entrepot.features.grants import GranteeKind
from entrepot.features.grants import Terms
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.errors import AppError
from entrepot.kernel.identifiers import Ulid

ID = Ulid("01JD2F7ZK3Q8V5T6X9Y0B1C2D4")
BEGAN = Milliseconds(1_000_000)
PEOPLE = st.sampled_from(["user:alice", "user:bob", "user:root"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(0, 40).map(str)),
        st.tuples(st.just("end"), PEOPLE),
        st.tuples(st.just("acknowledge"), PEOPLE),
        st.tuples(st.just("tell"), st.just("")),
    ),
    max_size=12,
)


def eligibility(longest_minutes: int = 60, kind: GranteeKind = GranteeKind.USER) -> Eligibility:
    """Let alice be eligible."""
    terms = Terms(Grantee(kind, "alice"), "team/**", "admin")
    return Eligibility(ID, terms, longest_minutes, BEGAN, "user:root")


def an_opening() -> Opening:
    """Let alice open that for half an hour."""
    return opened(ID, "user:alice", eligibility(), Wanted(ID, "something is on fire", 30), BEGAN)


def step(opening: Opening, what: str, value: str, now: Milliseconds) -> Opening:
    """Do what somebody does, or what the job does once the time is over."""
    if what == "end":
        return opening.ended(value, now)
    if what == "acknowledge":
        return opening.acknowledged(value, "seen", now)
    is_over = opening.ended_by is None and now >= opening.ends_at
    return opening.run_out() if what == "tell" and is_over else opening


@given(STEPS)
def test_an_opening_only_ever_goes_on(steps: list[tuple[str, str]]) -> None:
    """From open to ended to acknowledged, never back, never longer than it was to last, by nobody for themselves."""
    opening, now, order = an_opening(), BEGAN, list(State)
    last_end = opening.ends_at
    for what, value in steps:
        before = opening.state(now)
        if what == "wait":
            now = after(now, int(value) * MINUTE_MS)
        try:
            opening = step(opening, what, value, now)
        except AppError:
            assert opening.state(now) is before
        assert order.index(opening.state(now)) >= order.index(before)
        assert opening.ends_at <= last_end
        assert opening.acknowledged_by != opening.principal
        assert opening.state(now) is not State.OPEN or (now < last_end and opening.ended_by is None)


@given(st.integers(-5, MAX_MINUTES + 5), st.one_of(st.none(), st.integers(-5, MAX_MINUTES + 5)))
def test_nothing_is_open_for_longer_than_was_set(longest: int, minutes: int | None) -> None:
    """Nor is anything set that is too long."""
    try:
        opening = opened(ID, "user:alice", eligibility(longest), Wanted(ID, "something is on fire", minutes), BEGAN)
    except EligibilityInvalid:
        assert not 1 <= longest <= MAX_MINUTES
    except OpeningInvalid:
        assert minutes is not None
        assert not 1 <= minutes <= longest
    else:
        assert 0 < opening.ends_at - BEGAN == (minutes or longest) * MINUTE_MS <= MAX_MINUTES * MINUTE_MS


@pytest.mark.parametrize("kind", [GranteeKind.ROBOT, GranteeKind.WORKLOAD])
def test_only_people_are_eligible(kind: GranteeKind) -> None:
    """By name, or in a group."""
    with pytest.raises(EligibilityInvalid):
        eligibility(kind=kind)


def test_what_is_done_by_it_is_told_from_before_and_after() -> None:
    """What another process lets happen in the two seconds after an early end counts too."""
    opening = an_opening()
    ended = replace(opening, ends_at=after(BEGAN, MINUTE_MS))
    glass = Glass(ended.object, ended.principal, ended.opened_at, ended.ends_at)
    moments = [-1, 0, MINUTE_MS, MINUTE_MS + LINGERS_MS - 1, MINUTE_MS + LINGERS_MS]

    assert [glass.covers("user:alice", after(BEGAN, each)) for each in moments] == [False, True, True, True, False]
    assert not glass.covers("user:bob", BEGAN)
