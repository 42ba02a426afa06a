# SPDX-License-Identifier: Apache-2.0
"""How objects and unfinished uploads lie in a folder.

    layout              the version of this arrangement
    objects/<xx>/<ulid> complete objects
    uploads/<ulid>      unfinished uploads
    docker/registry/v2  what another registry has left here (`adopted`), never written and never listed

An unfinished upload is open and locked (`flock`) by whoever writes it, so no two
requests of any two processes do, and a killed process lets go. An object appears
by `rename` after its bytes were synced; the folders are synced before anybody is
told.
"""

import errno
import os
from contextlib import suppress
from io import FileIO
from pathlib import Path

from entrepot.infra.storage.adopted import is_adopted
from entrepot.infra.storage.adopted import is_copy
from entrepot.infra.storage.disk import FOLDER_MODE
from entrepot.infra.storage.disk import busy
from entrepot.infra.storage.disk import is_at
from entrepot.infra.storage.disk import is_there
from entrepot.infra.storage.disk import lock
from entrepot.infra.storage.disk import make_folder
from entrepot.infra.storage.disk import open_file
from entrepot.infra.storage.disk import sync_folder
from entrepot.infra.storage.disk import synced_or_removed
from entrepot.infra.storage.disk import write_all
from entrepot.infra.storage.interface import Leftover
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import StorageError
from entrepot.infra.storage.interface import StoredObject
from entrepot.infra.storage.interface import UploadLost
from entrepot.kernel.identifiers import is_ulid
from entrepot.kernel.identifiers import new_ulid

LAYOUT_VERSION = "1"


class UnknownLayout(StorageError):
    """The storage folder was arranged by another version of Entrepot."""

    code = "storage_layout_unknown"


