# SPDX-License-Identifier: Apache-2.0
"""Path patterns."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.access.match import MAX_PATTERN_LENGTH
from entrepot.features.access.match import InvalidPattern
from entrepot.features.access.match import parse_pattern
from tests.unit.features.access.naive import matches

segments = st.text("ab*", min_size=1, max_size=5).filter(lambda text: "**" not in text)
patterns = st.one_of(
    st.just("**"),
    st.builds(
        lambda parts, end: "/".join(parts) + end,
        st.lists(segments, min_size=1, max_size=3),
        st.sampled_from(["", "/**"]),
    ),
)
names = st.lists(st.text("ab", min_size=1, max_size=5), min_size=1, max_size=4).map("/".join)


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("alpine", ["alpine"], ["alpine/web", "alpin", "alpine2", "library/alpine"]),
        ("alpine/**", ["alpine", "alpine/web", "alpine/web/api"], ["alpine2", "alpine2/web", "alpin", "x/alpine"]),
        ("team/*", ["team/app"], ["team", "team/app/web", "teams/app"]),
        ("*/app", ["team/app"], ["app", "team/other/app", "team/apps"]),
        ("team-*/**", ["team-a", "team-a/app/web"], ["team", "teams/app", "x/team-a"]),
        ("t*m/a*p-*", ["team/app-1", "tm/ap-"], ["team/app", "t/m/app-1", "team/x/ap-1"]),
        ("a.b", ["a.b"], ["axb"]),
        ("**", ["alpine", "team/app/web"], []),
    ],
)
def test_a_pattern_matches_what_the_table_says(pattern: str, matching: list[str], others: list[str]) -> None:
    """A name is itself, `*` stays within a segment, `/**` adds everything below."""
    parsed = parse_pattern(pattern)

    assert [name for name in [*matching, *others] if parsed.matches(name)] == matching


@given(patterns, names)
def test_patterns_match_as_if_read_one_character_at_a_time(pattern: str, name: str) -> None:
    """However a pattern is translated, it means what a naive reading of it means."""
    assert parse_pattern(pattern).matches(name) == matches(pattern, name)


@given(st.text("ab", min_size=1, max_size=5), names)
def test_a_project_pattern_includes_the_project_and_nothing_beside_it(project: str, name: str) -> None:
    """`project/**` is about the names whose first segment is the project."""
    assert parse_pattern(f"{project}/**").matches(name) == (name.partition("/")[0] == project)


@pytest.mark.parametrize(
    "text",
    ["", "/", "/**", "a/", "/a", "a//b", "a/**/b", "**/a", "a**", "a/b**", "***", "A", "a b", "a?", "a[b]", "ä", "a\n"],
)
def test_text_that_is_no_pattern_is_refused(text: str) -> None:
    """Nothing but characters of names, single `*`, and one `**` at the end is accepted."""
    with pytest.raises(InvalidPattern):
        parse_pattern(text)


@given(st.text(max_size=300))
def test_any_text_is_a_pattern_or_refused(text: str) -> None:
    """No text makes reading a pattern fail in any other way."""
    with suppress(InvalidPattern):
        assert parse_pattern(text).stem in text


def test_a_pattern_longer_than_a_name_can_be_is_refused() -> None:
    """A pattern has at most as many characters as a name."""
    assert parse_pattern("a" * MAX_PATTERN_LENGTH).matches("a" * MAX_PATTERN_LENGTH)
    with pytest.raises(InvalidPattern):
        parse_pattern("a" * (MAX_PATTERN_LENGTH + 1))


def test_a_hostile_pattern_does_not_take_exponential_time() -> None:
    """Sixty stars against a long name that almost matches are answered, not pondered for ever."""
    assert not parse_pattern("*a" * 60 + "b").matches("a" * 255)
