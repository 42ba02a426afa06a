# SPDX-License-Identifier: Apache-2.0
"""Sizes as people write and read them: 50GB are 50,000,000,000 bytes, 50GiB are 53,687,091,200."""

import re

from entrepot.features.quotas.errors import QuotaInvalid
from entrepot.features.quotas.models import MAX_LIMIT

MAX_SIZE_CHARACTERS = 32

_SIZE = re.compile(r"([0-9]{1,19})(?:\.([0-9]{1,6}))?\s*([kmgtpe]?)(i?)(b?)", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4, "p": 5, "e": 6}
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")


def parse_size(text: str) -> int:
    """Read a size in bytes: `50GB`, `1.5 TiB`, `1000`. A unit with an `i` counts in 1,024s. Raises `QuotaInvalid`."""
    found = _SIZE.fullmatch(text.strip()) if len(text) <= MAX_SIZE_CHARACTERS else None
    if found is None or (found[4] and not found[3]):
        raise QuotaInvalid(f"{text[:MAX_SIZE_CHARACTERS]!r} is no size", hint="Write it as 50GB, 50GiB or 1.5TB.")
    whole, part, unit, is_binary, _ = found.groups()
    one: int = (1024 if is_binary else 1000) ** _POWERS[unit.lower()]
    size = int(whole) * one + (int(part) * one // 10 ** len(part) if part else 0)
    if size > MAX_LIMIT:
        raise QuotaInvalid(f"{text.strip()} is more than there can be")
    return size


def shown_size(size: int) -> str:
    """Write a size in bytes for people, as docker does: `9.85 GB`. Rounds down, so that less than all is not all."""
    amount, unit = size, 0
    part = 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount, rest = divmod(amount, 1000)
        part = rest // 10
        unit += 1
    if not unit or not part or amount >= 100:
        return f"{amount} {_UNITS[unit]}"
    return f"{amount}.{part:02d}".rstrip("0") + f" {_UNITS[unit]}"
