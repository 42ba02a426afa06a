# SPDX-License-Identifier: Apache-2.0
"""A server that says when to come again is believed, within reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.infra.http.outbound.retrying import LONGEST_SECONDS
from entrepot.infra.http.outbound.retrying import retry_after_seconds
from entrepot.kernel.clock import Milliseconds

NOW = Milliseconds(1_794_000_000_000)
"""Fri, 06 Nov 2026 21:20:00 GMT."""


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        ("999999999999", LONGEST_SECONDS),
        ("Fri, 06 Nov 2026 21:21:00 GMT", 61),
        ("Fri, 06 Nov 2026 21:21:00", 61),
        ("Fri, 06 Nov 2020 21:21:00 GMT", 0),
        ("-5", None),
        ("soon", None),
        ("Fri, 06 Nov = 99999999999999999999:99 +9999", None),
        ("", None),
    ],
)
def test_it_is_a_number_or_a_moment(text: str, seconds: int | None) -> None:
    """What it is not says nothing."""
    assert retry_after_seconds({"retry-after": text}, NOW) == seconds


@given(st.text(max_size=40))
def test_anything_else_is_harmless(text: str) -> None:
    """Whatever a server writes there."""
    seconds = retry_after_seconds({"retry-after": text}, NOW)

    assert seconds is None or 0 <= seconds <= LONGEST_SECONDS
