# SPDX-License-Identifier: Apache-2.0
"""What backups are asked for with, and what is told of them."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from entrepot.infra.jobs.store import Schedule
from entrepot.kernel.access import internal
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.registry.store.backups import Backup
from entrepot.registry.store.backups import HeldBack

TAKE = "backup.take"
"""The kind of the jobs that take backups, and the name of their schedule."""

SCHEDULER = internal(TAKE).identity
"""Who takes those that the schedule asks for."""


class Wish(msgspec.Struct, frozen=True):
    """What a job is given: who wants it, empty for the schedule, and what is not as it is configured."""

    by: str = ""
    keep_days: int | None = None
    with_blobs: bool | None = None


@dataclass(frozen=True, slots=True)
class Failing:
    """A backup that was due and was not taken: since when, why, and its newest job if that is still known."""

    since: Milliseconds
    error: str
    job: Ulid | None


@dataclass(frozen=True, slots=True)
class Figures:
    """When the newest backup was taken, how many are kept, what they hold back, and whether one is missing."""

    last_taken_at: Milliseconds | None
    kept: int
    held_back_bytes: int
    failing: Failing | None


@dataclass(frozen=True, slots=True)
class Plan:
    """How backups are taken here. `job` is the one that waits or runs."""

    folder: Path | None
    schedule: Schedule | None
    figures: Figures
    job: Ulid | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A backup, and what stays for it that nothing else needs; of one that ended, nothing."""

    backup: Backup
    held_back: HeldBack


@dataclass(frozen=True, slots=True)
class BackupPage:
    """One page of backups, newest first; `is_more` says whether older ones follow."""

    backups: list[Shown]
    is_more: bool


@dataclass(frozen=True, slots=True)
class Removed:
    """A backup that was ended, and whether its file was removed too."""

    backup: Backup
    is_file_removed: bool
