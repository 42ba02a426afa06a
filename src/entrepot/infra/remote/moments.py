# SPDX-License-Identifier: Apache-2.0
"""Moments as people write them on a command line."""

import re
from datetime import datetime

import typer

from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339

_SPAN = re.compile(r"([1-9][0-9]{0,5})([mhdw])")
_UNITS_MS = {"m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS, "w": 7 * DAY_MS}


def parse_until(text: str, now: Milliseconds) -> str:
    """Read `90m`, `12h`, `30d`, `2w` from now on, or a moment in RFC 3339; return it in RFC 3339.

    Raises `typer.BadParameter`.
    """
    moment = _read(text, now, 1)
    if moment is None:
        raise typer.BadParameter(f"{text!r} is no moment to come: write 12h, 30d, or 2027-01-31T12:00:00Z.")
    return moment


def parse_since(text: str, now: Milliseconds) -> str:
    """Read `90m`, `12h`, `30d`, `2w` before now, or a moment in RFC 3339; return it in RFC 3339.

    Raises `typer.BadParameter`.
    """
    moment = _read(text, now, -1)
    if moment is None:
        raise typer.BadParameter(f"{text!r} is no moment: write 12h or 30d for so long ago, or 2026-01-31T12:00:00Z.")
    return moment


def _read(text: str, now: Milliseconds, direction: int) -> str | None:
    span = _SPAN.fullmatch(text)
    try:
        if span is not None:
            return rfc3339(after(now, direction * int(span[1]) * _UNITS_MS[span[2]]))
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return None if moment.tzinfo is None else moment.isoformat()
