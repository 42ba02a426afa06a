# SPDX-License-Identifier: Apache-2.0
"""Taking a backup while the server runs: a record that holds bytes back, and one snapshot of the database.

The record comes first, so that nothing goes that the snapshot names. The file appears under its name once it is
whole, on the disk, and its record says so.
"""

import fcntl
import getpass
import os
import socket
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from entrepot import __version__
from entrepot.features.backup.description import FORMAT
from entrepot.features.backup.description import SUFFIX
from entrepot.features.backup.description import Description
from entrepot.features.backup.errors import BackupEnded
from entrepot.features.backup.errors import BackupExists
from entrepot.features.backup.errors import TooManyBackups
from entrepot.infra.database import backup_file
from entrepot.infra.database import schema
from entrepot.infra.database.backup_file import not_written
from entrepot.infra.database.backup_file import reading
from entrepot.infra.database.engine import Database
from entrepot.infra.storage.disk import sync_folder
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.errors import AppError
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.store import backup_contents
from entrepot.registry.store import backups
from entrepot.registry.store.backups import BackupId
from entrepot.registry.store.backups import Facts
from entrepot.registry.store.backups import NewBackup

UNDER_WAY_MS = DAY_MS
"""How long a backup that is under way holds bytes back: one that was killed does so no longer."""

MAX_BACKUPS = 1_000
PARTIAL = ".partial"
FILE_MODE = 0o600
FOLDER_MODE = 0o700

Say = Callable[[str], None]
"""Takes what is being done, and how far it is."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What backup to take: its name, the folder it goes to, how long it is kept, and who asks for it.

    `by` is an identity, empty for who runs this command; `job` is the job that takes it, if one does.
    """

    name: str
    folder: Path
    keep_ms: int
    by: str = ""
    job: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that was taken: its file, and what is in it."""

    id: BackupId
    path: Path
    description: Description
    sha256: str
    file_bytes: int


def take(database: Database, clock: Clock, wanted: Wanted, say: Say) -> Taken:
    """Take a backup of a database that others go on writing to.

    Raises `BackupExists`, `TooManyBackups`, `BackupNotWritten`, `BackupEnded` and `DatabaseUnavailable`.
    """
    with not_written():
        wanted.folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        _clear(wanted.folder)
    path = wanted.folder.absolute() / f"{wanted.name}{SUFFIX}"
    if path.exists():
        raise BackupExists(f"{path} is there already")
    backup = database.write_now(_record, wanted, str(path), clock())
    try:
        with _partial(path) as partial_path:
            return _taken(database, clock, wanted, (backup, path, partial_path), say)
    except BaseException:
        with suppress(AppError):
            database.write_now(backups.end, wanted.name, clock())
        raise


def name_at(moment: Milliseconds) -> str:
    """Return the name of a backup that is named after the time."""
    return rfc3339(moment).replace(":", "").partition(".")[0].removesuffix("Z") + "Z"


def free_name(database: Database, folder: Path, moment: Milliseconds) -> str:
    """Return the first name after the time that no backup has: another one may be of the same second."""
    first, number = name_at(moment), 1
    name = first
    while (folder / f"{name}{SUFFIX}").exists() or database.snapshot_now(backups.find, name) is not None:
        number += 1
        name = f"{first}-{number}"
    return name


def _record(connection: Connection, wanted: Wanted, place: str, now: Milliseconds) -> BackupId:
    if backups.find(connection, wanted.name) is not None:
        raise BackupExists(f"there is a backup {wanted.name}")
    if len(backups.newest_first(connection)) >= MAX_BACKUPS:
        raise TooManyBackups(f"there are {MAX_BACKUPS} backups")
    by, facts = wanted.by or _operator(), Facts(node=socket.gethostname(), job=wanted.job)
    return backups.add(connection, NewBackup(wanted.name, place, by, now, after(now, UNDER_WAY_MS), facts))


def _taken(database: Database, clock: Clock, wanted: Wanted, places: tuple[BackupId, Path, Path], say: Say) -> Taken:
    backup, path, partial_path = places
    say("reading the database")
    now = clock()
    backup_file.write(
        database, partial_path, lambda at: say(f"{at.phase} {at.table}: {at.done:,} of {at.total:,} rows")
    )
    with reading(partial_path) as connection:
        figures = backup_contents.figures(connection)
        newest = backup_contents.newest_object(connection)
        revision = schema.revision_in(connection) or ""
    count = partial(_count_rows, say, [0])
    description = Description(
        format=FORMAT,
        name=wanted.name,
        version=__version__,
        revision=revision,
        taken_at=now,
        expires_at=after(now, wanted.keep_ms),
        newest_object=newest,
        objects=figures.objects,
        object_bytes=figures.object_bytes,
        manifests=figures.manifests,
        tags=figures.tags,
        tables=backup_file.checksums(partial_path, count),
    )
    backup_file.describe(partial_path, msgspec.json.encode(description))
    taken = Taken(backup, path, description, backup_file.sha256_of(partial_path), partial_path.stat().st_size)
    database.write_now(_complete, taken, wanted.job)
    with not_written():
        partial_path.rename(path)
        sync_folder(path.parent)
    return taken


def _complete(connection: Connection, taken: Taken, job: str) -> None:
    said = taken.description
    facts = Facts(
        objects=said.objects,
        object_bytes=said.object_bytes,
        manifests=said.manifests,
        tags=said.tags,
        rows=said.rows,
        file_bytes=taken.file_bytes,
        sha256=taken.sha256,
        revision=said.revision,
        node=socket.gethostname(),
        job=job,
    )
    if not backups.complete(connection, taken.id, (said.taken_at, said.expires_at), said.newest_object, facts):
        raise BackupEnded
    told = Told(object=f"backup:{said.name}", after={"place": str(taken.path), "expires_at": said.expires_at})
    announce(connection, Change.BACKUP_TAKEN, said.taken_at, told)


def _count_rows(say: Say, so_far: list[int], _table: str, rows: int) -> None:
    so_far[0] += rows
    say(f"checking what was written: {so_far[0]:,} rows")


@contextmanager
def _partial(path: Path) -> Iterator[Path]:
    """Make the empty file that the backup is written to, locked while this process lives; it is gone at the end."""
    partial_path = path.with_name(f".{path.name}{PARTIAL}")
    with not_written():
        descriptor = os.open(partial_path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield partial_path
    finally:
        _unlink(partial_path)
        os.close(descriptor)


def _clear(folder: Path) -> None:
    """Remove what killed processes have left behind."""
    for left in folder.glob(f".*{SUFFIX}{PARTIAL}"):
        descriptor = os.open(left, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _unlink(left)
        finally:
            os.close(descriptor)


def _unlink(partial_path: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        partial_path.with_name(partial_path.name + end).unlink(missing_ok=True)


def _operator() -> str:
    """Return who runs this: the operating system's name of the user, and the machine's."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
