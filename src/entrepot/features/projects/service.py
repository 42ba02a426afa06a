# SPDX-License-Identifier: Apache-2.0
"""The use cases of projects."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import Protocol

from sqlalchemy import Connection

from entrepot.features.projects import store
from entrepot.features.projects.errors import ProjectExists
from entrepot.features.projects.errors import ProjectNotEmpty
from entrepot.features.projects.errors import ProjectUnknown
from entrepot.features.projects.founding import Founding
from entrepot.features.projects.founding import Lifetime
from entrepot.features.projects.founding import adopt
from entrepot.features.projects.founding import create
from entrepot.features.projects.models import Cause
from entrepot.features.projects.models import Project
from entrepot.features.projects.models import ProjectName
from entrepot.features.projects.models import Redirects
from entrepot.features.projects.models import Visibility
from entrepot.features.projects.rights import ProjectRights
from entrepot.features.projects.visibility import ProjectVisibility
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.spans import Span
from entrepot.kernel.spans import behind
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.four_eyes import Act
from entrepot.registry.four_eyes import Attempt
from entrepot.registry.namespaces import vacate
from entrepot.registry.platform import Platform
from entrepot.registry.repositories import Names

AS_CONFIGURED = 0
_BATCH = 1_000
MAX_CHECKED = 10 * _BATCH
"""How many projects a search for text looks at before it says that there may be more."""


class ProjectGuard(Protocol):
    """Knows what must not happen to a project, whoever asks."""

    async def require_visibility(self, principal: Principal, name: ProjectName, visibility: Visibility) -> None:
        """Do nothing if a project may be made, or become, so visible. Raises `Forbidden`."""


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """One page of projects by name; `is_more` says whether another follows."""

    projects: list[Project]
    is_more: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to change of a project; None stays as it is."""

    visibility: Visibility | None = None
    redirect: Redirects | None = None
    undelete_days: int | None = None
    """`AS_CONFIGURED` for as many as are configured."""

    def of(self, project: Project) -> Project:
        """Return the project as it is to be."""
        days = project.undelete_days if self.undelete_days is None else self.undelete_days or None
        return replace(
            project,
            visibility=self.visibility or project.visibility,
            redirect=self.redirect or project.redirect,
            undelete_days=days,
        )


