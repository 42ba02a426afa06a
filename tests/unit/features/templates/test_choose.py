# SPDX-License-Identifier: Apache-2.0
"""Which template counts for a name."""

from random import Random

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
    st.builds(Candidate, st.sampled_from(["", "a"]), st.sampled_from(["x", "y", "z"]), PATTERNS),
    max_size=6,
    unique_by=lambda each: (each.project, each.name),
)


def standing(candidate: Candidate) -> tuple[int, bool, int, bool]:
    """Return what the documentation says of a candidate, rule by rule; of each rule, the larger counts before."""
    stem = candidate.pattern.removesuffix("/**")
    fixed = -1 if candidate.pattern == "**" else sum(letter != "*" for letter in stem)
    return fixed, not candidate.pattern.endswith("**"), -stem.count("*"), candidate.project != ""


def expected(candidates: list[Candidate], name: str) -> Candidate | None:
    """Return the candidate that counts, by comparing each with all others."""
    matching = [each for each in candidates if parse_pattern(each.pattern).matches(name)]
    best = [each for each in matching if all(standing(each) >= standing(other) for other in matching)]
    return min(best, key=lambda each: each.name, default=None)


@settings(max_examples=200)
@given(CANDIDATES, NAMES, st.randoms(use_true_random=False))
def test_the_first_by_the_rules_counts(candidates: list[Candidate], name: str, chance: Random) -> None:
    """Whatever order they come in."""
    shuffled = chance.sample(candidates, len(candidates))

    assert choose(shuffled, name) == choose(candidates, name)
    assert choose(candidates, name) == expected(candidates, name)


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
