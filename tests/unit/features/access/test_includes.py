# SPDX-License-Identifier: Apache-2.0
"""Patterns that lie within others: whoever may give grants on the one may give them on the other."""

from typing import cast

import pytest
from hypothesis import assume
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.access.match import InvalidTagPattern
from entrepot.features.access.match import parse_pattern
from entrepot.features.access.match import parse_tag_pattern
from entrepot.features.access.match import tags_include

segments = st.text("ab*", min_size=1, max_size=4).filter(lambda text: "**" not in text)
patterns = st.one_of(
    st.just("**"),
    st.builds(
        lambda parts, end: "/".join(parts) + end,
        st.lists(segments, min_size=1, max_size=3),
        st.sampled_from(["", "/**"]),
    ),
)
parts_of_names = st.text("ab", min_size=1, max_size=3)


def names_of(pattern: str) -> st.SearchStrategy[str]:
    """Return names that match a pattern, made from it one piece at a time."""
    if pattern == "**":
        return st.lists(parts_of_names, min_size=1, max_size=4).map("/".join)
    stem = pattern.removesuffix("/**")
    pieces = [st.text("ab", max_size=3) if piece == "*" else st.just(piece) for piece in stem]
    below = st.lists(parts_of_names, max_size=2) if stem != pattern else st.just(cast("list[str]", []))
    found = st.tuples(st.tuples(*pieces).map("".join), below).map(lambda made: "/".join([made[0], *made[1]]))
    return found.filter(lambda name: all(name.split("/")))


@given(st.data(), patterns, patterns)
def test_what_includes_a_pattern_matches_every_name_of_it(data: st.DataObject, outer: str, inner: str) -> None:
    """It is never said wrongly: a single name beyond would be a right that nobody meant to give."""
    name = data.draw(names_of(inner))

    assert parse_pattern(inner).matches(name)
    assert parse_pattern(outer).matches(name) or not parse_pattern(outer).includes(parse_pattern(inner))


@given(patterns, patterns, patterns)
def test_including_is_an_order(outer: str, middle: str, inner: str) -> None:
    """A pattern includes itself, and whatever is included by one that it includes."""
    first, second, third = map(parse_pattern, (outer, middle, inner))

    assert first.includes(first)
    assert first.includes(third) or not (first.includes(second) and second.includes(third))


@pytest.mark.parametrize(
    ("outer", "inner", "is_included"),
    [
        ("team/a/**", "team/a", True),
        ("team/a/**", "team/a/**", True),
        ("team/a/**", "team/a/*/x/**", True),
        ("team/a/**", "team/a*", False),
        ("team/a/**", "team/a*/**", False),
        ("team/a/**", "team/*", False),
        ("team/a/**", "team/**", False),
        ("team/a/**", "*/a/**", False),
        ("team/a/**", "**", False),
        ("team/a", "team/a/**", False),
        ("team/*", "team/a*", True),
        ("team/*", "team/a/b", False),
        ("team/*", "team/*/**", False),
        ("t*m/**", "t*a*m/x", True),
        ("t*a*m/**", "t*m/x", False),
        ("**", "*/**", True),
        ("*/**", "**", False),
    ],
)
def test_which_patterns_lie_within_which(outer: str, inner: str, is_included: bool) -> None:
    """A `*` of the inner one may stand for anything, so only a `*` of the outer one takes it, or what lies above."""
    assert parse_pattern(outer).includes(parse_pattern(inner)) is is_included


tag_patterns = st.text("av.-*", min_size=1, max_size=5).filter(lambda text: "**" not in text)


@given(st.data(), tag_patterns, tag_patterns)
def test_what_includes_a_tag_pattern_matches_every_tag_of_it(data: st.DataObject, outer: str, inner: str) -> None:
    """As with paths."""
    pieces = [st.text("av.-", max_size=3) if piece == "*" else st.just(piece) for piece in inner]
    tag = data.draw(st.tuples(*pieces).map("".join))

    assert parse_tag_pattern(inner).fullmatch(tag)
    assert parse_tag_pattern(outer).fullmatch(tag) or not tags_include(outer, inner)


@given(tag_patterns)
def test_no_tag_pattern_at_all_is_more_than_any(pattern: str) -> None:
    """Even than `*`: what has no tag is meant too."""
    assert tags_include("", pattern)
    assert tags_include(pattern, pattern)
    assert not tags_include(pattern, "")


@given(tag_patterns, st.text("av.-", min_size=1, max_size=5))
def test_a_tag_pattern_is_read_one_character_at_a_time(pattern: str, tag: str) -> None:
    """A `*` stands for any characters, also for none; everything else for itself."""

    def matches(left: str, right: str) -> bool:
        """Say so naively."""
        if not left:
            return not right
        if left[0] == "*":
            return matches(left[1:], right) or (bool(right) and matches(left, right[1:]))
        return bool(right) and left[0] == right[0] and matches(left[1:], right[1:])

    assert bool(parse_tag_pattern(pattern).fullmatch(tag)) is matches(pattern, tag)


@pytest.mark.parametrize("text", ["", "**", "v**", "a/b", "a b", "v?", "ä", "v\n", "a" * 129])
def test_text_that_no_tag_can_match_is_refused(text: str) -> None:
    """As a tag pattern; a slash would make it a path."""
    with pytest.raises(InvalidTagPattern):
        parse_tag_pattern(text)


@given(st.text(max_size=140))
def test_any_text_is_a_tag_pattern_or_refused(text: str) -> None:
    """No text makes reading a tag pattern fail in any other way."""
    try:
        glob = parse_tag_pattern(text)
    except InvalidTagPattern:
        return
    assume("*" not in text)
    assert glob.fullmatch(text)
