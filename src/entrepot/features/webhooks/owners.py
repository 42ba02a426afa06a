# SPDX-License-Identifier: Apache-2.0
"""What the owner of a webhook may be told, by the rights of the moment in which it is sent."""

from collections.abc import Awaitable
from collections.abc import Callable

from entrepot.features.events import PULLED
from entrepot.features.events import TESTED
from entrepot.features.events import USES
from entrepot.features.events import CloudEvent
from entrepot.features.projects import ProjectRights
from entrepot.features.projects import parse_project_name
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.errors import Forbidden
from entrepot.kernel.errors import Unauthenticated
from entrepot.oci.errors import Denied
from entrepot.registry.events import EventType
from entrepot.registry.rights import Rights

_OF_CONTENT = frozenset(kind.value for kind in EventType) | USES | {PULLED, "tag.created"}
"""What whoever may read a repository may know of it; the rest is for who administers it."""


class Owners:
    """Decides what an owner may be told."""

    def __init__(
        self, rights: Rights, project_rights: ProjectRights, is_account: Callable[[Principal], Awaitable[bool]]
    ) -> None:
        """`is_account` tells whether an account exists and is enabled."""
        self._rights = rights
        self._project_rights = project_rights
        self._is_account = is_account

    async def refusal(self, owner: Principal, event: CloudEvent) -> str:
        """Say why the owner may not be told of an event, empty if they may. Raises `Unavailable`."""
        if event.name == TESTED:
            return ""
        if not await self._is_account(owner):
            return f"{owner.identity}, who owns the webhook, is disabled or deleted"
        if event.repository and event.name in _OF_CONTENT:
            readable = await self._rights.readable(owner, [event.repository])
            return "" if readable else f"{owner.identity}, who owns the webhook, may not read {event.repository}"
        if event.project:
            return await self._unless_administering(owner, event.project)
        if await self._rights.may_system(owner, SystemAction.READ_AUDIT):
            return ""
        return f"{owner.identity}, who owns the webhook, may not read what happens to the registry"

    async def shown(self, owner: Principal, event: CloudEvent) -> CloudEvent:
        """Return what the owner may be told of an event: where clients are is for who may read the audit log."""
        is_own = event.data.get("principal") == owner.identity
        if is_own or await self._rights.may_system(owner, SystemAction.READ_AUDIT):
            return event
        return event.without_clients()

    async def _unless_administering(self, owner: Principal, project: str) -> str:
        try:
            await self._project_rights.require_administering(owner, parse_project_name(project))
        except (Denied, Forbidden, Unauthenticated):
            return f"{owner.identity}, who owns the webhook, may not administer {project}"
        return ""
