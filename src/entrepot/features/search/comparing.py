# SPDX-License-Identifier: Apache-2.0
"""Sizes, days and ages in queries: `>100MB`, `<=2026-01-31`, `<30d`."""

import re
from datetime import date
from types import MappingProxyType

from entrepot.features.search.errors import QueryInvalid
from entrepot.features.search.terms import Age
from entrepot.features.search.terms import Bound
from entrepot.features.search.terms import Bytes
from entrepot.features.search.terms import Day
from entrepot.features.search.terms import Never
from entrepot.kernel.durations import InvalidDuration
from entrepot.kernel.durations import parse_duration

_BOUND = re.compile(r"<=|>=|<|>|")
_SIZE = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,6}))?([kmgt]?)(i?)(b?)")
_POWERS = MappingProxyType({"": 0, "k": 1, "m": 2, "g": 3, "t": 4})
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_FIRST_DAY = date(1970, 1, 1)
_LAST_DAY = date(9000, 1, 1)
_MOST_BYTES = 2**62
_NEVER = "never"
_UNITS = (("y", 365 * 86_400), ("w", 7 * 86_400), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
_BYTES = (("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3))

_ABOUT_SIZES = "Compare with a size: size:>100MB, size:<=1.5GiB or size:4096."
_ABOUT_MOMENTS = "Compare with a day or an age: >2026-01-01, <=2026-01-31, or <30d for the last 30 days."


def parse_bytes(text: str) -> Bytes:
    """Read a comparison with a size. Raises `QueryInvalid`."""
    bound, rest = _split(text)
    found = _SIZE.fullmatch(rest.lower())
    if found is None or (found[4] and not found[3]):
        raise QueryInvalid(f"{rest[:32]!r} is no size", hint=_ABOUT_SIZES)
    whole, part, unit, is_binary, _ = found.groups()
    one: int = (1024 if is_binary else 1000) ** _POWERS[unit]
    size = int(whole) * one + (int(part) * one // 10 ** len(part) if part else 0)
    if size > _MOST_BYTES:
        raise QueryInvalid(f"{rest[:32]!r} is more than there can be", hint=_ABOUT_SIZES)
    return Bytes(bound, size)


def format_bytes(value: Bytes) -> str:
    """Write what `parse_bytes` reads, in the largest unit that says it exactly."""
    for unit, one in _BYTES:
        if value.size and value.size % one == 0:
            return f"{value.bound.value}{value.size // one}{unit}"
    return f"{value.bound.value}{value.size}B"


def parse_moment(text: str) -> Day | Age | Never:
    """Read a comparison with a day, an age, or `never`. Raises `QueryInvalid`."""
    if text == _NEVER:
        return Never()
    bound, rest = _split(text)
    if _DAY.fullmatch(rest):
        return Day(bound, _day(rest))
    try:
        length_ms = parse_duration(rest)
    except InvalidDuration:
        raise QueryInvalid(f"{rest[:32]!r} is no day and no age", hint=_ABOUT_MOMENTS) from None
    if bound is Bound.EXACTLY:
        raise QueryInvalid(f"{rest!r} has to be compared", hint=f"Write <{rest} or >{rest}.")
    return Age(Bound.UNDER if bound in (Bound.UNDER, Bound.AT_MOST) else Bound.OVER, length_ms)


def format_moment(value: Day | Age | Never) -> str:
    """Write what `parse_moment` reads."""
    if isinstance(value, Never):
        return _NEVER
    if isinstance(value, Day):
        return f"{value.bound.value}{value.day.isoformat()}"
    seconds = value.length_ms // 1000
    unit, one = next((unit, one) for unit, one in _UNITS if seconds % one == 0)
    return f"{value.bound.value}{seconds // one}{unit}"


def _split(text: str) -> tuple[Bound, str]:
    found = _BOUND.match(text)
    bound = Bound(found[0] if found else "")
    return bound, text.removeprefix(bound.value)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise QueryInvalid(f"there is no day {text}", hint=_ABOUT_MOMENTS) from None
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise QueryInvalid(f"{text} is no day on which anything was pushed", hint=_ABOUT_MOMENTS)
    return day
