# SPDX-License-Identifier: Apache-2.0
"""Who may see modes and set them."""

from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.projects import ProjectName
from entrepot.features.projects import ProjectRights
from entrepot.features.projects import Projects
from entrepot.features.projects import require_existing
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.kernel.errors import Unauthenticated
from entrepot.registry.core import Caller
from entrepot.registry.mode_changes import ModeChanges
from entrepot.registry.modes import Modes
from entrepot.registry.platform import Platform
from entrepot.registry.store.modes import INSTANCE
from entrepot.registry.store.modes import Mode
from entrepot.registry.store.modes import ModeSetting


@dataclass(frozen=True, slots=True)
class ShownMode:
    """The mode of a scope, and the one that counts there; None for `rw`."""

    own: ModeSetting | None
    in_force: ModeSetting | None


class ModeControl:
    """Showing and setting modes.

    To set `maintenance` takes a recent login too: raises `ReauthenticationNeeded`.
    """

    def __init__(self, platform: Platform, projects: Projects, project_rights: ProjectRights) -> None:
        self._modes: Modes = platform.modes
        self._changes: ModeChanges = platform.mode_changes
        self._rights = platform.rights
        self._projects = projects
        self._project_rights = project_rights

    async def show(self, principal: Principal) -> ShownMode:
        """Return the mode of the registry, to whoever is logged in. Raises `Unauthenticated`."""
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        return await self._shown(INSTANCE)

    async def show_project(self, principal: Principal, name: ProjectName) -> ShownMode:
        """Return the mode of a project. Raises as `Projects.show`."""
        await self._projects.show(principal, name)
        return await self._shown(name)

    async def set(self, caller: Caller, mode: Mode, reason: str) -> ShownMode:
        """Set the mode of the registry. Raises as `Rights.require_system`."""
        await self._rights.require_system(caller.principal, SystemAction.OPERATE)
        _require_recent_login_to_close(caller.principal, mode)
        await self._changes.set(caller, INSTANCE, mode, reason, lambda _connection: None)
        return await self._shown(INSTANCE)

    async def set_project(self, caller: Caller, name: ProjectName, mode: Mode, reason: str) -> ShownMode:
        """Set the mode of a project; where that of the registry is stricter, it is the one that counts.

        Raises as `ProjectRights.require_administering`, `ProjectUnknown` and `TooManyModes`.
        """
        await self._project_rights.require_administering(caller.principal, name, Action.MANAGE_POLICY)
        _require_recent_login_to_close(caller.principal, mode)

        def require(connection: Connection) -> None:
            """Look for the project in the transaction that sets its mode."""
            require_existing(connection, name)

        await self._changes.set(caller, name, mode, reason, require)
        return await self._shown(name)

    async def _shown(self, scope: str) -> ShownMode:
        await self._modes.refresh()
        return ShownMode(await self._modes.own(scope), await self._modes.in_force(scope))


def _require_recent_login_to_close(principal: Principal, mode: Mode) -> None:
    if mode is Mode.MAINTENANCE:
        require_recent_login(principal)
