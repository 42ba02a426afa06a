# SPDX-License-Identifier: Apache-2.0
"""Who may do something with a webhook: who administers the project, or the registry."""

from entrepot.features.projects import ProjectRights
from entrepot.features.projects import parse_project_name
from entrepot.features.webhooks.errors import WebhookUnknown
from entrepot.features.webhooks.models import Webhook
from entrepot.features.webhooks.store import webhooks
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.registry.rights import Rights


class Administering:
    """Asked by every use case before it does anything."""

    def __init__(self, database: Database, rights: Rights, project_rights: ProjectRights) -> None:
        self._database = database
        self._rights = rights
        self._project_rights = project_rights

    async def require(self, principal: Principal, project: str) -> None:
        """Do nothing if `principal` administers the project, or the registry where it is empty.

        Raises as `ProjectRights.require_administering` and `Rights.require_system`.
        """
        if project:
            await self._project_rights.require_administering(principal, parse_project_name(project))
        else:
            await self._rights.require_system(principal, SystemAction.ADMINISTER)

    async def find(self, principal: Principal, webhook_id: str) -> Webhook:
        """Return a webhook that `principal` administers. Raises as `require`, and `WebhookUnknown`."""
        found = await self._database.read(webhooks.find, webhook_id)
        await self.require(principal, found.project if found else "")
        if found is None:
            raise WebhookUnknown
        return found
