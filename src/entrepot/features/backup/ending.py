# SPDX-License-Identifier: Apache-2.0
"""Ending backups: what they held back may go, and their files with them."""

from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection

from entrepot.features.backup.description import read_description
from entrepot.features.backup.models import SCHEDULER
from entrepot.infra.database.backup_file import not_written
from entrepot.infra.database.engine import Database
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import AppError
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.store import backups
from entrepot.registry.store.backups import Backup


def end(connection: Connection, backup: Backup, now: Milliseconds) -> None:
    """Let a backup hold nothing from now on, and tell of it; one that has ended stays as it is."""
    if backups.end(connection, backup.name, now):
        announce(connection, Change.BACKUP_REMOVED, now, Told(object=f"backup:{backup.name}"))


def end_given_up(connection: Connection, now: Milliseconds) -> None:
    """End those that jobs were taking whose process died: there is one such job at a time, and it begins anew."""
    for each in backups.holding(connection):
        if each.state == "running" and each.facts.job:
            backups.end(connection, each.name, now)


def remove_file(backup: Backup) -> bool:
    """Remove the file of a backup, if it is there and is that; tell whether it was. Raises `BackupNotWritten`."""
    path = Path(backup.place)
    with suppress(AppError):
        if path.is_file() and read_description(path).name == backup.name:
            with not_written():
                path.unlink()
            return True
    return False


def clear_away(database: Database, clock: Clock, folder: Path, keep: int) -> int:
    """End those of the schedule that are more than `keep`, unless that is 0, and remove the files of what has ended.

    Only files in `folder` that this database knows are looked at. Returns how many were removed.
    """
    database.write_now(backups.end_expired, clock())
    here = [each for each in database.snapshot_now(backups.newest_first) if is_in(each, folder)]
    regular = [each for each in here if each.state == "kept" and each.taken_by == SCHEDULER]
    surplus = regular[keep:] if keep else []
    for each in surplus:
        database.write_now(end, each, clock())
    gone = {each.id for each in surplus}
    return sum(remove_file(each) for each in here if each.ended_at is not None or each.id in gone)


def is_in(backup: Backup, folder: Path) -> bool:
    """Tell whether its file belongs directly in a folder."""
    return Path(backup.place).parent == folder.absolute()
