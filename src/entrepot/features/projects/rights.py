# SPDX-License-Identifier: Apache-2.0
"""Who gets which answer about a project: the table of docs/reference/answers.md, with projects for repositories."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Protocol

from entrepot.features.projects.errors import ProjectUnknown
from entrepot.features.projects.models import ProjectName
from entrepot.features.projects.models import Visibility
from entrepot.features.projects.visibility import ProjectVisibility
from entrepot.features.roles import ROLE_ACTIONS
from entrepot.features.roles import Role
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.errors import InsufficientScope
from entrepot.kernel.errors import Unauthenticated
from entrepot.oci.errors import Denied
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of

_DONE = {
    Action.ADMIN: "administer",
    Action.CREATE: "make",
    Action.MANAGE_MEMBERS: "change who is a member of",
    Action.MANAGE_POLICY: "change the rules of",
    Action.DELETE: "delete in all of",
}


class ProjectAuthorizer(Protocol):
    """Decides from a principal's grants alone, whether a project of that name exists or not."""

    async def reaches(self, principal: Principal, project: str) -> bool:
        """Tell whether `principal` may read some name in the project."""

    async def reached(self, principal: Principal, projects: Iterable[str]) -> set[str]:
        """Return those of `projects` that hold some name that `principal` may read."""

    async def governs(self, principal: Principal, action: Action, project: str) -> bool:
        """Tell whether `principal` may do `action` on every name in the project."""

    async def opened(self, principal: Principal) -> AbstractSet[Visibility]:
        """Return the visibilities with which a project is open to `principal` without a grant."""


class ProjectRights:
    """Decides who may see a project, and who may administer it, before anybody looks whether it exists."""

    def __init__(self, authorizer: ProjectAuthorizer, visibility: ProjectVisibility) -> None:
        self._authorizer = authorizer
        self._visibility = visibility

    async def visible(self, principal: Principal, projects: Mapping[ProjectName, Visibility]) -> set[ProjectName]:
        """Return the projects that lists show to `principal`: they are open, or a grant reaches into them."""
        reached = await self._authorizer.reached(principal, projects)
        opened = await self._authorizer.opened(principal)
        return {
            name
            for name, visibility in projects.items()
            if (self._visibility.counted(name, visibility) in opened or name in reached) and _covers(principal, name)
        }

    async def require_reading(self, principal: Principal, project: ProjectName) -> None:
        """Do nothing if `principal` may see the project. Raises `Unauthenticated` or `ProjectUnknown`."""
        if await self._authorizer.reaches(principal, project) or await self._is_open(principal, project):
            _require_cover(_covers(principal, project))
        elif principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        else:
            raise ProjectUnknown(
                f"there is no project {project}, or you may not see it", hint=f"You are logged in as {principal.name}."
            )

    async def require_reading_all(self, principal: Principal, project: ProjectName) -> None:
        """Do nothing if `principal` may read everything in the project, as sums over it take.

        Raises as `require_reading`, and `Denied`.
        """
        await self.require_reading(principal, project)
        is_all = await self._authorizer.governs(principal, Action.READ, project)
        if not is_all and not await self._is_open(principal, project):
            raise Denied(
                f"{principal.name} may read only a part of the project {project}",
                hint="Ask about one of the repositories that you may read.",
                detail={"action": Action.READ.value, "project": project},
            )
        _require_cover(principal.allows_scope(Action.READ, "*"))

    async def require_administering(
        self, principal: Principal, project: ProjectName, action: Action = Action.ADMIN
    ) -> None:
        """Do nothing if `principal` may do `action` in all of the project. Raises `Unauthenticated` or `Denied`."""
        if await self._authorizer.governs(principal, action, project):
            _require_cover(principal.scopes is None)
        elif principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        else:
            role = next(role for role in Role if action in ROLE_ACTIONS[role])
            raise Denied(
                f"{principal.name} may not {_DONE[action]} the project {project}",
                hint=f"Ask an administrator of the registry for the role {role} on {project}/**.",
                detail={"action": action.value, "project": project},
            )

    async def _is_open(self, principal: Principal, project: ProjectName) -> bool:
        return await self._visibility.of(project) in await self._authorizer.opened(principal)


def _covers(principal: Principal, project: ProjectName) -> bool:
    """Tell whether the credential's scopes, if it has any, let it pull something of the project."""
    if principal.scopes is None:
        return True
    return any(
        Action.PULL in scope.actions and namespace_of(RepositoryName(scope.repository)) in (project, "*")
        for scope in principal.scopes
    )


def _require_cover(is_covered: bool) -> None:
    if not is_covered:
        raise InsufficientScope
