# SPDX-License-Identifier: Apache-2.0
"""What projects learn from events."""

from collections.abc import Sequence

from sqlalchemy import Connection

from entrepot.features.projects import store
from entrepot.features.projects.models import ProjectName
from entrepot.registry.events import Event
from entrepot.registry.events import EventType


class FirstPushes:
    """A listener: stores the project that a first push made.

    A repository is announced with its first manifest, in one transaction with it, so
    that later pushes cost nothing here and a push that was refused leaves no project.
    """

    name = "projects"
    event_types = frozenset({EventType.REPOSITORY_CREATED.value})

    def handle(self, connection: Connection, events: Sequence[Event]) -> None:
        """Store each project once."""
        pushed_by: dict[str, str] = {}
        for event in events:
            pushed_by.setdefault(event.project, event.principal)
        for project, principal in pushed_by.items():
            store.adopt(connection, ProjectName(project), principal)
