# SPDX-License-Identifier: Apache-2.0
"""What goes wrong with taking and ending backups."""

from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import NotFound


class BackupUnknown(NotFound):
    """There is no such backup."""

    code = "backup_unknown"
    default_hint = "entrepot backup list shows those that are known."


class BackupExists(Conflict):
    """There is a backup of this name."""

    code = "backup_exists"
    default_hint = "Give it another name, or none: then it is named after the time."


class TooManyBackups(Conflict):
    """So many backups are known that no other one is."""

    code = "too_many_backups"
    default_hint = "entrepot backup remove ends those that are not needed any more."


class NoBackupFolder(Conflict):
    """The configuration names no folder that backups go to."""

    code = "no_backup_folder"
    default_hint = "Set backup.folder, on a disk of its own, and start the servers again."


class BackupEnded(AppError):
    """The backup ended while it was taken: it was removed, given up, or took more than a day."""

    code = "backup_ended"
    default_hint = "Nothing was kept of it. Take another one."


class BackupLate(AppError):
    """A backup was due, and was not taken."""

    code = "backup_late"
    default_hint = "Its job says why. Take one by hand when that is put right."
