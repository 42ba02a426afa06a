# SPDX-License-Identifier: Apache-2.0
"""Whether two path patterns have a name in common."""

import itertools

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from entrepot.features.access import parse_pattern
from entrepot.features.guardrails.overlap import overlap

SEGMENTS = st.text(alphabet="ab*", min_size=1, max_size=3).filter(lambda text: "**" not in text)
STEMS = st.lists(SEGMENTS, min_size=1, max_size=2).map("/".join)
PATTERNS = st.one_of(st.just("**"), STEMS, STEMS.map(lambda stem: f"{stem}/**"))

_TEXTS = ["", *("".join(each) for length in range(1, 5) for each in itertools.product("ab", repeat=length))]
NAMES = [*_TEXTS, *(f"{one}/{other}" for one in _TEXTS for other in _TEXTS)]
"""Every name of two short segments: enough for patterns of at most three characters in each."""


@settings(max_examples=150)
@given(PATTERNS, PATTERNS)
def test_patterns_overlap_if_a_name_matches_both(one: str, other: str) -> None:
    """As trying every name tells; the order of the two is nothing to it."""
    first, second = parse_pattern(one), parse_pattern(other)
    is_there = any(first.matches(name) and second.matches(name) for name in NAMES)

    assert overlap(first, second) == is_there
    assert overlap(second, first) == is_there


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("team/**", "team", True),
        ("team/**", "team-a/**", False),
        ("team-*/**", "*-prod/app", True),
        ("*/app", "team/**", True),
        ("team/app", "team/app/sub", False),
        ("a*b*c", "*x", False),
        ("a*b*c", "*x*", True),
    ],
)
def test_stars_stand_for_characters_of_one_segment(one: str, other: str, expected: bool) -> None:
    """A `*` on either side may face a `*` on the other."""
    assert overlap(parse_pattern(one), parse_pattern(other)) is expected
