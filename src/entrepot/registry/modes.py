# SPDX-License-Identifier: Apache-2.0
"""Modes: whether things may be changed, deleted or read right now, asked by every use case.

The stricter of the instance's mode and the project's counts. What this process
knows of them is at most two seconds old, and costs one statement a second.
"""

import time
from collections.abc import Callable
from collections.abc import Mapping

from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.kernel.access import Authorizer
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.errors import Unavailable
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.store import modes as store
from entrepot.registry.store.modes import INSTANCE
from entrepot.registry.store.modes import Mode
from entrepot.registry.store.modes import ModeSetting

FRESH_SECONDS = 1.0
"""With the second that a read may take at worst, what is known is no older than two."""

RETRY_SECONDS = 30

_GO_ON = {
    Mode.NO_DELETE: "Pulling and pushing go on; deleting waits until the mode ends.",
    Mode.READ_ONLY: "Pulling goes on; pushing and deleting wait until the mode ends.",
    Mode.MAINTENANCE: "Pulling, pushing and deleting wait until the mode ends.",
}


class RefusedByMode(Unavailable):
    """The mode of the registry, or of the project, does not let this happen now."""

    code = "refused_by_mode"

    def __init__(self, setting: ModeSetting) -> None:
        where = f"the project {setting.scope}" if setting.scope else "this registry"
        why = f": {setting.reason}" if setting.reason else ""
        detail = {"mode": setting.mode.value, "scope": setting.scope or "instance", "reason": setting.reason}
        super().__init__(
            f"{where} is in the mode {setting.mode}{why}", retry_after_seconds=RETRY_SECONDS, detail=detail
        )
        self.hint = _GO_ON[setting.mode]


class Modes:
    """The modes in force, in the memory of one process."""

    def __init__(
        self, database: Database, authorizer: Authorizer, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Read them. Blocks: for start-up, outside the event loop. Raises `DatabaseUnavailable`."""
        self._database = database
        self._authorizer = authorizer
        self._monotonic = monotonic
        self._settings: Mapping[str, ModeSetting] = database.snapshot_now(store.every_setting)
        self._asked_at = monotonic()
        self._asked = self._answered = 0

    async def require_pulling(self, principal: Principal, repository: RepositoryName) -> None:
        """Do nothing if `principal` may pull from the repository now, rights aside. Raises `RefusedByMode`."""
        setting = await self._strictest(repository)
        if setting is None or setting.mode is not Mode.MAINTENANCE:
            return
        if not await self._authorizer.may_system(principal, SystemAction.OPERATE):
            raise RefusedByMode(setting)

    async def require_changing(self, name: str = INSTANCE) -> None:
        """Do nothing if what a repository or project holds may be changed now, whoever asks.

        Without a name, it is about the registry as a whole. Raises `RefusedByMode`.
        """
        await self._require_below(Mode.READ_ONLY, name)

    async def require_deleting(self, name: str = INSTANCE) -> None:
        """Do the same about deleting something from it."""
        await self._require_below(Mode.NO_DELETE, name)

    async def allows_changing(self, name: str = INSTANCE) -> bool:
        """Tell whether it may be changed now."""
        return _is_below(Mode.READ_ONLY, await self._strictest(name))

    async def allows_collection(self, namespace: str = INSTANCE) -> bool:
        """Tell whether bytes, manifests and uploads of this namespace may be deleted in the background now.

        Without one, whether any may: what several namespaces share is deleted only where none of them objects.
        """
        return _is_below(Mode.NO_DELETE, await self._strictest(namespace))

    async def closed_to_collection(self) -> frozenset[str]:
        """Return the namespaces whose own mode forbids `allows_collection`."""
        settings = await self._current()
        return frozenset(
            scope for scope, each in settings.items() if scope != INSTANCE and not _is_below(Mode.NO_DELETE, each)
        )

    async def own(self, scope: str) -> ModeSetting | None:
        """Return the mode of a scope itself; None for `rw`."""
        return (await self._current()).get(scope)

    async def in_force(self, name: str = INSTANCE) -> ModeSetting | None:
        """Return the mode that counts in a repository or project, or in the registry as a whole; None for `rw`."""
        return await self._strictest(name)

    async def refresh(self) -> None:
        """Read them now, so that a change counts at once. Raises `DatabaseUnavailable`."""
        self._asked += 1
        turn = self._asked
        self._asked_at = self._monotonic()
        settings = await self._database.read(store.every_setting)
        if turn > self._answered:
            self._answered, self._settings = turn, settings

    async def _require_below(self, mode: Mode, name: str) -> None:
        setting = await self._strictest(name)
        if setting is not None and not _is_below(mode, setting):
            raise RefusedByMode(setting)

    async def _strictest(self, name: str) -> ModeSetting | None:
        settings = await self._current()
        if not settings:
            return None
        whole = settings.get(INSTANCE)
        own = settings.get(namespace_of(RepositoryName(name))) if name else None
        if own is None or (whole is not None and whole.mode.strictness >= own.mode.strictness):
            return whole
        return own

    async def _current(self) -> Mapping[str, ModeSetting]:
        """Return what is known; one request a second reads it, and the others go on with what they have meanwhile."""
        if self._monotonic() - self._asked_at >= FRESH_SECONDS:
            try:
                await self.refresh()
            except DatabaseUnavailable:
                return self._settings
        return self._settings


def _is_below(mode: Mode, setting: ModeSetting | None) -> bool:
    return setting is None or setting.mode.strictness < mode.strictness
