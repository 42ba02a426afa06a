# SPDX-License-Identifier: Apache-2.0
"""Whether two path patterns have a name in common."""

from functools import lru_cache

from entrepot.features.access import Pattern


def overlap(one: Pattern, other: Pattern) -> bool:
    """Tell whether some name can match both patterns. Never False wrongly."""
    shorter, longer = sorted((one, other), key=lambda each: len(_segments(each)))
    few, many = _segments(shorter), _segments(longer)
    if len(few) < len(many) and not shorter.includes_below:
        return False
    return all(_meet(*pair) for pair in zip(few, many, strict=False))


def _segments(pattern: Pattern) -> list[str]:
    return pattern.stem.split("/") if pattern.stem else []


@lru_cache(maxsize=4096)
def _meet(one: str, other: str) -> bool:
    """Tell whether some text matches both segments, in which a `*` stands for any characters."""
    if "*" not in one and "*" not in other:
        return one == other
    # Of each beginning of `other`: whether it has a text in common with what was read of `one`.
    row = [True, *(_only_stars(other[:end]) for end in range(1, len(other) + 1))]
    for character in one:
        above, row = row, [row[0] and character == "*"]
        for place, facing in enumerate(other):
            if "*" in (character, facing):
                row.append(above[place + 1] or row[place])
            else:
                row.append(above[place] and character == facing)
    return row[-1]


def _only_stars(text: str) -> bool:
    return not text.strip("*")
