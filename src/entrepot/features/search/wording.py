# SPDX-License-Identifier: Apache-2.0
"""Words, as they are looked for and as artifacts have them."""

import re

SHORTEST_REVISION = 4
LONGEST_REVISION = 64
LONGEST_WORD = 64

_WORD = re.compile(r"[^\W_]+")
_REVISION = re.compile(rf"[0-9a-z._/+-]{{{SHORTEST_REVISION},{LONGEST_REVISION}}}")
_PLATFORM = re.compile(r"[a-z0-9._-]+(?:/[a-z0-9._-]+){0,2}")


def words_of(text: str) -> list[str]:
    """Return the words of a text in small letters: what stands between anything that is no letter and no digit."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(text.lower())]


def as_revision(text: str) -> str | None:
    """Return a commit, or its beginning, as it is compared; None for what is none."""
    text = text.strip().lower()
    return text if _REVISION.fullmatch(text) else None


def as_platform(text: str) -> str | None:
    """Return a platform, or a part of one, as it is compared; None for what is none."""
    text = text.lower()
    return text if _PLATFORM.fullmatch(text) else None


def parts_of_platform(platform: str) -> list[str]:
    """Return every text by which a platform is found: `linux/arm64/v8` by `linux` and `linux/arm64`, too."""
    pieces = platform.lower().split("/")
    return [*pieces, *("/".join(pieces[:count]) for count in range(2, len(pieces) + 1))]
