# SPDX-License-Identifier: Apache-2.0
"""The use cases of members: those with a role on the whole of a project, for every tag."""

from entrepot.features.access import NOW
from entrepot.features.grants import store
from entrepot.features.grants.errors import MemberUnknown
from entrepot.features.grants.models import MANY
from entrepot.features.grants.models import Grantee
from entrepot.features.grants.models import Terms
from entrepot.features.grants.models import grantee_of
from entrepot.features.grants.service import Given
from entrepot.features.grants.service import GrantPage
from entrepot.features.grants.service import Grants
from entrepot.features.grants.service import last_moment
from entrepot.features.projects import ProjectName
from entrepot.features.projects import ProjectRights
from entrepot.features.projects import Projects
from entrepot.features.roles import Role
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.platform import Platform

_ORDINARY = frozenset({Role.VIEW, Role.READ, Role.WRITE, Role.MAINTAIN})
"""Roles that are given and taken without another login."""


class Members:
    """The members of a project, for those who may `manage-members` in all of it."""

    def __init__(self, platform: Platform, grants: Grants, projects: Projects, rights: ProjectRights) -> None:
        self._database = platform.database
        self._grants = grants
        self._projects = projects
        self._rights = rights
        self._registry_rights = platform.rights

    async def page(self, principal: Principal, project: ProjectName, after: int, limit: int) -> GrantPage:
        """Return the grants on all of a project behind the one numbered `after`.

        Whoever may read accounts sees them too.
        Raises as `ProjectRights.require_reading` and `require_administering`, and `ProjectUnknown`.
        """
        await self._rights.require_reading(principal, project)
        if not await self._registry_rights.may_system(principal, SystemAction.READ_ACCOUNTS):
            await self._rights.require_administering(principal, project, Action.MANAGE_MEMBERS)
        await self._projects.existing(project)
        found = await self._database.read(store.on_pattern, _all_of(project), after, limit + 1)
        return GrantPage(found[:limit], len(found) > limit)

    async def put(
        self,
        principal: Principal,
        project: ProjectName,
        grantee: Grantee,
        role: str,
        expires_at: Milliseconds | None = None,
    ) -> Given:
        """Give a role on all of a project, in place of any other.

        Raises as `ProjectRights.require_administering`, `ReauthenticationNeeded`, `ProjectUnknown`,
        and as `Grants.require_granting` and `Grants.enact`.
        """
        terms = Terms(grantee, _all_of(project), role)
        await self._require_changing(principal, project, grantee, terms, last_moment(expires_at))
        return await self._grants.enact(principal, terms, expires_at, within=project)

    async def remove(self, principal: Principal, project: ProjectName, grantee: Grantee) -> None:
        """Take the role on all of a project away.

        Raises as `ProjectRights.require_administering`, `ReauthenticationNeeded`, `ProjectUnknown`,
        `MemberUnknown` and as `Grants.require_granting`.
        """
        await self._require_changing(principal, project, grantee)
        if not await self._grants.revoke(grantee, _all_of(project)):
            raise MemberUnknown(f"{grantee} is not a member of the project {project}")

    async def _require_changing(
        self,
        principal: Principal,
        project: ProjectName,
        grantee: Grantee,
        wanted: Terms | None = None,
        until: Milliseconds = NOW,
    ) -> None:
        """Do nothing if `principal` may give what is wanted, until then, and take away what it takes the place of.

        To give or take the role `admin` or one that is not built in, or to open the project, needs a recent login.
        """
        await self._rights.require_administering(principal, project, Action.MANAGE_MEMBERS)
        await self._projects.existing(project)
        held = await self._database.read(store.of_principal, str(grantee))
        changed = [
            Terms(grantee_of(grant), grant.path_pattern, grant.role, grant.tag_pattern)
            for grant in held
            if grant.path_pattern == _all_of(project) and not grant.tag_pattern
        ]
        if wanted is not None:
            await self._grants.require_granting(principal, wanted, until)
            changed.append(wanted)
        for terms in changed:
            await self._grants.require_granting(principal, terms)
            if terms.role not in _ORDINARY or grantee.kind in MANY:
                require_recent_login(principal)


def _all_of(project: ProjectName) -> str:
    return f"{project}/**"
