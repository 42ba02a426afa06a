# SPDX-License-Identifier: Apache-2.0
"""What projects learn from events."""

from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.features.projects.founding import Lifetime
from entrepot.features.projects.founding import adopt
from entrepot.features.projects.models import ProjectName
from entrepot.registry.events import Event
from entrepot.registry.events import EventType


class FirstPushes:
    """A listener: stores the project that a first push made, and lets it and the repository begin.

    A repository is announced with its first manifest, in one transaction with it, so
    that later pushes cost nothing here and a push that was refused leaves no project.
    """

    name = "projects"
    event_types = frozenset({EventType.REPOSITORY_CREATED.value})

    def __init__(self, lifetime: Lifetime) -> None:
        self._lifetime = lifetime

    def handle(self, connection: Connection, events: Sequence[Event]) -> None:
        """Store each project once, and let each repository begin."""
        pushes: dict[str, list[Event]] = {}
        for event in events:
            pushes.setdefault(event.project, []).append(event)
        for project, first in pushes.items():
            adopt(connection, ProjectName(project), first, self._lifetime)
        self._lifetime.settle(connection, events)
