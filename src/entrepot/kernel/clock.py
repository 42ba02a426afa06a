# SPDX-License-Identifier: Apache-2.0
"""Time, always UTC, stored as whole milliseconds since the Unix epoch."""

import time
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from typing import NewType

Milliseconds = NewType("Milliseconds", int)
"""A moment: milliseconds since 1970-01-01T00:00:00Z."""

Clock = Callable[[], Milliseconds]
"""Something that tells the present moment."""

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


def system_clock() -> Milliseconds:
    """Tell the present moment by the machine's wall clock."""
    return Milliseconds(time.time_ns() // 1_000_000)


def after(moment: Milliseconds, span_ms: int) -> Milliseconds:
    """Return the moment `span_ms` milliseconds after `moment` (before it, when negative)."""
    return Milliseconds(moment + span_ms)


def rfc3339(moment: Milliseconds) -> str:
    """Render a moment as RFC 3339 with milliseconds, such as `2026-01-31T12:00:00.250Z`."""
    text = datetime.fromtimestamp(moment / 1000, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
