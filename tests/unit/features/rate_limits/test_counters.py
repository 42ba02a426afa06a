# SPDX-License-Identifier: Apache-2.0
"""What one process remembers: bounded, and never to the good of whoever is being limited."""

from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.rate_limits.counters import SHARED_PLACES
from entrepot.features.rate_limits.counters import SWEEP_NS
from entrepot.features.rate_limits.counters import Counters
from entrepot.features.rate_limits.models import SECOND_NS
from entrepot.features.rate_limits.models import Limit

NOW = 10**18
LIMIT = Limit(SECOND_NS, 5 * SECOND_NS)


def use_up(counters: Counters, key: str, now: int = NOW) -> int:
    """Send requests until one is refused, and return how many were admitted."""
    count = 0
    while counters.spend(key, LIMIT, now) > 0:
        count += 1
    return count


def test_each_key_has_a_burst_of_its_own() -> None:
    """What one used up, another still has."""
    counters = Counters()

    assert [use_up(counters, key) for key in ("a", "b")] == [5, 5]


def test_a_flood_of_new_keys_forgives_nobody() -> None:
    """Whoever is being limited stays so, however many keys are made up, and memory has a bound."""
    counters = Counters(capacity=100)
    use_up(counters, "guesser")

    for each in range(10_000):
        counters.spend(f"made up {each}", LIMIT, NOW + each)

    assert counters.spend("guesser", LIMIT, NOW + 10_000) < 0
    assert len(counters) == 100


def test_keys_without_a_place_share_some_and_get_no_more_than_their_limit() -> None:
    """A full table does not open the door: each new key gets its burst at most, all together a bounded number."""
    counters = Counters(capacity=1)
    use_up(counters, "first")

    taken = [use_up(counters, f"late {each}") for each in range(10_000)]

    assert max(taken) == 5
    assert sum(taken) <= 5 * SHARED_PLACES


def test_keys_that_are_whole_again_make_room() -> None:
    """What says nothing is forgotten, and a new key gets a place of its own."""
    counters = Counters(capacity=2)
    counters.spend("a", LIMIT, NOW)
    counters.spend("b", LIMIT, NOW)

    later = NOW + SWEEP_NS
    taken = [use_up(counters, key, later) for key in ("c", "d")]

    assert taken == [5, 5]
    assert len(counters) == 2


def test_a_key_takes_along_what_it_spent_in_a_shared_place() -> None:
    """Whoever used up a burst without a place of their own has none when there is room again."""
    counters = Counters(capacity=1)
    use_up(counters, "first")
    use_up(counters, "late")

    later = NOW + 5 * SECOND_NS
    counters.spend("late", LIMIT, later - 1)

    assert use_up(counters, "late", later) == 5 - 1


@given(st.integers(-(10**17), 10**17))
def test_no_step_of_the_clock_fills_the_table_for_good(step: int) -> None:
    """After the longest window, whatever the clock showed before, new keys find room."""
    counters = Counters(capacity=3)
    for key in "abc":
        use_up(counters, key)

    now = NOW + step
    use_up(counters, "d", now)
    later = now + LIMIT.window_ns + SWEEP_NS

    assert use_up(counters, "e", later) == 5
    assert "e" in counters._whole_at
