# SPDX-License-Identifier: Apache-2.0
"""Blocking operations on files and folders, as far as durability and locks need them.

A disk that failed to sync has lost what it did not write: the kernel forgets such
pages, and a second sync succeeds without having written them. What failed to sync
once is therefore thrown away, never retried.
"""

import errno
import fcntl
import os
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from io import FileIO
from pathlib import Path

from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import WriterBusy

Write = Callable[[int, memoryview, int], int]
"""pwrite(2): a file descriptor, data and an offset, to the number of bytes taken."""

FOLDER_MODE = 0o700
"""Nobody but the server reads what it stores."""

_FILE_MODE = 0o600
_OPEN = os.O_CLOEXEC | os.O_NOFOLLOW
_REASONS = {
    errno.ENOSPC: "its disk is full; free some space or move it to a larger disk",
    errno.EDQUOT: "its disk quota is used up; free some space or raise the quota",
    errno.EROFS: "it is mounted read-only; mount it read-write",
    errno.EIO: "its disk reports errors; look at the kernel's log and check the disk",
    errno.EACCES: "this process may not write there; change the folder's owner",
    errno.EPERM: "this process may not write there; change the folder's owner",
    errno.ENOENT: "it is gone; mount or restore it",
    errno.EEXIST: "a file is where a folder should be; move the file away",
    errno.ENOTDIR: "a file is where a folder should be; move the file away",
    errno.EMFILE: "this process has too many files open; raise its limit",
    errno.ENFILE: "this machine has too many files open; raise its limit",
}


class SyncFailed(StorageUnavailable):
    """The disk did not keep the bytes of an upload, so they were thrown away."""


@contextmanager
def normalised() -> Iterator[None]:
    """Turn every `OSError` into a `StorageUnavailable` that says what to do."""
    try:
        yield
    except OSError as error:
        raise StorageUnavailable(f"the storage folder cannot be used: {_reason(error)}") from error


def write_all(file: FileIO, data: bytes, offset: int, write: Write = os.pwrite) -> None:
    """Write all of `data` at `offset`, however little `write` takes at a time."""
    written = 0
    while written < len(data):
        written += write(file.fileno(), memoryview(data)[written:], offset + written)


def sync_folder(path: Path) -> None:
    """Make the entries of a folder safe from power loss."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | _OPEN)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def make_folder(path: Path) -> None:
    """Create a folder, and those above it, that survive power loss."""
    if not path.is_dir():
        make_folder(path.parent)
        path.mkdir(mode=FOLDER_MODE, exist_ok=True)
        sync_folder(path.parent)


@contextmanager
def synced_or_removed(path: Path) -> Iterator[None]:
    """Throw the file away when a sync fails: a second sync would succeed without having written anything."""
    try:
        yield
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise SyncFailed(f"the storage folder lost this upload: {_reason(error)}; then start it again") from error


def open_file(path: Path, flags: int) -> FileIO:
    """Open a file by the flags of open(2), unbuffered, never through a symbolic link."""
    mode = "rb" if flags & os.O_ACCMODE == os.O_RDONLY else "r+b"
    return FileIO(os.open(path, flags | _OPEN, _FILE_MODE), mode)


def lock(file: FileIO) -> None:
    """Lock the file until it is closed or this process dies. Raises `WriterBusy` and closes it."""
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise busy() from error


def is_at(file: FileIO, path: Path) -> bool:
    """Tell whether `path` still names this file, now that it is locked."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.lstat())
    except FileNotFoundError:
        return False


def is_there(path: Path) -> bool:
    """Tell whether anything has this name. Raises `OSError` when that cannot be told."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


def _reason(error: OSError) -> str:
    return _REASONS.get(error.errno or 0, f"the system says: {error.strerror}")


def busy() -> WriterBusy:
    """Say that somebody else holds the upload."""
    return WriterBusy("another request is writing to this upload; wait for it to end")
