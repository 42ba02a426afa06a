# SPDX-License-Identifier: Apache-2.0
"""What a query for artifacts is made of: terms, all of which have to be true of an artifact that is found."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds

_EPOCH = date(1970, 1, 1)


class Kind(StrEnum):
    """What a term is about: the word before its colon, none for a plain word."""

    WORD = ""
    TYPE = "type"
    PLATFORM = "platform"
    LABEL = "label"
    ANNOTATION = "annotation"
    REVISION = "revision"
    DIGEST = "digest"
    TAG = "tag"
    SIZE = "size"
    PUSHED = "pushed"
    PULLED = "pulled"
    PROJECT = "project"
    REPOSITORY = "repository"
    IS = "is"


class Bound(StrEnum):
    """How something is compared."""

    UNDER = "<"
    AT_MOST = "<="
    OVER = ">"
    AT_LEAST = ">="
    EXACTLY = ""


class Standing(StrEnum):
    """What an artifact can be."""

    TAGGED = "tagged"
    UNTAGGED = "untagged"


@dataclass(frozen=True, slots=True)
class Range:
    """Numbers from `first` on that come before `end`; None for no such limit."""

    first: int | None = None
    end: int | None = None

    def covers(self, number: int) -> bool:
        """Tell whether a number lies inside."""
        return (self.first is None or self.first <= number) and (self.end is None or number < self.end)

    def narrowed(self, other: "Range") -> "Range":
        """Return what lies in both."""
        firsts = [each for each in (self.first, other.first) if each is not None]
        ends = [each for each in (self.end, other.end) if each is not None]
        return Range(max(firsts, default=None), min(ends, default=None))


@dataclass(frozen=True, slots=True)
class Said:
    """A label or annotation: with this value, or any where that is None."""

    key: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Bytes:
    """A comparison with a size in bytes."""

    bound: Bound
    size: int

    @property
    def range(self) -> Range:
        """The sizes that it is true of."""
        match self.bound:
            case Bound.UNDER:
                return Range(None, self.size)
            case Bound.AT_MOST:
                return Range(None, self.size + 1)
            case Bound.OVER:
                return Range(self.size + 1)
            case Bound.AT_LEAST:
                return Range(self.size)
            case _:
                return Range(self.size, self.size + 1)


@dataclass(frozen=True, slots=True)
class Day:
    """A comparison with a day in UTC: `>` is after its end, `<` before its beginning."""

    bound: Bound
    day: date

    def range(self, _now: Milliseconds) -> Range:
        """Return the moments that it is true of."""
        begin = (self.day - _EPOCH).days * DAY_MS
        end = begin + DAY_MS
        match self.bound:
            case Bound.UNDER:
                return Range(None, begin)
            case Bound.AT_MOST:
                return Range(None, end)
            case Bound.OVER:
                return Range(end)
            case Bound.AT_LEAST:
                return Range(begin)
            case _:
                return Range(begin, end)


@dataclass(frozen=True, slots=True)
class Age:
    """How long ago something happened at most (`<`), or at least (`>`), in milliseconds."""

    bound: Bound
    length_ms: int

    def range(self, now: Milliseconds) -> Range:
        """Return the moments that it is true of."""
        edge = now - self.length_ms
        return Range(edge) if self.bound is Bound.UNDER else Range(None, edge)


@dataclass(frozen=True, slots=True)
class Never:
    """It has not happened."""


Value = str | Said | Bytes | Day | Age | Never | Standing


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that is true of what is looked for, or with `is_wanted` false is not."""

    kind: Kind
    value: Value
    is_wanted: bool = True


@dataclass(frozen=True, slots=True)
class ArtifactQuery:
    """Everything that has to be true; without terms, everything there is."""

    terms: tuple[Term, ...] = ()
