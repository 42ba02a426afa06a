# SPDX-License-Identifier: Apache-2.0
"""Ranges of versions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.oci.version_order import version_key
from entrepot.oci.version_range import MAX_CHARACTERS
from entrepot.oci.version_range import InvalidVersionRange
from entrepot.oci.version_range import parse_range

CASES = [
    ("1.4", "1.4 1.4.0 v1.4.7-alpine 1.4.7_build.3 1.4.2.9", "1.3.9 1.5 1 14 1.40 latest"),
    ("=1.4.2", "1.4.2 1.4.2-alpine", "1.4.3 1.4"),
    ("1.x", "1 1.0 1.9.9 v1.2-rc1", "2 0.9 main"),
    ("1.4.*", "1.4.0 1.4.7", "1.5.0"),
    ("1.X.x", "1.4.0", "2.0.0"),
    ("*", "0 1 v99.1-rc.1", "latest 1.2.x sha256-abc"),
    (">=1.2 <2", "1.2 1.2.0-alpine 1.99.0", "1.1.9 2 2.0.0-rc.1 3"),
    (">1.4", "1.5 2", "1.4 1.4.7 1.3"),
    ("<=1.4", "1.4.7 1.4.7-rc.1 1.3 0", "1.5"),
    (">= 1.2   < 1.4", "1.2 1.3.9", "1.4"),
    (">=2.0.0-rc.1", "2.0.0-rc.1 2.0.0-rc.2 2.0.0 2.1.0-alpha", "2.0.0-beta 1.9"),
    ("<2.0.0-rc.1", "2.0.0-beta.9 1.0", "2.0.0-rc.1 2.0.0"),
    ("=2.0.0-rc.1", "2.0.0-rc.1 v2-rc.1", "2.0.0 2.0.0-rc.2"),
    ("^1.4.2", "1.4.2 1.9 1.4.2-alpine", "1.4.1 2.0.0 0.9"),
    ("^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2 1.0"),
    ("^0.0.3", "0.0.3 0.0.3-rc.1", "0.0.4 0.0.2"),
    ("^0", "0.0.1 0.9", "1.0"),
    ("^1.4.2-rc.1", "1.4.2-rc.1 1.4.2 1.5", "1.4.2-beta 2.0"),
    ("~1.4.2", "1.4.2 1.4.9", "1.4.1 1.5.0"),
    ("~1.4", "1.4.0 1.4.9", "1.5"),
    ("~1", "1.0 1.9", "2.0"),
    ("1.2 - 1.4", "1.2.0 1.3 1.4.9", "1.1.9 1.5"),
    ("^1 || ^3", "1.5 3.0.1", "2.0 4.0"),
    ("v1.4", "1.4.2 v1.4.2", "1.5"),
]


@pytest.mark.parametrize(("text", "inside", "outside"), CASES)
def test_a_range_has_what_it_says(text: str, inside: str, outside: str) -> None:
    """Versions on both sides of each bound, and names that are no versions."""
    found = parse_range(text)
    assert [tag for tag in inside.split() if not found.has(tag)] == []
    assert [tag for tag in outside.split() if found.has(tag)] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "||",
        "^1 ||",
        "latest",
        ">",
        "<*",
        ">=1.2 and <2",
        "1.x-rc.1",
        "1..2",
        "=>1",
        "1.2 -",
        "1" * 201,
        "^*^",
    ],
)
def test_what_is_no_range_is_refused(text: str) -> None:
    """With what is wrong and how it is written."""
    with pytest.raises(InvalidVersionRange) as refusal:
        parse_range(text)
    assert "'>=1.2 <2'" in (refusal.value.hint or "") or len(text) > MAX_CHARACTERS


def test_there_are_only_so_many_comparators() -> None:
    """Each tag is compared with all of them."""
    parse_range(" ".join([">1"] * 20))
    with pytest.raises(InvalidVersionRange):
        parse_range(" ".join([">1"] * 21))


NUMBERS = st.lists(st.integers(0, 4), min_size=1, max_size=4)
RELEASES = st.sampled_from(["", "-rc.1", "-alpine", "-2"])
VERSIONS = st.builds(lambda numbers, release: ".".join(map(str, numbers)) + release, NUMBERS, RELEASES)


@given(VERSIONS, VERSIONS)
def test_each_version_is_on_one_side_of_a_bound(bound: str, version: str) -> None:
    """It is within `<b` or `>=b`, and within `<=b` or `>b`, and never in both."""
    within = {operator: parse_range(f"{operator}{bound}").has(version) for operator in ("<", "<=", ">", ">=", "=")}
    assert within["<"] is not within[">="]
    assert within[">"] is not within["<="]
    assert within["="] is (within["<="] and within[">="])


@given(VERSIONS, VERSIONS)
def test_bounds_with_a_pre_release_follow_the_order(bound: str, version: str) -> None:
    """As section 11 of Semantic Versioning has it."""
    exact = bound if "-" in bound else f"{bound}-rc.1"
    assert parse_range(f">={exact}").has(version) is (version_key(version) >= version_key(exact))
