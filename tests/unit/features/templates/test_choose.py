# SPDX-License-Identifier: Apache-2.0
"""Which template counts for a name."""

import functools

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from entrepot.features.access import parse_pattern
from entrepot.features.templates.choose import Candidate
from entrepot.features.templates.choose import breadth
from entrepot.features.templates.choose import choose

SEGMENTS = st.text(alphabet="ab*", min_size=1, max_size=3).filter(lambda text: "**" not in text)
STEMS = st.lists(SEGMENTS, min_size=1, max_size=3).map("/".join)
PATTERNS = st.one_of(st.just("**"), STEMS, STEMS.map(lambda stem: f"{stem}/**"))
NAMES = st.lists(st.text(alphabet="ab", min_size=1, max_size=3), min_size=1, max_size=3).map("/".join)
CANDIDATES = st.lists(
    st.builds(Candidate, st.sampled_from(["", "a"]), st.sampled_from(["x", "y", "z"]), PATTERNS), max_size=6
)


def comes_before(one: Candidate, other: Candidate) -> int:
    """Compare two candidates as the documentation says, rule by rule; negative if `one` counts before `other`."""
    rules = (
        lambda each: -1 if each.pattern == "**" else sum(letter != "*" for letter in each.pattern.removesuffix("/**")),
        lambda each: not each.pattern.endswith("**"),
        lambda each: -each.pattern.removesuffix("/**").count("*"),
        lambda each: each.project != "",
    )
    for rule in rules:
        if rule(one) != rule(other):
            return -1 if rule(one) > rule(other) else 1
    return (one.name > other.name) - (one.name < other.name)


@settings(max_examples=200)
@given(CANDIDATES, NAMES, st.randoms(use_true_random=False))
def test_the_first_by_the_rules_counts(candidates: list[Candidate], name: str, order: st.DrawFn) -> None:
    """Whatever order they come in."""
    matching = [each for each in candidates if parse_pattern(each.pattern).matches(name)]
    expected = sorted(matching, key=functools.cmp_to_key(comes_before))[:1]
    order.shuffle(candidates)  # type: ignore[attr-defined]
    chosen = choose(candidates, name)

    assert [chosen] == (expected or [None])


@settings(max_examples=200)
@given(CANDIDATES, NAMES)
def test_what_counts_is_never_broader_than_another_that_matches(candidates: list[Candidate], name: str) -> None:
    """No other one is about a part only of what it is about."""
    chosen = choose(candidates, name)
    wider = [
        each
        for each in candidates
        if chosen is not None
        and parse_pattern(each.pattern).matches(name)
        and parse_pattern(chosen.pattern).includes(parse_pattern(each.pattern))
        and not parse_pattern(each.pattern).includes(parse_pattern(chosen.pattern))
    ]

    assert wider == []


@pytest.mark.parametrize(
    ("narrower", "broader"),
    [
        ("team/app", "team/app/**"),
        ("team/app-*", "team/*"),
        ("team/*", "team/**"),
        ("teams/**", "*/app"),
        ("*/app", "team/**"),
        ("*/app", "*/**"),
        ("a*b", "a*b*"),
        ("*/**", "**"),
    ],
)
def test_narrow_comes_before_broad(narrower: str, broader: str) -> None:
    """More fixed characters first, then names before what is below them too, then fewer `*`."""
    assert breadth(narrower) < breadth(broader)