class Projects:
    """Making, showing, changing and deleting projects."""

    def __init__(
        self,
        platform: Platform,
        rights: ProjectRights,
        visibility: ProjectVisibility,
        lifetime: Lifetime,
        guard: ProjectGuard,
    ) -> None:
        self._database = platform.database
        self._clock = platform.clock
        self._modes = platform.modes
        self._four_eyes = platform.four_eyes
        self._rights = rights
        self._visibility = visibility
        self._lifetime = lifetime
        self._guard = guard

    async def page(self, principal: Principal, after: str, limit: int) -> ProjectPage:
        """Return the projects behind `after` that the principal may see, at most `limit`."""
        found: list[Project] = []
        while len(found) <= limit:
            batch = await self._database.read(store.page, after, _BATCH)
            visible = await self._rights.visible(principal, {each.name: each.visibility for each in batch})
            found += [project for project in batch if project.name in visible]
            if len(batch) < _BATCH:
                break
            after = batch[-1].name
        return ProjectPage(found[:limit], len(found) > limit)

    async def containing(
        self, principal: Principal, spans: Sequence[Span], text: str, limit: int
    ) -> Names[ProjectName]:
        """Return the names with `text` in them of projects that the principal may see, by span, at most `limit`.

        Gives up after about `MAX_CHECKED` projects, of which fewer than `limit` may be seen: then `is_more` is true.
        """
        found: list[ProjectName] = []
        left = list(spans)
        for _ in range(MAX_CHECKED // _BATCH + len(spans)):
            batch = await self._database.read(store.containing_text, left[0], text, _BATCH)
            visible = await self._rights.visible(principal, batch)
            found += [name for name in batch if name in visible]
            left[:1] = behind(left[:1], next(reversed(batch))) if len(batch) == _BATCH else []
            if not left or len(found) > limit:
                return Names(found[:limit], len(found) > limit)
            await asyncio.sleep(0)
        return Names(found[:limit], is_more=True)

    async def create(self, principal: Principal, name: ProjectName, visibility: Visibility | None) -> Project:
        """Make a project, which who may `create` everything in it may do.

        It starts with what a template for its name says; of its visibility, if none is asked for.

        Raises as `ProjectRights.require_administering` and `ProjectGuard`, `ReauthenticationNeeded` and
        `ProjectExists`.
        """
        await self._rights.require_administering(principal, name, Action.CREATE)
        asked = visibility or Visibility.PRIVATE
        _require_recent_login_to_show(principal, asked)
        await self._guard.require_visibility(principal, name, asked)
        founding = Founding(name, principal, visibility, self._clock())
        wanted = Project(name, asked, founding.at, principal.identity, Cause.REQUEST)
        project = await self._database.write(create, founding, wanted, self._lifetime)
        if project is None:
            raise ProjectExists(
                f"the project {name} exists already",
                hint=f'Change it with PATCH /api/v1/projects/{name} {{"visibility": "{asked}"}}.',
            )
        self._visibility.forget(name)
        self._lifetime.founded()
        return project

    async def show(self, principal: Principal, name: ProjectName) -> Project:
        """Return a project. Raises as `ProjectRights.require_reading`, and `ProjectUnknown`."""
        await self._rights.require_reading(principal, name)
        return await self.existing(name)

    async def change(self, principal: Principal, name: ProjectName, wanted: Wanted) -> Project:
        """Change who may pull from a project without a grant, whether from the storage, and how long its bin lasts.

        Raises as `ProjectRights.require_administering` and `ProjectGuard`, `ReauthenticationNeeded` and
        `ProjectUnknown`.
        """
        await self._rights.require_administering(principal, name)
        if wanted.visibility is not None:
            _require_recent_login_to_show(principal, wanted.visibility)
            await self._guard.require_visibility(principal, name, wanted.visibility)
        project = await self._database.write_locked(_change, name, wanted, self._lifetime, self._clock())
        self._visibility.forget(name)
        return project

    async def delete(self, principal: Principal, name: ProjectName) -> None:
        """Delete a project without artifacts, its emptied repositories, and every grant within it.

        Raises as `ProjectRights.require_administering`, `ReauthenticationNeeded`, `ProjectUnknown` and
        `ProjectNotEmpty`, `RefusedByMode`, and as `FourEyes.require`.
        """
        await self._rights.require_administering(principal, name)
        require_recent_login(principal)
        await self._modes.require_deleting(name)
        await self._database.write_locked(self._delete, principal, name)
        self._visibility.forget(name)

    def _delete(self, connection: Connection, principal: Principal, name: ProjectName) -> None:
        project = _known(name, store.lock(connection, name))
        _empty(connection, name, self._clock())
        attempt = Attempt(Act.PROJECT_DELETE, name, since=project.created_at)
        self._four_eyes.require(connection, principal, attempt)
        store.remove(connection, name)
        self._lifetime.farewell(connection, name)
        announce(connection, Change.PROJECT_DELETED, self._clock(), _told(name, before=_terms(project)))

    async def existing(self, name: ProjectName) -> Project:
        """Return the project of that name, whoever asks. Raises `ProjectUnknown`."""
        return _known(name, await self._database.snapshot(store.find, name))


def require_existing(connection: Connection, name: ProjectName) -> None:
    """Do nothing if there is the project, which then stays until this transaction ends. Raises `ProjectUnknown`.

    What is written about a project in the same transaction cannot outlive it, and fall to another of its name.
    """
    _known(name, store.hold(connection, name))


def _require_recent_login_to_show(principal: Principal, visibility: Visibility) -> None:
    """Do nothing unless others than the members get to see what is in a project. Raises `ReauthenticationNeeded`."""
    if visibility is not Visibility.PRIVATE:
        require_recent_login(principal)


def _change(
    connection: Connection, name: ProjectName, wanted: Wanted, lifetime: Lifetime, now: Milliseconds
) -> Project:
    adopt(connection, name, (), lifetime)  # what was pushed into a moment ago begins first, and then changes
    before = _known(name, store.lock(connection, name))
    project = wanted.of(before)
    store.replace(connection, project)
    if project != before:
        announce(connection, Change.PROJECT_CHANGED, now, _told(name, _terms(before), _terms(project)))
    return project


def _terms(project: Project) -> dict[str, object]:
    return {
        "visibility": project.visibility.value,
        "redirect": project.redirect.value,
        "undelete_days": project.undelete_days,
    }


def _told(name: ProjectName, before: dict[str, object], after: dict[str, object] | None = None) -> Told:
    return Told(object=f"project:{name}", project=name, before=before, after=after)


def _empty(connection: Connection, name: ProjectName, now: Milliseconds) -> None:
    """Remove the emptied repositories of a project that holds no artifact. Raises `ProjectNotEmpty` and `Denied`."""
    occupied = vacate(connection, name, now)
    if occupied.count:
        named = ", ".join(occupied.names)
        more = f" and {occupied.count - len(occupied.names)} more" if occupied.count > len(occupied.names) else ""
        raise ProjectNotEmpty(
            f"{occupied.count} repositories of the project {name} still hold artifacts: {named}{more}",
            detail={"repositories": occupied.count},
        )


def _known(name: ProjectName, project: Project | None) -> Project:
    if project is None:
        raise ProjectUnknown(f"there is no project {name}")
    return project
