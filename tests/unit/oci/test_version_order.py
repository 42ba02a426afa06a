# SPDX-License-Identifier: Apache-2.0
"""The order of versions (Semantic Versioning 2.0, section 11)."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.oci.reference import MAX_TAG_CHARACTERS
from entrepot.oci.version_order import NO_VERSION
from entrepot.oci.version_order import version_key

NUMBERS = st.one_of(st.integers(0, 12), st.integers(0, 10**40)).map(str)
WORDS = st.from_regex(r"[0-9A-Za-z-]{0,4}[A-Za-z-][0-9A-Za-z-]{0,4}", fullmatch=True)
IDENTIFIERS = st.one_of(NUMBERS, WORDS, st.sampled_from(["alpha", "beta", "rc", "rc-", "RC"]))
PARTS = st.tuples(st.tuples(NUMBERS, NUMBERS, NUMBERS), st.lists(IDENTIFIERS, max_size=3).map(tuple))

Parts = tuple[tuple[str, str, str], tuple[str, ...]]


def written(parts: Parts) -> str:
    """Write a version the way the specification has it."""
    numbers, release = parts
    return ".".join(numbers) + (f"-{'.'.join(release)}" if release else "")


def compare(one: Parts, other: Parts) -> int:
    """Compare two versions as the specification says, rule by rule; return less than 0, 0, or more."""
    numbers = [list(map(int, parts[0])) for parts in (one, other)]
    if numbers[0] != numbers[1]:
        return -1 if numbers[0] < numbers[1] else 1
    if not (one[1] and other[1]):
        return bool(other[1]) - bool(one[1])
    for left, right in zip(one[1], other[1], strict=False):
        if left != right:
            return compare_identifiers(left, right)
    return len(one[1]) - len(other[1])


def compare_identifiers(left: str, right: str) -> int:
    """Compare two identifiers of a pre-release that differ (sections 11.4.1 to 11.4.3)."""
    if left.isdecimal() and right.isdecimal():
        return int(left) - int(right)
    if left.isdecimal() or right.isdecimal():
        return -1 if left.isdecimal() else 1
    return -1 if left < right else 1


def shuffled(names: list[str]) -> list[str]:
    """Put names into an order that is not the one of versions."""
    return sorted(names, key=lambda name: name[::-1])


@given(PARTS, PARTS)
def test_keys_are_compared_as_versions_are(one: Parts, other: Parts) -> None:
    """Of two versions the keys stand in the order of precedence, and are equal where precedence is."""
    keys = version_key(written(one)), version_key(written(other))
    difference = compare(one, other)

    assert (keys[0] > keys[1]) - (keys[0] < keys[1]) == (difference > 0) - (difference < 0)


@given(st.lists(PARTS, max_size=8))
def test_sorting_by_key_sorts_by_version(versions: list[Parts]) -> None:
    """The databases' sorting of keys is that of the specification, bytes being compared."""
    by_key = sorted(versions, key=lambda parts: version_key(written(parts)).encode())

    assert all(compare(*pair) <= 0 for pair in pairwise(by_key))


def test_the_examples_of_the_specification() -> None:
    """The two chains of section 11."""
    numbers = ["1.0.0", "2.0.0", "2.1.0", "2.1.1"]
    releases = ["alpha", "alpha.1", "alpha.beta", "beta", "beta.2", "beta.11", "rc.1"]
    chain = [*(f"1.0.0-{each}" for each in releases), *numbers]

    assert sorted(chain, key=version_key) == chain
    assert len({version_key(each) for each in chain}) == len(chain)


def test_suffixes_stand_beside_their_version() -> None:
    """What follows a hyphen is a pre-release, and so stands right before its version; numbers count as numbers."""
    chain = ["1.2.2", "1.2.3-alpine", "1.2.3-slim", "1.2.3", "1.2.4-rc.1", "1.2.4-rc.2", "1.2.4", "1.10", "2-alpine"]

    assert sorted(shuffled(chain), key=version_key) == chain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("v1.2.3", "1.2.3"),
        ("1", "1.0.0"),
        ("1.2", "1.2.0"),
        ("0", "0.0.0"),
        ("2024.01.05", "2024.1.5"),
        ("1.2.3_build.7", "1.2.3"),
        ("v1-rc.1", "1.0.0-rc.1_x"),
    ],
)
def test_what_is_written_differently_may_be_equal(one: str, other: str) -> None:
    """A leading v, missing numbers that are zero, leading zeros, and what follows an underscore do not count."""
    assert version_key(one) == version_key(other) != NO_VERSION


def test_more_than_three_numbers_go_on() -> None:
    """A fourth number decides where the first three are equal."""
    chain = ["1.2.3", "1.2.3.1-rc", "1.2.3.1", "1.2.3.10", "1.2.4-alpha", "1.2.4"]

    assert sorted(shuffled(chain), key=version_key) == chain


@pytest.mark.parametrize("name", ["latest", "7e3f2a1", "sha-12", "v", "1.", "1..2", "1-", "1.2-a..b", "1.2.3rc1", ""])
def test_other_names_are_no_versions(name: str) -> None:
    """Words, hashes, and what has an empty part have no key."""
    assert version_key(name) == NO_VERSION


@given(st.from_regex(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}", fullmatch=True))
def test_any_tag_has_a_key_that_can_be_stored(name: str) -> None:
    """A key is printable ASCII, and of a tag at most 200 characters."""
    key = version_key(name)

    assert key.isascii()
    assert len(key) <= 200


@pytest.mark.parametrize("name", [".".join("1" * 64), "1-" + ".".join("a" * 63), "1-" + ".".join("1" * 63), "9" * 128])
def test_the_longest_tags_have_short_keys(name: str) -> None:
    """So do tags made of as many parts as there can be."""
    assert len(name) <= MAX_TAG_CHARACTERS
    assert 0 < len(version_key(name)) <= 200
