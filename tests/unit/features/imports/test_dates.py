# SPDX-License-Identifier: Apache-2.0
"""When artifacts say that they were made."""

from datetime import UTC
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.features.imports.dates import parse_moment


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds
def test_a_moment_is_read_as_it_was_written(moment: datetime) -> None:
    """To the millisecond."""
    assert parse_moment(moment.isoformat()) == int(moment.timestamp() * 1000 + 1e-4)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "0001-01-01T00:00:00Z", "2026-01-31T12:00:00", None, 7, "2" * 100, "1969-12-31T23:59:59Z"]
)
def test_what_is_no_moment_is_not_known(text: object) -> None:
    """Nor is one without an offset from UTC, or Go's zero time."""
    assert parse_moment(text) is None
