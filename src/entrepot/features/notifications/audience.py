# SPDX-License-Identifier: Apache-2.0
"""What somebody may hear of, by the rights of the moment in which it is shown or sent."""

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence

from entrepot.features.notifications.models import Need
from entrepot.features.notifications.models import Notification
from entrepot.features.projects import ProjectRights
from entrepot.features.projects import ProjectUnknown
from entrepot.features.projects import parse_project_name
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import Unauthenticated
from entrepot.oci.errors import Denied
from entrepot.registry.rights import Rights

_SYSTEM = {Need.ADMINISTER: SystemAction.ADMINISTER, Need.AUDIT: SystemAction.READ_AUDIT}
_REFUSALS = (Denied, Forbidden, Unauthenticated, ProjectUnknown, InvalidRequest)


class Audience:
    """Decides what somebody may hear of."""

    def __init__(
        self, rights: Rights, project_rights: ProjectRights, is_account: Callable[[Principal], Awaitable[bool]]
    ) -> None:
        self._rights = rights
        self._project_rights = project_rights
        self._is_account = is_account

    async def allowed(self, principal: Principal, found: Sequence[Notification]) -> list[Notification]:
        """Return those that they may hear of. Raises `Unavailable`."""
        known: dict[tuple[Need, str, str], bool] = {}
        allowed = []
        for each in found:
            key = (each.need, each.project, each.repository)
            if key not in known:
                known[key] = await self.may_hear(principal, *key)
            if known[key]:
                allowed.append(each)
        return allowed

    async def may_hear(self, principal: Principal, need: Need, project: str, repository: str) -> bool:
        """Tell whether they may hear of what takes this right. Raises `Unavailable`."""
        if not await self._is_account(principal):
            return False
        if need in _SYSTEM:
            return await self._rights.may_system(principal, _SYSTEM[need])
        if need is Need.READ or (need is Need.OWN and repository):
            return bool(await self._rights.readable(principal, [repository]))
        if not project:
            return need is Need.OWN
        try:
            name = parse_project_name(project)
            if need is Need.PROJECT:
                await self._project_rights.require_administering(principal, name)
            else:
                await self._project_rights.require_reading(principal, name)
        except _REFUSALS:
            return False
        return True
