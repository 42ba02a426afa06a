# SPDX-License-Identifier: Apache-2.0
"""Which versions a moving tag follows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.immutability.versions import is_newer
from entrepot.features.immutability.versions import is_within
from entrepot.features.immutability.versions import newest
from entrepot.features.immutability.versions import next_after
from entrepot.oci.version_order import version_key

NUMBERS = st.lists(st.integers(0, 12), min_size=1, max_size=4)
SUFFIXES = st.sampled_from(["", "-alpine", "-rc.1", "_build"])
VERSIONS = st.builds(
    lambda v, numbers, suffix: v + ".".join(map(str, numbers)) + suffix, st.sampled_from(["", "v"]), NUMBERS, SUFFIXES
)
MOVING = VERSIONS | st.sampled_from(["latest", "stable", "v"])


@pytest.mark.parametrize(
    ("moving", "tag", "is_followed"),
    [
        ("latest", "1.4.2", True),
        ("latest", "1.4.2-rc.1", True),
        ("latest", "20260131", False),
        ("latest", "nightly", False),
        ("1", "1.4", True),
        ("1", "10.4", False),
        ("1.4", "1.4.2", True),
        ("1.4", "v1.4.2", True),
        ("1.4", "1.4", False),
        ("1.4", "1.40.2", False),
        ("1.4", "1.4.2-alpine", False),
        ("1.4-alpine", "1.4.2-alpine", True),
        ("1.4-alpine", "1.4.2", False),
        ("1.4", "1.4.2_5", True),
    ],
)
def test_what_a_moving_tag_follows(moving: str, tag: str, is_followed: bool) -> None:
    """Versions with its numbers and at least one more, and with its suffix."""
    assert is_within(moving, tag) is is_followed


def test_the_newest_is_told_by_precedence() -> None:
    """And not by the alphabet."""
    assert newest("1.4", ["1.4.9", "1.4.10", "1.5.0", "1.4.10-rc.1"]) == "1.4.10"


@given(MOVING, st.lists(VERSIONS), st.lists(VERSIONS))
def test_newer_is_above_every_version_before(moving: str, before: list[str], now: list[str]) -> None:
    """As a comparison of each with each says."""
    followed = [tag for tag in now if is_within(moving, tag)]
    others = [tag for tag in before if is_within(moving, tag)]
    naive = any(all(version_key(new) > version_key(old) for old in others) for new in followed)

    assert is_newer(moving, before, now) is naive


@given(MOVING, st.lists(VERSIONS))
def test_the_example_is_newer(moving: str, before: list[str]) -> None:
    """What a refusal says to push first lets the tag move."""
    example = next_after(moving, newest(moving, before))

    assert is_newer(moving, before, [example])
