# SPDX-License-Identifier: Apache-2.0
"""Challenges of registries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra.distribution.challenge import Challenge
from entrepot.infra.distribution.challenge import parse_challenges

REALM = {"realm": "https://auth.example/token", "service": "a", "scope": "repository:team/app:pull,push"}


@pytest.mark.parametrize(
    ("header", "challenges"),
    [
        ("", ()),
        ("Basic", (Challenge("basic"),)),
        ('Basic realm="a, b"', (Challenge("basic", {"realm": "a, b"}),)),
        (
            'Bearer realm="https://auth.example/token",service="a",scope="repository:team/app:pull,push"',
            (Challenge("bearer", REALM),),
        ),
        (
            'Basic realm="x", Bearer realm="https://auth.example/token", service=a',
            (
                Challenge("basic", {"realm": "x"}),
                Challenge("bearer", {"realm": "https://auth.example/token", "service": "a"}),
            ),
        ),
        ('BEARER Realm = "a\\"b"', (Challenge("bearer", {"realm": 'a"b'}),)),
    ],
)
def test_challenges_are_read_in_order(header: str, challenges: tuple[Challenge, ...]) -> None:
    """As RFC 9110 has them written, several in one header too."""
    assert parse_challenges(header) == challenges


@given(st.text(alphabet='Bearer asic=",\\ \t\x00é', max_size=200))
def test_whatever_comes_is_read_to_its_end_or_to_where_it_makes_no_sense(header: str) -> None:
    """Nothing is raised."""
    for each in parse_challenges(header):
        assert each.scheme == each.scheme.lower() != ""
