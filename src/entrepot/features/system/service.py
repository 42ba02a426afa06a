# SPDX-License-Identifier: Apache-2.0
"""The use cases of administrators about the system itself."""

import asyncio
import os
import platform
import shutil
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote
from urllib.parse import urlsplit

from entrepot.features.system import store
from entrepot.features.system.models import Node
from entrepot.features.system.models import StorageFacts
from entrepot.features.system.models import SystemFacts
from entrepot.features.tokens import KeyRecord
from entrepot.features.tokens import SigningKeys
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.access import require_recent_login
from entrepot.registry.rights import Rights

NEWEST = "~"
"""Behind every id of a process: where the list begins, read backwards."""


@dataclass(frozen=True, slots=True)
class NodePage:
    """One page of processes; `is_more` says whether others, started before, follow."""

    nodes: list[Node]
    is_more: bool


@dataclass(frozen=True, slots=True)
class Setup:
    """How this process was set up: what it is, among how many of this server, and where it keeps the bytes."""

    node: Node
    workers: int
    storage_url: str


class System:
    """Showing what the registry runs on, and changing its signing key.

    Looking takes an operator or auditor, and raises as `Rights.require_system`.
    """

    def __init__(self, database: Database, rights: Rights, keys: SigningKeys, setup: Setup) -> None:
        self._database = database
        self._rights = rights
        self._keys = keys
        self._setup = setup

    async def show(self, principal: Principal) -> SystemFacts:
        """Tell about this process and what it runs on."""
        await self._rights.require_system(principal, SystemAction.READ_SYSTEM)
        setup, machine = self._setup, os.uname()
        return SystemFacts(
            version=setup.node.version,
            python=platform.python_version(),
            platform=f"{machine.sysname} {machine.release} {machine.machine}",
            started_at=setup.node.started_at,
            workers=setup.workers,
            database=await self._database.snapshot(store.about_database),
            storage=await asyncio.to_thread(about_storage, setup.storage_url),
        )

    async def nodes(self, principal: Principal, before: str, limit: int) -> NodePage:
        """Return the processes started before the one named `before`, at most `limit`, the last one first."""
        await self._rights.require_system(principal, SystemAction.READ_SYSTEM)
        found = await self._database.read(store.page, before or NEWEST, limit + 1)
        return NodePage(found[:limit], len(found) > limit)

    async def keys(self, principal: Principal) -> list[KeyRecord]:
        """Return the keys whose tokens are accepted, the one that signs first."""
        await self._rights.require_system(principal, SystemAction.READ_SYSTEM)
        return await self._keys.records()

    async def rotate_key(self, principal: Principal) -> list[KeyRecord]:
        """Let a new key sign from now on; tokens of the others stay good. Raises as `require_recent_login` too."""
        await self._rights.require_system(principal, SystemAction.ADMINISTER)
        require_recent_login(principal)
        await self._keys.rotate()
        return await self._keys.records()


def about_storage(url: str) -> StorageFacts:
    """Tell about a storage: its address without user, password and query, and the room on its disk. Blocks."""
    parts = urlsplit(url)
    shown = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
    free, total = None, None
    if parts.scheme == "file":
        with suppress(OSError):
            disk = shutil.disk_usage(unquote(parts.path))
            free, total = disk.free, disk.total
    return StorageFacts(shown, parts.scheme, free, total)
