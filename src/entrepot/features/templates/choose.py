# SPDX-License-Identifier: Apache-2.0
"""Which of several templates counts for a name, without I/O."""

from collections.abc import Iterable
from dataclasses import dataclass

from entrepot.features.access import parse_pattern
from entrepot.features.templates.models import REGISTRY


@dataclass(frozen=True, slots=True)
class Candidate:
    """A template that may count: whose it is, its name and its pattern."""

    project: str
    name: str
    pattern: str


def choose(candidates: Iterable[Candidate], name: str) -> Candidate | None:
    """Return the candidate with the most specific pattern of those that match, None if none does.

    Of two that are equally specific, one of the project counts before one of the registry, then the first by name.
    """
    matching = (each for each in candidates if parse_pattern(each.pattern).matches(name))
    return min(matching, key=_order, default=None)


def _order(candidate: Candidate) -> tuple[tuple[int, bool, int], bool, str]:
    return breadth(candidate.pattern), candidate.project == REGISTRY, candidate.name


def breadth(path_pattern: str) -> tuple[int, bool, int]:
    """Return what tells how broad a path pattern is, from the most specific to the broadest.

    First comes the one with more fixed characters, then one for a name before one for everything below it too, then the
    one with fewer `*`. So a pattern that matches only a part of what another one does comes before it.
    """
    pattern = parse_pattern(path_pattern)
    if not pattern.stem:
        return 1, True, 0
    stars = pattern.stem.count("*")
    return stars - len(pattern.stem), pattern.includes_below, stars
