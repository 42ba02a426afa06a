# SPDX-License-Identifier: Apache-2.0
"""What a webhook wants to hear of.

A filter is the name of what happened (`tag.moved`), or the beginning of names before a dot (`tag.*`, `robot.*`), or
`*` for everything. Where there is no filter, everything is told but use: pulls are many, and have to be named.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from entrepot.features.access import parse_pattern
from entrepot.features.events import NAMES
from entrepot.features.events import USES
from entrepot.features.events import CloudEvent
from entrepot.features.webhooks.errors import WebhookInvalid

MAX_FILTER_CHARACTERS = 64
EVERYTHING = "*"

_FILTER = re.compile(r"[a-z][a-z-]*\.(?:[a-z][a-z-]*|\*)")


@lru_cache(maxsize=1024)
def parse_event_filter(text: str) -> frozenset[str]:
    """Return the names that a filter stands for. Raises `WebhookInvalid` for one that stands for none."""
    if text == EVERYTHING:
        return NAMES
    if len(text) > MAX_FILTER_CHARACTERS or _FILTER.fullmatch(text) is None:
        raise WebhookInvalid(
            f"{text[:MAX_FILTER_CHARACTERS]!r} is no filter of events", hint="Write tag.moved, tag.*, or *."
        )
    stem = text.removesuffix("*")
    found = frozenset(name for name in NAMES if name == text or (stem != text and name.startswith(stem)))
    if not found:
        raise WebhookInvalid(
            f"nothing that happens is called {text}", hint="GET /api/v1/webhooks/types lists what does."
        )
    return found


def names_of(filters: Sequence[str]) -> frozenset[str]:
    """Return the names that any of the filters stands for. Filters of an earlier version may stand for none."""
    if not filters:
        return NAMES - USES
    return frozenset().union(*(_known(each) for each in filters))


def wants(filters: Sequence[str], paths: Sequence[str], project: str, event: CloudEvent) -> bool:
    """Tell whether a webhook of `project`, empty for the registry, wants to hear of an event."""
    if project and event.project != project:
        return False
    if event.name not in names_of(filters):
        return False
    return not paths or (
        bool(event.repository) and any(parse_pattern(path).matches(event.repository) for path in paths)
    )


def _known(text: str) -> frozenset[str]:
    try:
        return parse_event_filter(text)
    except WebhookInvalid:
        return frozenset()
