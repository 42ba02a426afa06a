# SPDX-License-Identifier: Apache-2.0
"""Stretches of the bytewise order of repository names, so that a listing looks only where there is something to show.

A name is made of `a-z 0-9 . _ - /` (distribution-spec, "Pulling manifests"). Of these `-` comes first, `0` follows
`/`, and `{` would come behind all: that is where the ends of spans are taken from.
"""

from collections.abc import Iterable
from collections.abc import Sequence
from typing import NamedTuple


class Span(NamedTuple):
    """The names from `first` on that come before `end`."""

    first: str
    end: str


EVERY_NAME = Span("", "{")


def exactly(name: str) -> Span:
    """Return the span of this name alone."""
    return Span(name, f"{name}-")


def subtree(name: str) -> list[Span]:
    """Return the spans of the name and of all below it; between `a` and `a/b` lie others, such as `a-b`."""
    return [exactly(name), Span(f"{name}/", f"{name}0")]


def beginning_with(prefix: str) -> Span:
    """Return the span of the names that begin so."""
    return Span(prefix, f"{prefix}{{")


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return spans over the same names, in order, of which no two overlap."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.first <= found[-1].end:
            found[-1] = Span(found[-1].first, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def overlap(spans: Iterable[Span], others: Sequence[Span]) -> list[Span]:
    """Return the spans over the names that are in one of `spans` and in one of `others`, in order."""
    shared = (Span(max(one.first, other.first), min(one.end, other.end)) for one in spans for other in others)
    return sorted(span for span in shared if span.first < span.end)


def behind(spans: Sequence[Span], after: str) -> list[Span]:
    """Return what is left of `spans` behind the name `after`, which may be any text."""
    begin = f"{after}-" if after else ""
    return [Span(max(span.first, begin), span.end) for span in spans if span.end > begin]


def up_to(spans: Sequence[Span], last: str) -> list[Span]:
    """Return what is left of `spans` up to the name `last`, and with it."""
    end = f"{last}-"
    return [Span(span.first, min(span.end, end)) for span in spans if span.first < end]
