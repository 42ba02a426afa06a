# SPDX-License-Identifier: Apache-2.0
"""Sizes as people write and read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.quotas.errors import QuotaInvalid
from entrepot.features.quotas.models import MAX_LIMIT
from entrepot.features.quotas.sizes import parse_size
from entrepot.features.quotas.sizes import shown_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("1000", 1000),
        ("50GB", 50 * 10**9),
        ("50GiB", 50 * 2**30),
        ("50G", 50 * 10**9),
        ("1.5 TiB", 3 * 2**39),
        ("0.000001kb", 0),
        (" 7b ", 7),
        ("2Ki", 2048),
    ],
)
def test_sizes_are_read(text: str, size: int) -> None:
    """Units with an i count in 1,024s."""
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text", ["", "GB", "-1", "1,5GB", "5iB", "5XB", "1.GB", "9" * 19 + "PB", "5 G B", "٣GB", "1" * 40]
)
def test_what_is_no_size_is_refused(text: str) -> None:
    """With a word of how it is written."""
    with pytest.raises(QuotaInvalid):
        parse_size(text)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (1500, "1.5 kB"),
        (9_999_999_999, "9.99 GB"),
        (10**10, "10 GB"),
        (250_700_000, "250 MB"),
    ],
)
def test_sizes_are_shown(size: int, text: str) -> None:
    """Rounded down: what is less than all never reads as all."""
    assert shown_size(size) == text


@given(st.integers(0, MAX_LIMIT))
def test_what_is_shown_is_read_again(size: int) -> None:
    """As at most that, and not much less."""
    assert 0.98 * size - 1 <= parse_size(shown_size(size)) <= size
