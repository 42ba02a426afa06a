# SPDX-License-Identifier: Apache-2.0
"""Backups: of the whole database and, if wanted, of the bytes it names, taken while everybody goes on.

One is taken at its times, from the console and by the command line; what it names stays until it ends.
Restoring and drills are commands on the machine itself. See docs/how-to/backup.md.
"""

from entrepot.features.backup.lateness import backup_figures
from entrepot.features.backup.lateness import require_in_time
from entrepot.features.backup.settings import BackupSettings

__all__ = ["BackupSettings", "backup_figures", "require_in_time"]
