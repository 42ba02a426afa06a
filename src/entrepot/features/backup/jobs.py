# SPDX-License-Identifier: Apache-2.0
"""Taking backups in the background, one at a time, whichever node does it."""

import asyncio
from pathlib import Path
from threading import Event

import structlog

from entrepot.features.backup.blobs import Stored
from entrepot.features.backup.blobs import copy_blobs
from entrepot.features.backup.description import BLOBS
from entrepot.features.backup.ending import clear_away
from entrepot.features.backup.ending import end_given_up
from entrepot.features.backup.errors import BackupEnded
from entrepot.features.backup.errors import NoBackupFolder
from entrepot.features.backup.models import SCHEDULER
from entrepot.features.backup.models import TAKE
from entrepot.features.backup.models import Wish
from entrepot.features.backup.pruning import prune_blobs
from entrepot.features.backup.settings import BackupSettings
from entrepot.features.backup.taking import UNDER_WAY_MS
from entrepot.features.backup.taking import Say
from entrepot.features.backup.taking import Taken
from entrepot.features.backup.taking import Wanted
from entrepot.features.backup.taking import free_name
from entrepot.features.backup.taking import take
from entrepot.infra.database.engine import Database
from entrepot.infra.jobs.queue import Schedule
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.errors import AppError

MAX_ATTEMPTS = 3

log = structlog.get_logger(__name__)


class Taking:
    """Takes a backup as a job asks for it, and clears away what has ended."""

    def __init__(self, database: Database, stored: Stored, settings: BackupSettings, clock: Clock) -> None:
        self._database = database
        self._stored = stored
        self._settings = settings
        self._clock = clock

    def kind(self) -> JobKind[Wish]:
        """Return the kind of its jobs."""
        cron, timeout_seconds = self._settings.schedule, UNDER_WAY_MS / SECOND_MS
        return JobKind(
            name=TAKE,
            payload=Wish,
            run=self._run,
            schedules=(Schedule(TAKE, cron, Wish()),) if cron else (),
            max_attempts=MAX_ATTEMPTS,
            max_running=1,
            timeout_seconds=timeout_seconds,
        )

    async def _run(self, context: JobContext, wish: Wish) -> None:
        """Take it. What was lost of the bytes, or could not be cleared away, is told; the backup counts all the same.

        Raises `NoBackupFolder`, and what `take` and storages raise.
        """
        folder, settings = self._settings.folder, self._settings
        if folder is None:
            raise NoBackupFolder
        is_over = Event()

        def say(text: str) -> None:
            """Tell how far it is, unless nobody waits for it any more."""
            if is_over.is_set():
                raise BackupEnded("the job was stopped")
            context.report(0, note=text)

        keep_days = wish.keep_days or settings.keep_days
        name = await asyncio.to_thread(free_name, self._database, folder, self._clock())
        wanted = Wanted(name, folder, keep_days * DAY_MS, wish.by or SCHEDULER, job=str(context.job.id))
        try:
            await self._database.write(end_given_up, self._clock())
            taken = await asyncio.to_thread(take, self._database, self._clock, wanted, say)
            is_wanted = settings.with_blobs if wish.with_blobs is None else wish.with_blobs
            lost = (await copy_blobs(self._database, taken, self._stored, say)).lost_count if is_wanted else 0
            await self._clear_away(folder, say)
        finally:
            is_over.set()
        _tell(context, taken, lost)

    async def _clear_away(self, folder: Path, say: Say) -> None:
        try:
            removed = await asyncio.to_thread(clear_away, self._database, self._clock, folder, self._settings.keep)
            if removed and await asyncio.to_thread((folder / BLOBS).is_dir):
                await prune_blobs(folder, say, is_dry=False)
        except AppError as error:
            log.warning("backup.not_cleared_away", folder=str(folder), error=error.message)


def _tell(context: JobContext, taken: Taken, lost: int) -> None:
    log.info("backup.taken", backup=taken.description.name, place=str(taken.path), bytes=taken.file_bytes, lost=lost)
    note = f"took {taken.description.name}"
    if lost:
        log.warning("backup.blobs_lost", backup=taken.description.name, lost=lost)
        note += f"; {lost:,} blobs are missing or damaged in the storage"
    context.report(taken.description.rows, note=note)
