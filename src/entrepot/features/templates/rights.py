# SPDX-License-Identifier: Apache-2.0
"""Who may see templates, and who may set them and so give what they give."""

from typing import Protocol

from entrepot.features.grants import Grants
from entrepot.features.grants import last_moment
from entrepot.features.projects import ProjectName
from entrepot.features.projects import ProjectRights
from entrepot.features.templates.models import TemplateTerms
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.registry.platform import Platform


class TemplateGuard(Protocol):
    """Knows where somebody does not change who may do what, whatever they were granted."""

    async def require_administering(self, principal: Principal, path_pattern: str) -> None:
        """Do nothing if `principal` may change who may do what there. Raises `Forbidden`."""


class TemplateRights:
    """Asks about the rights of whoever looks after templates, of the registry (None) or of a project."""

    def __init__(self, platform: Platform, project_rights: ProjectRights, grants: Grants, guard: TemplateGuard) -> None:
        self._rights = platform.rights
        self._project_rights = project_rights
        self._grants = grants
        self._guard = guard

    async def require_seeing(self, principal: Principal, project: ProjectName | None) -> None:
        """Do nothing if `principal` may see the templates.

        Raises as `ProjectRights.require_reading` and `require_administering`, and as `Rights.require_system`.
        """
        if project is None:
            await self._rights.require_system(principal, SystemAction.READ_ACCOUNTS)
            return
        await self._project_rights.require_reading(principal, project)
        if not await self._rights.may_system(principal, SystemAction.READ_ACCOUNTS):
            await self._project_rights.require_administering(principal, project)

    async def require_deleting(self, principal: Principal, project: ProjectName | None) -> None:
        """Do nothing if `principal` may delete templates. Raises as `require_setting`."""
        if project is None:
            await self._rights.require_system(principal, SystemAction.ADMINISTER)
        else:
            await self._project_rights.require_administering(principal, project)
        require_recent_login(principal)

    async def require_setting(self, principal: Principal, project: ProjectName | None, terms: TemplateTerms) -> None:
        """Do nothing if `principal` may give all that a template gives, wherever its pattern matches, for good.

        Raises as `ProjectRights.require_administering`, `Rights.require_system` and `Grants.require_granting`,
        `ReauthenticationNeeded` and as `TemplateGuard`.
        """
        await self.require_deleting(principal, project)
        await self._guard.require_administering(principal, terms.place)
        for grant in terms.grants:
            await self._grants.require_granting(principal, grant.terms_on(terms.pattern), last_moment(None))
