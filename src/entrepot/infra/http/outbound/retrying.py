# SPDX-License-Identifier: Apache-2.0
"""When to ask again: what the other server says of it (RFC 9110, section 10.2.3)."""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from entrepot.kernel.clock import Milliseconds

LONGEST_SECONDS = 3_600
MAX_CHARACTERS = 64


def retry_after_seconds(headers: Mapping[str, str], now: Milliseconds, longest: int = LONGEST_SECONDS) -> int | None:
    """Return how long `Retry-After` says to wait, at most `longest`; None where it says nothing that can be read.

    Header names are in lower case.
    """
    text = headers.get("retry-after", "").strip()[:MAX_CHARACTERS]
    if text.isascii() and text.isdigit():
        return min(int(text), longest)
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0, min(int(moment.timestamp() - now / 1000) + 1, longest))
    except (ValueError, OverflowError):
        return None
