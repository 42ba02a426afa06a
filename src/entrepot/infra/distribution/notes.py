# SPDX-License-Identifier: Apache-2.0
"""Where uploads stand that were begun, so that another run of the same command goes on with them."""

import hashlib
import os
import tempfile
import time
from base64 import b64decode
from base64 import b64encode
from collections.abc import Callable
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

KEPT_SECONDS = 7 * 24 * 3_600
MAX_NOTE_BYTES = 64 * 1024

_FOLDER = Path("entrepot", "uploads")


class Note(msgspec.Struct, frozen=True):
    """An upload: its address at the registry, and the hash of the first `hashed` bytes of the blob.

    The address may let others go on with the upload, so nobody else can read the note.
    """

    url: str
    hashed: int = 0
    state: str = ""

    @property
    def hash_state(self) -> bytes:
        """What `restore_hasher` takes."""
        return b64decode(self.state)


def noted(url: str, hashed: int, state: bytes) -> Note:
    """Make a note."""
    return Note(url, hashed, b64encode(state).decode())


class UploadNotes:
    """Notes in a folder of whoever runs the command, a file for each upload. Without a folder nothing is noted.

    Notes are a help: what cannot be read or written costs time, and nothing else.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def find(self, key: str) -> Note | None:
        """Return the note about an upload, if there is one."""
        path = self._path(key)
        with suppress(OSError, msgspec.MsgspecError):
            if path is not None and path.stat().st_size <= MAX_NOTE_BYTES:
                return msgspec.json.decode(path.read_bytes(), type=Note)
        return None

    def keep(self, key: str, note: Note) -> None:
        """Write a note, in one step."""
        path = self._path(key)
        with suppress(OSError):
            if path is not None:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                descriptor, name = tempfile.mkstemp(dir=path.parent)
                with os.fdopen(descriptor, "wb") as file:
                    file.write(msgspec.json.encode(note))
                Path(name).replace(path)

    def forget(self, key: str) -> None:
        """Remove a note."""
        path = self._path(key)
        with suppress(OSError):
            if path is not None:
                path.unlink(missing_ok=True)

    def tidy(self, clock: Callable[[], float] = time.time) -> None:
        """Remove notes that no registry knows the upload of any more."""
        with suppress(OSError):
            for path in self._folder.iterdir() if self._folder is not None else ():
                if path.stat().st_mtime < clock() - KEPT_SECONDS:
                    path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path | None:
        return self._folder and self._folder / f"{hashlib.sha256(key.encode()).hexdigest()}.json"


def notes_of_user(environment: Mapping[str, str] | None = None) -> UploadNotes:
    """Return the notes of whoever runs the command, without old ones (XDG Base Directory Specification). Blocks."""
    given = Path((os.environ if environment is None else environment).get("XDG_CACHE_HOME", ""))
    try:
        notes = UploadNotes((given if given.is_absolute() else Path.home() / ".cache") / _FOLDER)
    except RuntimeError:
        return UploadNotes(None)
    notes.tidy()
    return notes
