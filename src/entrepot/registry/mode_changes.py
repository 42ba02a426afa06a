# SPDX-License-Identifier: Apache-2.0
"""Changing modes."""

from collections.abc import Callable

import msgspec
from sqlalchemy import Connection

from entrepot.kernel.errors import Conflict
from entrepot.oci.reference import RepositoryName
from entrepot.registry.core import Caller
from entrepot.registry.core import Core
from entrepot.registry.core import publish
from entrepot.registry.events import EventType
from entrepot.registry.gates import one_line
from entrepot.registry.store import modes
from entrepot.registry.store.modes import Mode
from entrepot.registry.store.modes import ModeSetting

MAX_SCOPES = 1_000
"""Every process holds all of them in memory, and reads them once a second."""

MAX_REASON_CHARACTERS = 300


class TooManyModes(Conflict):
    """As many projects have a mode of their own as there can be."""

    code = "too_many_modes"
    default_hint = "Set some of them back to rw, or give the whole registry the mode."


class ModeChanges:
    """The use case behind setting a mode."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def set(
        self, caller: Caller, scope: str, mode: Mode, reason: str, require: Callable[[Connection], None]
    ) -> ModeSetting:
        """Give the registry (`INSTANCE`) or a project a mode; in this process it counts at once, elsewhere soon.

        `require` is asked in the same transaction, and what it raises is raised. Raises `TooManyModes`.
        """
        shown = one_line(reason, MAX_REASON_CHARACTERS)
        setting = ModeSetting(scope, mode, shown, caller.principal.identity, self._core.clock())
        await self._core.database.write(self._write, caller, setting, require)
        await self._core.modes.refresh()
        self._core.wake_listeners()
        return setting

    def _write(
        self, connection: Connection, caller: Caller, setting: ModeSetting, require: Callable[[Connection], None]
    ) -> None:
        require(connection)
        before = modes.find(connection, setting.scope)
        if before is None and setting.mode is not Mode.RW and modes.count(connection) >= MAX_SCOPES:
            raise TooManyModes
        modes.put(connection, setting)
        event = self._core.event(
            EventType.MODE_CHANGED,
            caller,
            RepositoryName(setting.scope),
            mode=setting.mode.value,
            previous_mode=(before.mode if before else Mode.RW).value,
            reason=setting.reason,
        )
        publish(connection, [msgspec.structs.replace(event, repository="")])
