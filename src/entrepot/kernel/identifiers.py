# SPDX-License-Identifier: Apache-2.0
"""Identifiers that sort by time of birth (ULID: 48 bits of milliseconds, 80 random bits)."""

import secrets
import time
from typing import NewType

Ulid = NewType("Ulid", str)
"""26 characters of Crockford base 32, upper case."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 26


_RANDOM_BITS = 80
_STEP_BITS = 56
"""Of the random step from one identifier to the next of the same millisecond: who knows the one guesses no other."""

_last = [0]
"""The number that was given last, by whichever thread: two at once may take the same, and their steps differ."""


def new_ulid() -> Ulid:
    """Make an identifier that nobody made before and nobody can guess.

    Those that a process makes one after the other in one millisecond sort in that order.
    """
    now, last = time.time_ns() // 1_000_000, _last[0]
    if now == last >> _RANDOM_BITS:
        number = last + 1 + secrets.randbits(_STEP_BITS)
    else:
        number = now << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    _last[0] = number
    return Ulid("".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5)))


def is_ulid(text: str) -> bool:
    """Tell whether `text` could have come from `new_ulid`."""
    return len(text) == _LENGTH and text[0] <= "7" and all(character in _ALPHABET for character in text)
