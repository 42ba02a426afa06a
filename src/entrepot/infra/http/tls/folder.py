# SPDX-License-Identifier: Apache-2.0
"""The folder in which certificates are made: several processes see each file whole, and one of them works at a time."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from entrepot.infra.http.tls.pair import CertificateUnusable

OWNER_ONLY = 0o600
FOR_ALL = 0o644


def make_folder(folder: Path) -> None:
    """Make a folder that only its owner enters, if it is missing. Raises `CertificateUnusable`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _not_written(folder, error) from error


def write_whole(path: Path, content: bytes, mode: int = OWNER_ONLY) -> None:
    """Put a file into place in one step, on disk before it is seen. Raises `CertificateUnusable`."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise _not_written(path, error) from error


@contextmanager
def only_one(folder: Path, *, waits: bool) -> Iterator[bool]:
    """Hold the folder's lock while the block runs; give False, without it, when another has it and `waits` is not set.

    The lock goes when its process ends, however it ends.
    """
    try:
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
    except OSError as error:
        raise _not_written(folder / "lock", error) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _not_written(path: Path, error: OSError) -> CertificateUnusable:
    hint = "Let the server's user write there; the data folder is named by data_dir."
    return CertificateUnusable(f"{path} cannot be written: {error.strerror}", hint=hint)
