# SPDX-License-Identifier: Apache-2.0
"""Identifiers that sort by time of birth (ULID: 48 bits of milliseconds, 80 random bits)."""

import secrets
import time
from typing import NewType

Ulid = NewType("Ulid", str)
"""26 characters of Crockford base 32, upper case."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 26


def new_ulid() -> Ulid:
    """Make an identifier that nobody made before and nobody can guess."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return Ulid("".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5)))


def is_ulid(text: str) -> bool:
    """Tell whether `text` could have come from `new_ulid`."""
    return len(text) == _LENGTH and text[0] <= "7" and all(character in _ALPHABET for character in text)
