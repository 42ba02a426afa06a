# SPDX-License-Identifier: Apache-2.0
"""What a webhook wants to hear of: filters of events (`features/events/filters.py`) and patterns of repositories."""

from collections.abc import Sequence

from entrepot.features.access import parse_pattern
from entrepot.features.events import CloudEvent
from entrepot.features.events import names_of


def wants(filters: Sequence[str], paths: Sequence[str], project: str, event: CloudEvent) -> bool:
    """Tell whether a webhook of `project`, empty for the registry, wants to hear of an event."""
    if project and event.project != project:
        return False
    if event.name not in names_of(filters):
        return False
    return not paths or (
        bool(event.repository) and any(parse_pattern(path).matches(event.repository) for path in paths)
    )
