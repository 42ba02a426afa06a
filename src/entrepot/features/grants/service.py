# SPDX-License-Identifier: Apache-2.0
"""The use cases of grants: those of the whole registry, and the members of a project."""

from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from entrepot.features.access import GrantAuthorizer
from entrepot.features.access import Role
from entrepot.features.access import Standings
from entrepot.features.grants import store
from entrepot.features.grants.errors import GrantUnknown
from entrepot.features.grants.errors import MemberUnknown
from entrepot.features.grants.errors import PrincipalUnknown
from entrepot.features.grants.models import Grantee
from entrepot.features.grants.models import StoredGrant
from entrepot.features.grants.models import Terms
from entrepot.features.identity import Standing
from entrepot.features.projects import ProjectName
from entrepot.features.projects import ProjectRights
from entrepot.features.projects import Projects
from entrepot.features.projects import require_existing
from entrepot.kernel.access import Principal
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.platform import Platform


@dataclass(frozen=True, slots=True)
class GrantPage:
    """One page of grants, oldest first; `is_more` says whether another follows."""

    grants: list[StoredGrant]
    is_more: bool


@dataclass(frozen=True, slots=True)
class Given:
    """A grant that is there now, and whether it was not before."""

    grant: StoredGrant
    is_new: bool


class Grants:
    """Every grant there is, for administrators of the registry. What changes counts in this process at once."""

    def __init__(self, platform: Platform, authorizer: GrantAuthorizer, standings: Standings) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._clock = platform.clock
        self._authorizer = authorizer
        self._standings = standings

    async def page(self, principal: Principal, after: int, limit: int) -> GrantPage:
        """Return the grants behind the one numbered `after`. Raises as `Rights.require_administrator`."""
        await self._rights.require_administrator(principal)
        found = await self._database.read(store.page, after, limit + 1)
        return GrantPage(found[:limit], len(found) > limit)

    async def give(self, principal: Principal, terms: Terms) -> Given:
        """Give a grant, if it is not there.

        Raises as `Rights.require_administrator`, `ReauthenticationNeeded` and `PrincipalUnknown`.
        """
        await self._rights.require_administrator(principal)
        require_recent_login(principal)
        return await self.enact(principal, terms)

    async def take(self, principal: Principal, terms: Terms) -> None:
        """Take a grant away. Raises as `Rights.require_administrator`, `ReauthenticationNeeded` and `GrantUnknown`."""
        await self._rights.require_administrator(principal)
        require_recent_login(principal)
        was_there = await self._database.write(store.take, terms)
        self._forget(terms.grantee)
        if not was_there:
            raise GrantUnknown(f"{terms.grantee} does not have the role {terms.role} on {terms.path_pattern}")

    async def enact(self, principal: Principal, terms: Terms, *, within: ProjectName | None = None) -> Given:
        """Give a grant, whoever asks; `within` a project, as the only role of its grantee on the pattern.

        Raises `PrincipalUnknown`, and `ProjectUnknown` when there is no such project.
        """
        await self._require_known(terms.grantee)
        give = store.give if within is None else partial(_give_within, project=within)
        given = await self._database.write(give, terms, self._clock(), principal.identity)
        self._forget(terms.grantee)
        return Given(*given)

    async def revoke(self, grantee: Grantee, path_pattern: str) -> bool:
        """Take every role on a pattern away, whoever asks; tell whether there was one."""
        had_one = await self._database.write(store.take_all, grantee, path_pattern)
        self._forget(grantee)
        return had_one

    async def _require_known(self, grantee: Grantee) -> None:
        standing_of = self._standings.get(grantee.kind)
        if standing_of is None or await standing_of(grantee.name) is Standing.NONE:
            raise PrincipalUnknown(f"there is no {grantee.kind} {grantee.name}, or it is disabled")

    def _forget(self, grantee: Grantee) -> None:
        self._authorizer.forget(grantee.kind, grantee.name)


class Members:
    """Those with a role on the whole of a project, for its administrators."""

    def __init__(self, platform: Platform, grants: Grants, projects: Projects, rights: ProjectRights) -> None:
        self._database = platform.database
        self._grants = grants
        self._projects = projects
        self._rights = rights

    async def page(self, principal: Principal, project: ProjectName, after: int, limit: int) -> GrantPage:
        """Return the grants on all of a project behind the one numbered `after`.

        Raises as `ProjectRights.require_reading` and `require_administering`, and `ProjectUnknown`.
        """
        await self._rights.require_reading(principal, project)
        await self._rights.require_administering(principal, project)
        await self._projects.existing(project)
        found = await self._database.read(store.on_pattern, _all_of(project), after, limit + 1)
        return GrantPage(found[:limit], len(found) > limit)

    async def put(self, principal: Principal, project: ProjectName, grantee: Grantee, role: Role) -> Given:
        """Give a role on all of a project, in place of any other.

        Raises as `ProjectRights.require_administering`, `ReauthenticationNeeded`, `ProjectUnknown` and
        `PrincipalUnknown`.
        """
        await self._rights.require_administering(principal, project)
        await self._projects.existing(project)
        await self._require_recent_login(principal, project, grantee, role)
        return await self._grants.enact(principal, Terms(grantee, _all_of(project), role), within=project)

    async def remove(self, principal: Principal, project: ProjectName, grantee: Grantee) -> None:
        """Take the role on all of a project away.

        Raises as `ProjectRights.require_administering`, `ReauthenticationNeeded`, `ProjectUnknown` and
        `MemberUnknown`.
        """
        await self._rights.require_administering(principal, project)
        await self._projects.existing(project)
        await self._require_recent_login(principal, project, grantee)
        if not await self._grants.revoke(grantee, _all_of(project)):
            raise MemberUnknown(f"{grantee} is not a member of the project {project}")

    async def _require_recent_login(
        self, principal: Principal, project: ProjectName, grantee: Grantee, role: Role | None = None
    ) -> None:
        """Do nothing unless the role `admin` is given, or taken by giving another or none.

        Raises `ReauthenticationNeeded`.
        """
        if principal.is_recent_login:
            return
        held = await self._database.read(store.of_principal, str(grantee))
        roles = {grant.role for grant in held if grant.path_pattern == _all_of(project)}
        if role is Role.ADMIN or Role.ADMIN.value in roles:
            require_recent_login(principal)


def _give_within(
    connection: Connection, terms: Terms, now: Milliseconds, given_by: str, project: ProjectName
) -> tuple[StoredGrant, bool]:
    require_existing(connection, project)
    return store.give_only(connection, terms, now, given_by)


def _all_of(project: ProjectName) -> str:
    return f"{project}/**"
