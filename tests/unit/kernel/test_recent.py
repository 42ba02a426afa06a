# SPDX-License-Identifier: Apache-2.0
"""Values that may be a little old."""

import pytest

from entrepot.kernel.recent import Recent
from tests.fakes.settable_clock import SettableClock

FRESH_MS = 100


@pytest.fixture
def clock() -> SettableClock:
    """A clock that stands still."""
    return SettableClock()


@pytest.fixture
def recent(clock: SettableClock) -> Recent[str, bool]:
    """Room for two values."""
    return Recent(clock, FRESH_MS, capacity=2)


@pytest.mark.parametrize(("span_ms", "expected"), [(0, False), (FRESH_MS - 1, False), (FRESH_MS, None), (-1, None)])
def test_a_value_is_fresh_for_a_while(
    recent: Recent[str, bool], clock: SettableClock, span_ms: int, expected: bool | None
) -> None:
    """After that, or when the clock was set back, it is as if nobody had put it; a value may be false."""
    recent.put("a", False)
    clock.advance(span_ms)

    assert recent.get("a") is expected
    assert recent.get("b") is None


def test_what_was_put_first_makes_room(recent: Recent[str, bool]) -> None:
    """Putting a value again makes it the newest; there are never more than fit."""
    for key in ("a", "b", "a", "c"):
        recent.put(key, True)

    assert [recent.get(key) for key in ("a", "b", "c")] == [True, None, True]


def test_a_value_can_be_forgotten(recent: Recent[str, bool]) -> None:
    """Only that one, and one that is not there is no mistake."""
    recent.put("a", True)
    recent.put("b", True)

    recent.forget("a")
    recent.forget("nobody")

    assert (recent.get("a"), recent.get("b")) == (None, True)
