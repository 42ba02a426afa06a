# SPDX-License-Identifier: Apache-2.0
"""Who may look after a robot, let it do something, and get at its secrets.

Whoever makes a secret of a robot can do what the robot may. So they have to be able to do
all of it themselves, for as long: else a robot would be a way to rights that nobody gave them.
"""

from collections.abc import Iterable

from entrepot.features.access import GrantAuthorizer
from entrepot.features.access import parse_pattern
from entrepot.features.grants import Grants
from entrepot.features.grants import StoredGrant
from entrepot.features.grants import last_moment
from entrepot.features.projects import ProjectName
from entrepot.features.projects import ProjectRights
from entrepot.features.robots.models import WantedGrant
from entrepot.features.roles import SYSTEM
from entrepot.features.roles import hold_actions
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.errors import Denied
from entrepot.registry.platform import Platform


class Delegation:
    """Asks about the rights of whoever looks after a robot."""

    def __init__(
        self, platform: Platform, authorizer: GrantAuthorizer, grants: Grants, project_rights: ProjectRights
    ) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._authorizer = authorizer
        self._grants = grants
        self._project_rights = project_rights

    async def require_reading(self, principal: Principal, project: ProjectName | None) -> None:
        """Do nothing if `principal` may see the robots of a project, None for those of the registry.

        Raises as `ProjectRights.require_reading`, `require_administering` and `Rights.require_system`.
        """
        if await self._rights.may_system(principal, SystemAction.READ_ACCOUNTS):
            return
        if project is None:
            await self._rights.require_system(principal, SystemAction.READ_ACCOUNTS)
            return
        await self._project_rights.require_reading(principal, project)
        await self._project_rights.require_administering(principal, project)

    async def require_changing(self, principal: Principal, project: ProjectName | None) -> None:
        """Do nothing if `principal` may change robots there. Raises as `require_reading`."""
        if project is None:
            await self.require_administrator(principal)
        else:
            await self._project_rights.require_administering(principal, project)

    async def require_administrator(self, principal: Principal) -> None:
        """Do nothing if `principal` administers the registry. Raises as `Rights.require_system`."""
        await self._rights.require_system(principal, SystemAction.ADMINISTER)

    async def require_giving(self, principal: Principal, grants: Iterable[WantedGrant]) -> None:
        """Do nothing if `principal` may give all of these grants.

        Raises `Denied`, and as `Grants.require_granting`.
        """
        for grant in grants:
            terms, until = grant.terms, last_moment(grant.expires_at)
            if terms.path_pattern != SYSTEM and not await self._is_administrator(principal):
                lacking = await self._lacking(principal, terms.path_pattern, terms.role, terms.tag_pattern, until)
                if lacking is not None:
                    for_long = "for good" if grant.expires_at is None else "for as long"
                    raise Denied(
                        f"{principal.name} may not {lacking} on all of {terms.path_pattern} {for_long}, "
                        "and so not let a robot",
                        hint="Choose a smaller role, or ask an administrator of the registry to make the robot.",
                    )
            await self._grants.require_granting(principal, terms, until)

    async def require_having(
        self, principal: Principal, held: Iterable[StoredGrant], secret_ends_at: Milliseconds | None
    ) -> None:
        """Do nothing if `principal` has what a robot holds, for as long as a secret of it is good.

        Raises `Denied`, and as `Rights.require_system` for what takes an administrator of the registry.
        """
        if await self._is_administrator(principal):
            return
        for grant in held:
            if grant.path_pattern == SYSTEM:
                await self.require_administrator(principal)
                continue
            until = min(last_moment(grant.expires_at), last_moment(secret_ends_at))
            lacking = await self._lacking(principal, grant.path_pattern, grant.role, grant.tag_pattern, until)
            if lacking is not None:
                is_own = grant.principal.startswith(f"{PrincipalKind.ROBOT}:")
                where = f"on all of {grant.path_pattern}" if is_own else "where a group of the robot may,"
                raise Denied(
                    f"{principal.name} may not {lacking} {where} for as long as the robot, "
                    "and so not have a secret of it",
                    hint="Ask for one that is good for fewer days, or an administrator of the registry to make it.",
                )

    async def _is_administrator(self, principal: Principal) -> bool:
        return await self._rights.may_system(principal, SystemAction.ADMINISTER)

    async def _lacking(
        self, principal: Principal, path_pattern: str, role: str, tag_pattern: str, until: Milliseconds
    ) -> Action | None:
        """Return what a grant allows and `principal` may not do there until then, None for nothing."""
        pattern = parse_pattern(path_pattern)
        for action in sorted(await self._database.read(hold_actions, role) or ()):
            if not await self._authorizer.covers(principal, action, pattern, tag_pattern, until=until):
                return action
        return None
