# SPDX-License-Identifier: Apache-2.0
"""The use cases of paths: making, showing, changing and deleting them. Who manages the target project does."""

from dataclasses import dataclass
from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.groups import MemberKind
from entrepot.features.groups import exists
from entrepot.features.identity import Standing
from entrepot.features.identity import standing_of
from entrepot.features.projects import ProjectName
from entrepot.features.projects import ProjectRights
from entrepot.features.projects import ProjectUnknown
from entrepot.features.projects import parse_project_name
from entrepot.features.projects import require_existing
from entrepot.features.promotions.approving import enough_could
from entrepot.features.promotions.ending import end_path
from entrepot.features.promotions.errors import PathChanged
from entrepot.features.promotions.errors import PathInvalid
from entrepot.features.promotions.errors import PathTaken
from entrepot.features.promotions.errors import PathUnknown
from entrepot.features.promotions.errors import TooFewApprovers
from entrepot.features.promotions.errors import TooManyPaths
from entrepot.features.promotions.paths import MAX_PATHS_OF_PROJECT
from entrepot.features.promotions.paths import Path
from entrepot.features.promotions.paths import Terms
from entrepot.features.promotions.paths import check_terms
from entrepot.features.promotions.paths import parse_path_name
from entrepot.features.promotions.store import paths
from entrepot.features.promotions.telling import tell_path
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import Unauthenticated
from entrepot.kernel.identifiers import new_ulid
from entrepot.registry.platform import Platform

BATCH = 500
MAX_LOOKED_AT = 5_000
"""How many paths a list looks at that shows only some: a page may hold fewer than were asked for."""


@dataclass(frozen=True, slots=True)
class PathPage:
    """One page of paths; the next one begins behind `last`, None for the last page."""

    items: list[Path]
    last: tuple[str, str] | None


class PromotionPaths:
    """Every path. Whoever may see both projects sees it; to change it takes managing the rules of the target."""

    def __init__(self, platform: Platform, project_rights: ProjectRights) -> None:
        self._database = platform.database
        self._clock = platform.clock
        self._project_rights = project_rights

    async def page(self, principal: Principal, after: tuple[str, str], limit: int) -> PathPage:
        """Return the paths that the principal may see both ends of. Raises `Unauthenticated`."""
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        found: list[Path] = []
        for _ in range(MAX_LOOKED_AT // BATCH):
            batch = await self._database.read(paths.page, after, BATCH)
            found += [each for each in batch if await self._sees(principal, each)]
            if len(found) > limit:
                return PathPage(found[:limit], (found[limit - 1].project, found[limit - 1].name))
            if len(batch) < BATCH:
                return PathPage(found, None)
            after = (batch[-1].project, batch[-1].name)
        return PathPage(found, after)

    async def show(self, principal: Principal, project: str, name: str) -> Path:
        """Return a path. Raises as `ProjectRights.require_reading`, and `PathUnknown`."""
        await self._project_rights.require_reading(principal, ProjectName(project))
        found = await self._database.read(paths.named, project, name)
        if found is None or not await self._sees(principal, found):
            raise PathUnknown(f"there is no path {project}/{name[:64]}, or you may not see it")
        return found

    async def set(
        self, principal: Principal, project: str, name: str, terms: Terms, revision: int | None = None
    ) -> Path:
        """Make a path, or change what it says: of what waits on it, that counts from now on.

        Raises as `ProjectRights.require_administering` and `require_reading`, `ReauthenticationNeeded`, as
        `check_terms`, `ProjectUnknown`, `TooFewApprovers`, `PathTaken`, `PathChanged` and `TooManyPaths`.
        """
        into, source = parse_project_name(project), parse_project_name(terms.source)
        await self._project_rights.require_administering(principal, into, Action.MANAGE_POLICY)
        require_recent_login(principal)
        await self._project_rights.require_reading(principal, source)
        check_terms(into, terms)
        now = self._clock()
        wanted = Path(
            id=new_ulid(),
            project=into,
            name=parse_path_name(name),
            terms=terms,
            revision=1,
            created_at=now,
            changed_at=now,
            changed_by=principal.identity,
        )
        await self._database.read(_require_people, into, terms, now)
        return await self._database.write(_set, wanted, revision)

    async def delete(self, principal: Principal, project: str, name: str) -> None:
        """Delete a path; what waits on it fails. Raises as `set`, and `PathUnknown`."""
        into = parse_project_name(project)
        await self._project_rights.require_administering(principal, into, Action.MANAGE_POLICY)
        require_recent_login(principal)
        await self._database.write(_delete, into, name, self._clock())

    async def _sees(self, principal: Principal, path: Path) -> bool:
        try:
            for project in (path.project, path.terms.source):
                await self._project_rights.require_reading(principal, ProjectName(project))
        except ProjectUnknown:
            return False
        return True


def _require_people(connection: Connection, project: str, terms: Terms, now: Milliseconds) -> None:
    """Do nothing if all approvers exist, and enough of them could approve.

    Raises `PathInvalid` and `TooFewApprovers`.
    """
    for each in terms.approvers:
        is_group = each.kind is MemberKind.GROUP
        is_there = (
            exists(connection, each.name) if is_group else standing_of(connection, each.name) is not Standing.NONE
        )
        if not is_there:
            raise PathInvalid(f"there is no {each.kind} {each.name}" + ("" if is_group else ", or it is disabled"))
    if not enough_could(connection, project, terms, now):
        raise TooFewApprovers(
            f"{terms.approvals} have to approve, and fewer of those who are named may push to {project}"
        )


def _set(connection: Connection, wanted: Path, revision: int | None) -> Path:
    for project in sorted({wanted.project, wanted.terms.source}):
        require_existing(connection, ProjectName(project))
    before = paths.named(connection, wanted.project, wanted.name)
    if before is not None:
        before = paths.lock(connection, before.id)
    if revision is not None and revision != (before.revision if before else 0):
        if before is not None and revision == 0:
            raise PathTaken(f"there is a path {before.address} already")
        raise PathChanged(f"somebody has changed {wanted.address} since you read it")
    if before is None:
        if paths.count_into(connection, wanted.project) >= MAX_PATHS_OF_PROJECT:
            raise TooManyPaths(f"{MAX_PATHS_OF_PROJECT} paths lead into {wanted.project}")
        if not paths.add(connection, wanted):
            raise PathTaken(f"there is a path {wanted.address} already")
        tell_path(connection, Change.PROMOTION_PATH_CREATED, None, wanted, wanted.changed_at)
        return wanted
    changed = replace(wanted, id=before.id, created_at=before.created_at, revision=before.revision + 1)
    paths.replace(connection, changed)
    tell_path(connection, Change.PROMOTION_PATH_CHANGED, before, changed, changed.changed_at)
    return changed


def _delete(connection: Connection, project: str, name: str, now: Milliseconds) -> None:
    found = paths.named(connection, project, name)
    path = None if found is None else paths.lock(connection, found.id)
    if path is None:
        raise PathUnknown(f"there is no path {project}/{name[:64]}")
    end_path(connection, path, now)
