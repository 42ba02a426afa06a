# SPDX-License-Identifier: Apache-2.0
"""A project comes into being: what it starts with, and what is told of it, in that transaction."""

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.projects import store
from entrepot.features.projects.models import Project
from entrepot.features.projects.models import ProjectName
from entrepot.features.projects.models import Visibility
from entrepot.kernel.access import Principal
from entrepot.kernel.access import principal_of
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.events import Event


@dataclass(frozen=True, slots=True)
class Founding:
    """A project that comes into being, and the visibility that was asked for, None if nobody said."""

    name: ProjectName
    principal: Principal | None
    """Who makes it, or pushed first into it; None where that is not known."""
    visibility: Visibility | None
    at: Milliseconds

    @property
    def creator(self) -> str:
        """Who makes it, such as `user:alice`; empty where that is not known."""
        return "" if self.principal is None else self.principal.identity


@dataclass(frozen=True, slots=True)
class Start:
    """What a project starts with, and which template says so; empty if none does."""

    visibility: Visibility
    template: str = ""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """What others do where projects and repositories begin and projects end, each in that transaction."""

    found: Callable[[Connection, Founding], Start]
    """Gives a new project what it starts with, but for its visibility, which is returned."""
    settle: Callable[[Connection, Sequence[Event]], None]
    """Does the same for repositories that were pushed into for the first time."""
    farewell: Callable[[Connection, ProjectName], None]
    """Removes what others keep about a project that is deleted."""
    founded: Callable[[], None]
    """Called once a project is there: rights that are remembered may be others from then on."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told of a new project."""

    visibility: str
    template: str | None


def create(connection: Connection, founding: Founding, project: Project, lifetime: Lifetime) -> Project | None:
    """Store a project that somebody asked for; return it as it starts, None if there is one of its name."""
    if not store.create(connection, project):
        return None
    return _begin(connection, founding, project, lifetime)


def adopt(connection: Connection, name: ProjectName, pushes: Sequence[Event], lifetime: Lifetime) -> None:
    """Store a project that first pushes made, unless it is stored already, or has nothing in it any more.

    Of pushes from before it was there anew, nobody is its creator.
    """
    project = store.pushed(connection, name)
    if project is None:
        return
    first = next((push for push in pushes if push.occurred_at >= project.created_at), None)
    creator = None if first is None else principal_of(first.principal, first.credential)
    made = project if creator is None else replace(project, created_by=creator.identity)
    if store.adopt(connection, made):
        _begin(connection, Founding(name, creator, None, project.created_at), made, lifetime)


def _begin(connection: Connection, founding: Founding, project: Project, lifetime: Lifetime) -> Project:
    start = lifetime.found(connection, founding)
    begun = replace(project, visibility=start.visibility)
    if begun != project:
        store.replace(connection, begun)
    told = Told(
        object=f"project:{project.name}",
        project=project.name,
        after=_Told(begun.visibility.value, start.template or None),
        principal=founding.principal or principal_of(project.created_by),
    )
    announce(connection, Change.PROJECT_CREATED, founding.at, told)
    return begun
