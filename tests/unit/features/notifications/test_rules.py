# SPDX-License-Identifier: Apache-2.0
"""Thresholds: told once when crossed, daily while that lasts, once when it is well, and never at a wobble."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.notifications.errors import RuleInvalid
from entrepot.features.notifications.rules import SPECS
from entrepot.features.notifications.rules import Condition
from entrepot.features.notifications.rules import Rule
from entrepot.features.notifications.rules import Terms
from entrepot.features.notifications.rules import Turn
from entrepot.features.notifications.rules import check
from entrepot.features.notifications.rules import step
from entrepot.features.notifications.rules import terms_of
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Milliseconds

STORAGE = Rule(SPECS["storage"], terms_of(SPECS["storage"]))
TOKENS = Rule(SPECS["tokens"], terms_of(SPECS["tokens"]))
NOW = 1_800_000_000_000


def turns(rule: Rule, values: list[int | None], pause_ms: int = 5 * MINUTE_MS) -> list[Turn | None]:
    """Let something take values one after another, and return what is told of each."""
    condition: Condition | None = None
    told = []
    for number, value in enumerate(values):
        condition, turn = step(rule, condition, value, Milliseconds(NOW + number * pause_ms))
        told.append(turn)
    return told


def test_a_level_is_told_once_and_a_higher_one_again() -> None:
    """What lasts for a few minutes is not told again."""
    assert turns(STORAGE, [70, 80, 81, 89, 90, 96, 99]) == [
        None,
        Turn.CROSSED,
        None,
        None,
        Turn.CROSSED,
        Turn.CROSSED,
        None,
    ]


def test_a_wobble_is_not_told() -> None:
    """Well is what is a little below the lowest level."""
    assert turns(STORAGE, [80, 79, 80, 78, 80, 77]) == [Turn.CROSSED, None, None, None, None, Turn.WELL]


def test_what_lasts_is_told_daily() -> None:
    """And no more often."""
    assert turns(STORAGE, [85] * 9, DAY_MS // 4) == [Turn.CROSSED, *[None] * 3, Turn.LASTS, *[None] * 3, Turn.LASTS]


def test_days_that_are_left_are_told_at_each_level_only() -> None:
    """A token that expires is told at fourteen days and at three, and renewing it needs no word."""
    assert turns(TOKENS, [20, 14, 13, 5, 3, 0, None], DAY_MS) == [
        None,
        Turn.CROSSED,
        None,
        None,
        Turn.CROSSED,
        None,
        None,
    ]


@given(values=st.lists(st.integers(0, 100), min_size=1, max_size=60))
def test_telling_alternates_and_never_floods(values: list[int]) -> None:
    """Well is only told of what was told; within a day nothing is told of more often than levels are passed."""
    told = turns(STORAGE, list(values))
    is_told, crossed = False, 0
    for value, turn in zip(values, told, strict=True):
        if turn is Turn.CROSSED:
            assert value >= 80
            is_told, crossed = True, crossed + 1
            assert crossed <= 3
        if turn is Turn.WELL:
            assert is_told
            assert value < 80
            is_told, crossed = False, 0
        if turn is None and crossed == 0:
            assert value < 80


@given(
    value=st.integers(0, 100), wobbles=st.lists(st.integers(-1, 1), max_size=40), level=st.sampled_from([80, 90, 95])
)
def test_a_value_that_trembles_at_a_level_is_told_at_most_once(value: int, wobbles: list[int], level: int) -> None:
    """Whatever it does within one percent of a level."""
    told = [turn for turn in turns(STORAGE, [level + each for each in wobbles]) if turn]

    assert told.count(Turn.WELL) == 0
    assert len(told) <= 2


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("storage", Terms(True, ())),
        ("storage", Terms(True, (0,))),
        ("storage", Terms(True, (101,))),
        ("storage", Terms(True, (80,), window_minutes=5)),
        ("storage", Terms(True, (80,), capacity_bytes=0)),
        ("logins-account", Terms(True, (5,), window_minutes=61)),
        ("logins-account", Terms(True, (5,))),
        ("tokens", Terms(True, (5,), capacity_bytes=1)),
        ("tokens", Terms(True, (1, 2, 3, 4, 5, 6))),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, terms: Terms) -> None:
    """Levels that are none, windows that a rule has not, and sizes of what has none."""
    with pytest.raises(RuleInvalid):
        check(SPECS[name], terms)


def test_levels_are_put_in_order() -> None:
    """The least serious first, each once."""
    assert check(SPECS["storage"], replace(STORAGE.terms, levels=(95, 80, 95))).levels == (80, 95)
    assert check(SPECS["tokens"], replace(TOKENS.terms, levels=(3, 30))).levels == (30, 3)
