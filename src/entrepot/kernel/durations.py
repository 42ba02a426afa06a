# SPDX-License-Identifier: Apache-2.0
"""How long something takes or is kept, as people write it: `90m`, `12h`, `7d`, `2w`."""

import re
from types import MappingProxyType

from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.errors import InvalidRequest

MAX_MS = 3_650 * DAY_MS

_WRITTEN = re.compile(r"([0-9]{1,9})([smhdwy])", re.ASCII)
_UNITS = MappingProxyType({"s": 1_000, "m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS, "w": 7 * DAY_MS, "y": 365 * DAY_MS})


class InvalidDuration(InvalidRequest):
    """The duration is not valid."""

    code = "invalid_duration"
    default_hint = "Write a number and one of s, m, h, d, w and y, such as 12h, 7d or 2w."


def parse_duration(text: str) -> int:
    """Return how many milliseconds that is: more than none, ten years at most. Raises `InvalidDuration`."""
    written = _WRITTEN.fullmatch(text)
    duration = int(written[1]) * _UNITS[written[2]] if written else 0
    if not 0 < duration <= MAX_MS:
        raise InvalidDuration(f"{text[:32]!r} is no duration up to ten years")
    return duration