class Layout:
    """The arrangement under one root folder. All methods block; run them in threads."""

    def __init__(self, root: Path) -> None:
        """Touch nothing; see `prepare`."""
        self.root = root
        self.uploads = root / "uploads"
        self.objects = root / "objects"
        self._durable_folders: set[Path] = set()

    def prepare(self) -> None:
        """Create what is missing. Raises `UnknownLayout`, `OSError`."""
        make_folder(self.root)
        self._mark()
        make_folder(self.uploads)
        make_folder(self.objects)
        sync_folder(self.root)

    def upload_path(self, key: ObjectKey) -> Path:
        """Return where the bytes of `key` are until it is complete."""
        return self.uploads / _name(key)

    def object_path(self, key: ObjectKey) -> Path:
        """Return where the complete object is."""
        if is_adopted(key):
            return self.root / key
        name = _name(key)
        return self.objects / name[-2:] / name

    def start_upload(self, key: ObjectKey) -> FileIO:
        """Create, open and lock the file of a new upload. Raises `WriterBusy`."""
        path = self.upload_path(key)
        try:
            file = open_file(path, os.O_RDWR | os.O_CREAT | os.O_EXCL)
        except FileExistsError as error:
            raise busy() from error
        lock(file)
        return file

    def open_upload(self, key: ObjectKey, offset: int) -> FileIO | None:
        """Open and lock an upload of at least `offset` bytes.

        Returns None when the upload was completed at exactly this size, which is
        what a crash leaves behind that came after `publish` and before the caller
        had noted it. Raises `WriterBusy`, `UploadLost`.
        """
        path = self.upload_path(key)
        try:
            file = open_file(path, os.O_RDWR | (os.O_CREAT if offset == 0 else 0))
        except FileNotFoundError:
            self._require_complete(key, offset)
            return None
        try:
            lock(file)
            if not is_at(file, path):
                file.close()
                return self.open_upload(key, offset)
            size = os.fstat(file.fileno()).st_size
            if size == 0 and is_there(self.object_path(key)):
                path.unlink()
                file.close()
                self._require_complete(key, offset)
                return None
            if size < offset:
                raise UploadLost(f"only {size} of {offset} bytes of this upload are left; start it again")
        except BaseException:
            file.close()
            raise
        return file

    def discard_upload(self, key: ObjectKey, held: FileIO | None = None) -> None:
        """Unlink an upload that nobody else writes to. Idempotent. Raises `WriterBusy`.

        `held` is its file if this caller has it open and locked.
        """
        path = self.upload_path(key)
        try:
            if held is not None and not held.closed:
                path.unlink()
                return
            with open_file(path, os.O_RDWR) as file:
                lock(file)
                if is_at(file, path):
                    path.unlink()
        except FileNotFoundError:
            self.require_present()

    def publish(self, key: ObjectKey, file: FileIO) -> None:
        """Turn the upload into the object, safe from power loss.

        Raises `SyncFailed` when the bytes had to be thrown away, and `OSError`
        when the upload is as it was.
        """
        source, target = self.upload_path(key), self.object_path(key)
        if is_there(target):
            raise StorageError("there is an object under this upload's key already, and keys are used only once")
        with synced_or_removed(source):
            os.fsync(file.fileno())
        folder = self._durable_folder(target)
        source.rename(target)
        with synced_or_removed(target):
            sync_folder(folder)
            sync_folder(self.uploads)

    def sync_object(self, key: ObjectKey) -> None:
        """Make sure that a complete object is safe from power loss: whoever renamed it may have died at once."""
        path = self.object_path(key)
        with open_file(path, os.O_RDONLY) as file:
            os.fsync(file.fileno())
        sync_folder(self._durable_folder(path))
        sync_folder(self.uploads)

    def delete_object(self, key: ObjectKey) -> None:
        """Unlink a complete object, and what is left of an upload that was to become it. Idempotent.

        An adopted one takes its folder with it, which has nothing else in it.
        """
        path = self.object_path(key)
        if not is_adopted(key):
            self.upload_path(key).unlink(missing_ok=True)
        try:
            path.unlink()
        except FileNotFoundError:
            self.require_present()
        if is_adopted(key):
            with suppress(OSError):
                path.parent.rmdir()

    def bytes_of(self, key: ObjectKey) -> int:
        """Return how many bytes there are of an upload, or of the object that it became."""
        for path in (self.upload_path(key), self.object_path(key)):
            with suppress(FileNotFoundError):
                return path.lstat().st_size
        self.require_present()
        return 0

    def unfinished(self) -> list[Leftover]:
        """List the uploads. What is not named like one is somebody else's and left alone."""
        found = []
        with os.scandir(self.uploads) as entries:
            for entry in entries:
                if not is_ulid(entry.name) or not entry.is_file(follow_symlinks=False):
                    continue
                with suppress(FileNotFoundError):
                    modified_ms = entry.stat(follow_symlinks=False).st_mtime_ns // 1_000_000
                    found.append(
                        Leftover(ObjectKey(f"objects/{entry.name[-2:]}/{entry.name}"), modified_ms, entry.name)
                    )
        return found

    def object_folders(self) -> list[Path]:
        """List the folders that hold objects."""
        with os.scandir(self.objects) as entries:
            return [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]

    def objects_in(self, folder: Path) -> list[StoredObject]:
        """List the objects in one folder. What is not named like one is somebody else's and left alone."""
        found = []
        with os.scandir(folder) as entries:
            for entry in entries:
                if not _is_name(entry.name) or not entry.is_file(follow_symlinks=False):
                    continue
                with suppress(FileNotFoundError):
                    status = entry.stat(follow_symlinks=False)
                    key = ObjectKey(f"objects/{entry.name[-2:]}/{entry.name}")
                    found.append(StoredObject(key, status.st_size, status.st_mtime_ns // 1_000_000))
        return found

    def probe(self) -> None:
        """Write, sync, read back and remove a small file."""
        path = self.uploads / f"probe-{new_ulid()}"
        text = b"entrepot"
        with open_file(path, os.O_RDWR | os.O_CREAT | os.O_EXCL) as file:
            try:
                write_all(file, text, 0)
                os.fsync(file.fileno())
                if os.pread(file.fileno(), len(text) + 1, 0) != text:
                    raise OSError(errno.EIO, "a file did not keep what was written to it")
            finally:
                path.unlink()

    def require_present(self) -> None:
        """Raise `OSError` when the folder itself is gone, as with a disk that is not mounted."""
        self.uploads.stat()

    def _require_complete(self, key: ObjectKey, size: int) -> None:
        try:
            found = self.object_path(key).lstat().st_size
        except FileNotFoundError:
            self.require_present()
            found = -1
        if found != size:
            raise UploadLost("the bytes of this upload are gone; start it again")

    def _durable_folder(self, path: Path) -> Path:
        folder = path.parent
        if folder not in self._durable_folders:
            folder.mkdir(FOLDER_MODE, exist_ok=True)
            sync_folder(self.objects)
            self._durable_folders.add(folder)
        return folder

    def _mark(self) -> None:
        marker = self.root / "layout"
        try:
            found = marker.read_text().strip()
        except FileNotFoundError:
            draft = self.root / f"layout-{new_ulid()}"
            with open_file(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL) as file:
                write_all(file, f"{LAYOUT_VERSION}\n".encode(), 0)
                os.fsync(file.fileno())
            draft.rename(marker)
            found = LAYOUT_VERSION
        if found != LAYOUT_VERSION:
            raise UnknownLayout(
                f"the storage folder has layout {found[:20]!r} and this version knows {LAYOUT_VERSION!r}; "
                "run the version of Entrepot that wrote it, or name another folder"
            )


def _name(key: ObjectKey) -> str:
    name = key.rpartition("/")[2]
    if not _is_name(name) or key != f"objects/{name[-2:]}/{name}":
        raise StorageError(f"{key[:80]!r} is not a key of this storage; compare it with the database")
    return name


def _is_name(name: str) -> bool:
    return is_ulid(name) or is_copy(name)
