# SPDX-License-Identifier: Apache-2.0
"""Which events are wanted, in words.

A filter is the name of what happened (`tag.moved`), or the beginning of names before a dot (`tag.*`, `robot.*`), or
`*` for everything. Where there is no filter, everything is told but use: pulls are many, and have to be named.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from entrepot.features.events.cloudevents import NAMES
from entrepot.features.events.cloudevents import USES
from entrepot.features.events.errors import EventFilterInvalid

MAX_FILTER_CHARACTERS = 64
EVERYTHING = "*"

_FILTER = re.compile(r"[a-z][a-z-]*\.(?:[a-z][a-z-]*|\*)")


@lru_cache(maxsize=1024)
def parse_event_filter(text: str) -> frozenset[str]:
    """Return the names that a filter stands for. Raises `EventFilterInvalid` for one that stands for none."""
    if text == EVERYTHING:
        return NAMES
    if len(text) > MAX_FILTER_CHARACTERS or _FILTER.fullmatch(text) is None:
        raise EventFilterInvalid(f"{text[:MAX_FILTER_CHARACTERS]!r} is no filter of events")
    stem = text.removesuffix("*")
    found = frozenset(name for name in NAMES if name == text or (stem != text and name.startswith(stem)))
    if not found:
        raise EventFilterInvalid(f"nothing that happens is called {text}")
    return found


def names_of(filters: Sequence[str]) -> frozenset[str]:
    """Return the names that any of the filters stands for. Filters of an earlier version may stand for none."""
    if not filters:
        return NAMES - USES
    return frozenset().union(*(_known(each) for each in filters))


def _known(text: str) -> frozenset[str]:
    try:
        return parse_event_filter(text)
    except EventFilterInvalid:
        return frozenset()
