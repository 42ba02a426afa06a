# SPDX-License-Identifier: Apache-2.0
"""Putting the first page together for one principal: as many statements in a large registry as in a small one."""

import asyncio
import os
from collections.abc import Collection
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote
from urllib.parse import urlsplit

from entrepot.features.dashboard.models import Overview
from entrepot.features.dashboard.models import RecentChange
from entrepot.features.dashboard.models import Room
from entrepot.features.usage import BusyRepository
from entrepot.features.usage import Usage
from entrepot.infra.storage.interface import Storage
from entrepot.infra.telemetry.health import verdict_on
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.access import SystemAction
from entrepot.kernel.errors import Unauthenticated
from entrepot.registry.platform import Platform
from entrepot.registry.store import recent_changes
from entrepot.registry.store import repositories
from entrepot.registry.store.repositories import MAX_SPANS

RECENT = 20
TOP = 10
FEW_REPOSITORIES = 1_000
FEW_SPANS = 8 * MAX_SPANS
"""Whoever may read no more repositories than this, in no more stretches of names, is shown exactly their own."""
PAGES = (100, 2_000)
"""For others the newest changes, and the busiest repositories, of all are looked through: so many, then so many."""
NEWEST = 2**62


@dataclass(frozen=True, slots=True)
class _Changes:
    newest: list[RecentChange]
    is_complete: bool


class Dashboard:
    """The use case of looking at everything at once."""

    def __init__(self, platform: Platform, usage: Usage) -> None:
        self._database = platform.database
        self._rights = platform.rights
        self._listings = platform.repositories
        self._health = platform.health
        self._usage = usage
        self._folder = _folder(platform.stores.values())

    async def overview(self, principal: Principal) -> Overview:
        """Return what this principal may see. Raises `Unauthenticated` for nobody."""
        if principal.kind is PrincipalKind.ANONYMOUS:
            raise Unauthenticated
        is_administrator = await self._rights.may_system(principal, SystemAction.READ_SYSTEM)
        few = None if is_administrator else await self._few(principal)
        changes = await self._changes(principal, few)
        findings = await self._health.findings()
        return Overview(
            is_administrator=is_administrator,
            totals=await self._usage.totals() if is_administrator else None,
            room=await asyncio.to_thread(_room, self._folder) if is_administrator and self._folder else None,
            recent=changes.newest,
            is_recent_complete=changes.is_complete,
            top=await self._top(principal, few),
            verdict=verdict_on(findings),
            findings=findings,
            is_empty=await self._is_empty(principal) if few is None else not few,
        )

    async def _few(self, principal: Principal) -> set[str] | None:
        """Return the repositories that the principal may pull from; None if they are not few."""
        reach = await self._rights.reach(principal, "")
        if reach.last is not None or len(reach.spans) > FEW_SPANS:
            return None
        names: list[str] = []
        for start in range(0, len(reach.spans), MAX_SPANS):
            some = reach.spans[start : start + MAX_SPANS]
            names += await self._database.read(repositories.names_within, some, FEW_REPOSITORIES + 1 - len(names))
            if len(names) > FEW_REPOSITORIES:
                return None
        return await self._rights.readable(principal, names)

    async def _changes(self, principal: Principal, few: Collection[str] | None) -> _Changes:
        if few is not None:
            return _Changes(await self._database.snapshot(recent_changes.newest_in, few, RECENT), is_complete=True)
        found: list[RecentChange] = []
        before = NEWEST
        for size in PAGES:
            page = await self._database.read(recent_changes.newest, before, size)
            readable = await self._rights.readable(principal, {change.repository for change in page})
            found += [change for change in page if change.repository in readable]
            if len(found) >= RECENT or len(page) < size:
                return _Changes(found[:RECENT], is_complete=True)
            before = page[-1].id
        return _Changes(found, is_complete=False)

    async def _top(self, principal: Principal, few: Collection[str] | None) -> list[BusyRepository]:
        if few is not None:
            return await self._usage.top_among(few, limit=TOP)
        found: list[BusyRepository] = []
        for size in PAGES:
            page = await self._usage.top_repositories(limit=size)
            readable = await self._rights.readable(principal, {repository.name for repository in page})
            found = [repository for repository in page if repository.name in readable]
            if len(found) >= TOP or len(page) < size:
                break
        return found[:TOP]

    async def _is_empty(self, principal: Principal) -> bool:
        return not (await self._listings.catalog(principal, "", 1)).names


def _folder(stores: Iterable[Storage]) -> Path | None:
    """Return the folder of the first store that is one."""
    addresses = (urlsplit(store.url) for store in stores)
    return next((Path(unquote(each.path)) for each in addresses if each.scheme == "file"), None)


def _room(folder: Path) -> Room:
    disk = os.statvfs(folder)
    return Room(disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize)
