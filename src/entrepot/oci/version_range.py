# SPDX-License-Identifier: Apache-2.0
"""Ranges of versions, for tags: `>=1.2 <2`, `^1.4`, `~1.4.2`, `1.x`, `1.2 - 1.4`, `^1 || ^2`.

| range | has |
|---|---|
| `1.4`, `1.4.x`, `1.4.*`, `=1.4` | every version that begins with these numbers: `1.4`, `1.4.0`, `v1.4.7-alpine` |
| `>1.4`, `>=1.4`, `<1.4`, `<=1.4` | as the numbers say that the bound has: `1.4.7` is not greater than `1.4` |
| `^1.4.2` | from `1.4.2` on all with the same first number that is not 0 |
| `~1.4.2` | from `1.4.2` on all that begin with `1.4` |
| `1.2 - 1.4` | `>=1.2 <=1.4` |
| `*` | every version |

What stands side by side has to hold together, of what `||` parts one side. So far as npm's ranges, with one
difference: tags have variants behind a hyphen, which are pre-releases by the letter (`1.4.2-alpine`). Where a bound has
none, they belong to their version; where it has one (`>=2.0.0-rc.1`), the order of Semantic Versioning 2.0 decides.
"""

import re
from dataclasses import dataclass

from entrepot.kernel.errors import InvalidRequest
from entrepot.oci.version_order import VersionNumbers
from entrepot.oci.version_order import numbers_of
from entrepot.oci.version_order import version_key

MAX_CHARACTERS = 200
MAX_COMPARATORS = 20

_SIGNS = {">": (1,), ">=": (0, 1), "=": (0,), "<=": (-1, 0), "<": (-1,)}
"""How a version may compare with a bound: -1 where it is less."""
_COMPARATOR = re.compile(
    r"(?P<operator>[<>]=?|[=^~]?)\s*(?P<bound>\*|[vV]?[0-9]+(?:\.[0-9]+)*(?P<rest>(?:\.[xX*])+)?"
    r"(?P<release>-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)(?:\s+|$)",
    re.ASCII,
)
_HYPHEN = re.compile(r"(\S+)\s+-\s+(\S+)", re.ASCII)
_REST = re.compile(r"(?:\.[xX*])+", re.ASCII)


class InvalidVersionRange(InvalidRequest):
    """The range of versions is not valid."""

    code = "invalid_version_range"
    default_hint = "Write one such as '>=1.2 <2', '^1.4', '~1.4.2', '1.x' or '^1 || ^2'."


@dataclass(frozen=True, slots=True)
class _Version:
    numbers: VersionNumbers
    key: str

    def first(self, count: int) -> VersionNumbers:
        """Return so many numbers; those that are missing are 0."""
        return (*self.numbers, *(0 for _ in range(count)))[:count]


@dataclass(frozen=True, slots=True)
class _Bound:
    """What `operator` compares a version with: by the whole order if there is a key, else by as many numbers."""

    operator: str
    numbers: VersionNumbers
    key: str = ""

    def allows(self, version: _Version) -> bool:
        """Tell whether a version is on the right side."""
        if self.key:
            sign = (version.key > self.key) - (version.key < self.key)
        else:
            first = version.first(len(self.numbers))
            sign = (first > self.numbers) - (first < self.numbers)
        return sign in _SIGNS[self.operator]


@dataclass(frozen=True, slots=True)
class VersionRange:
    """A range that was read."""

    text: str
    _alternatives: tuple[tuple[_Bound, ...], ...]

    def has(self, tag: str) -> bool:
        """Tell whether a tag is a version within the range."""
        numbers = numbers_of(tag)
        if numbers is None:
            return False
        version = _Version(numbers, version_key(tag))
        return any(all(bound.allows(version) for bound in bounds) for bounds in self._alternatives)


def parse_range(text: str) -> VersionRange:
    """Read a range. Raises `InvalidVersionRange`."""
    if len(text) > MAX_CHARACTERS:
        raise InvalidVersionRange(f"the range has {len(text)} characters, at most {MAX_CHARACTERS} are accepted")
    alternatives = tuple(tuple(_bounds_of(each)) for each in text.split("||"))
    if sum(map(len, alternatives)) > MAX_COMPARATORS:
        raise InvalidVersionRange(f"the range has more than {MAX_COMPARATORS} comparators")
    return VersionRange(text, alternatives)


def _bounds_of(text: str) -> list[_Bound]:
    left = _HYPHEN.sub(r">=\1 <=\2", text.strip())
    if not left:
        raise InvalidVersionRange("a range, or one side of '||', is empty")
    bounds: list[_Bound] = []
    while left:
        found = _COMPARATOR.match(left)
        if found is None:
            raise InvalidVersionRange(f"{left[:40]!r} is not the beginning of a range")
        bounds += _read(found)
        left = left[found.end() :]
    return bounds


def _read(found: re.Match[str]) -> list[_Bound]:
    operator, text = found["operator"] or "=", found["bound"]
    if text == "*":
        if operator in ("<", ">"):
            raise InvalidVersionRange(f"nothing is {operator}*")
        return [_Bound("=", ())]
    if found["rest"] and found["release"]:
        raise InvalidVersionRange(f"{text[:40]!r} has a pre-release of no version")
    text = _REST.sub("", text)
    numbers = numbers_of(text)
    assert numbers is not None, "the expression takes nothing else"  # noqa: S101 - a mistake of ours
    key = version_key(text) if found["release"] else ""
    lower = _Bound(">=", numbers, key)
    if operator == "^":
        fixed = next((place for place, number in enumerate(numbers) if number), len(numbers) - 1)
        return [lower, _Bound("=", numbers[: fixed + 1])]
    if operator == "~":
        return [lower, _Bound("=", numbers[:2])]
    return [_Bound(operator, numbers, key)]
