# SPDX-License-Identifier: Apache-2.0
"""The use cases of administrators around backups."""

import asyncio
from dataclasses import replace

from sqlalchemy import Connection

from entrepot.features.backup.ending import end
from entrepot.features.backup.ending import is_in
from entrepot.features.backup.ending import remove_file
from entrepot.features.backup.errors import BackupUnknown
from entrepot.features.backup.errors import NoBackupFolder
from entrepot.features.backup.lateness import IS_OPEN
from entrepot.features.backup.lateness import backup_figures
from entrepot.features.backup.lateness import newest_job
from entrepot.features.backup.models import TAKE
from entrepot.features.backup.models import BackupPage
from entrepot.features.backup.models import Plan
from entrepot.features.backup.models import Removed
from entrepot.features.backup.models import Shown
from entrepot.features.backup.models import Wish
from entrepot.features.backup.settings import BackupSettings
from entrepot.infra.jobs import queue
from entrepot.infra.jobs.store import find_schedule
from entrepot.kernel.access import Principal
from entrepot.kernel.access import SystemAction
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.platform import Platform
from entrepot.registry.store import backups
from entrepot.registry.store.backups import Backup
from entrepot.registry.store.backups import BackupId

NEWEST = BackupId(2**62)


class Backups:
    """Looking at backups, for operators and auditors, and taking and ending them, for operators."""

    def __init__(self, platform: Platform, settings: BackupSettings) -> None:
        self._platform = platform
        self._database = platform.database
        self._settings = settings

    async def page(self, principal: Principal, before: str, limit: int) -> BackupPage:
        """Return the backups that came before the one named `before`, newest first, at most `limit`.

        From the newest on where it is empty; none where it is not known any more.
        """
        await self._platform.rights.require_system(principal, SystemAction.READ_SYSTEM)
        found = await self._database.survey(_page, before, limit + 1)
        return BackupPage(found[:limit], len(found) > limit)

    async def show(self, principal: Principal, name: str) -> Shown:
        """Return one. Raises `BackupUnknown`."""
        await self._platform.rights.require_system(principal, SystemAction.READ_SYSTEM)
        return await self._database.survey(_show, name)

    async def plan(self, principal: Principal) -> Plan:
        """Tell how backups are taken, and whether they are."""
        await self._platform.rights.require_system(principal, SystemAction.READ_SYSTEM)
        plan = await self._database.survey(_plan)
        return replace(plan, folder=self._settings.folder and self._settings.folder.absolute())

    async def start(self, principal: Principal, wish: Wish) -> Ulid:
        """Have a backup taken now; return its job, which is another one's if that waits or runs.

        Raises `NoBackupFolder`.
        """
        await self._platform.rights.require_system(principal, SystemAction.OPERATE)
        if self._settings.folder is None:
            raise NoBackupFolder
        job = await self._database.write(_request, wish, self._platform.clock())
        self._platform.doorbell.ring()
        return job

    async def remove(self, principal: Principal, name: str) -> Removed:
        """End a backup, and remove its file if it is in the configured folder, and this process reaches it.

        Raises `BackupUnknown`. Asking again ends nothing, and tries to remove the file again.
        """
        await self._platform.rights.require_system(principal, SystemAction.OPERATE)
        found = await self._database.write(_end, name, self._platform.clock())
        folder = self._settings.folder
        if folder is None or not is_in(found, folder):
            return Removed(found, is_file_removed=False)
        return Removed(found, is_file_removed=await asyncio.to_thread(remove_file, found))


def _shown(connection: Connection, backup: Backup, known: list[Backup]) -> Shown:
    return Shown(backup, backups.held_alone(connection, backup, known))


def _page(connection: Connection, before: str, limit: int) -> list[Shown]:
    last = backups.find(connection, before) if before else None
    if before and last is None:
        return []
    known = backups.holding(connection)
    return [
        _shown(connection, each, known) for each in backups.page(connection, NEWEST if last is None else last.id, limit)
    ]


def _known(connection: Connection, name: str) -> Backup:
    found = backups.find(connection, name)
    if found is None:
        raise BackupUnknown(f"there is no backup {name}")
    return found


def _show(connection: Connection, name: str) -> Shown:
    return _shown(connection, _known(connection, name), backups.holding(connection))


def _plan(connection: Connection) -> Plan:
    job = newest_job(connection)
    is_open = job is not None and job.state in IS_OPEN
    return Plan(
        folder=None,
        schedule=find_schedule(connection, TAKE),
        figures=backup_figures(connection),
        job=job.id if job is not None and is_open else None,
    )


def _request(connection: Connection, wish: Wish, now: Milliseconds) -> Ulid:
    """Enqueue a job beside none of its kind; return the job that does it."""
    job = queue.enqueue(connection, TAKE, wish, now, unique_key=f"schedule:{TAKE}")
    announce(connection, Change.JOB_STARTED, now, Told(object=f"job:{job}", after={"kind": TAKE}))
    return job


def _end(connection: Connection, name: str, now: Milliseconds) -> Backup:
    end(connection, _known(connection, name), now)
    return _known(connection, name)
