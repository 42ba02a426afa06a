# SPDX-License-Identifier: Apache-2.0
"""Records that wait in a file on this machine until the database may take them.

Each process appends to a file of its own, which it holds locked while it lives.
Whoever finds the file of a process that is gone takes it over. A record begins
with a mark that is overwritten in place once the record was taken: after a crash
between storing it and marking it, that one record is given out once more. What
was not on the disk when the power went is lost, and so is a record cut short.
"""

import fcntl
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from entrepot.kernel.identifiers import new_ulid

SUFFIX = ".spill"
LOOK_SECONDS = 60.0
"""How often it is looked for files that processes left behind."""

READ_BYTES = 256 * 1024

_WAITS, _IS_TAKEN = b"+", b"-"


@dataclass(frozen=True, slots=True)
class Spilled:
    """A record, and where it is."""

    content: bytes
    file: "_File"
    start: int
    end: int


class Spill:
    """The records of one process and of those before it, oldest file first. Every method blocks."""

    def __init__(self, folder: Path, limit_bytes: int, monotonic: Callable[[], float]) -> None:
        """Put at most `limit_bytes` into the file of this process. The folder is made when it is needed."""
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._monotonic = monotonic
        self._own: _File | None = None
        self._found: list[_File] = []
        self._looked_at: float | None = None

    @property
    def waiting_bytes(self) -> int:
        """How much waits, as far as this process has looked."""
        return sum(file.size - file.place for file in self._files())

    def append(self, content: bytes) -> bool:
        """Keep a record, one line without a line break; False when there is no room for it."""
        if self._own is None:
            with suppress(OSError):
                self._own = _File.made(self._folder)
        if self._own is None or self._own.size + len(content) + 2 > self._limit_bytes:
            return False
        return self._own.append(_WAITS + content + b"\n")

    def first(self) -> Spilled | None:
        """Return the record to take next, None when none waits."""
        if self._looked_at is None or self._monotonic() - self._looked_at >= LOOK_SECONDS:
            self._looked_at = self._monotonic()
            self._found += _left_behind(self._folder, {file.path for file in self._files()})
        for file in self._files():
            record = file.first()
            if record is not None:
                return record
            self._finish(file)
        return None

    def taken(self, record: Spilled) -> None:
        """Never give this record out again."""
        record.file.mark(record)

    def _files(self) -> list["_File"]:
        return [*self._found, *([self._own] if self._own else [])]

    def _finish(self, file: "_File") -> None:
        """Drop a file of which everything was taken."""
        file.remove()
        if file is self._own:
            self._own = None
        else:
            self._found.remove(file)


class _File:
    """One file, locked. `place` is where the first record lies that was not taken, as far as is known."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.size = os.fstat(descriptor).st_size
        self.place = 0
        self._descriptor = descriptor

    @classmethod
    def made(cls, folder: Path) -> "_File":
        """Make a new one. Raises `OSError`."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{new_ulid()}{SUFFIX}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return cls(path, descriptor)

    @classmethod
    def adopted(cls, path: Path) -> "_File | None":
        """Take over what no process holds; None when one does, or it is gone."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return None
        if os.fstat(descriptor).st_nlink == 0:
            os.close(descriptor)
            return None
        return cls(path, descriptor)

    def append(self, line: bytes) -> bool:
        """Add a line; False, and nothing added, when it cannot be written."""
        try:
            written = os.pwrite(self._descriptor, line, self.size)
        except OSError:
            written = 0
        if written < len(line):
            with suppress(OSError):
                os.ftruncate(self._descriptor, self.size)
            return False
        self.size += written
        return True

    def first(self) -> Spilled | None:
        """Return the first record that was not taken."""
        while self.place < self.size:
            line = self._line()
            if not line.endswith(b"\n"):
                self.place = self.size
            elif line.startswith(_WAITS):
                return Spilled(line[1:-1], self, self.place, self.place + len(line))
            else:
                self.place += len(line)
        return None

    def _line(self) -> bytes:
        """Read the line at `place`; without a line break at its end when it was cut short."""
        data = b""
        while b"\n" not in data:
            more = os.pread(self._descriptor, READ_BYTES, self.place + len(data))
            if not more:
                return data
            data += more
        return data[: data.index(b"\n") + 1]

    def mark(self, record: Spilled) -> None:
        """Overwrite the mark of a record."""
        os.pwrite(self._descriptor, _IS_TAKEN, record.start)
        self.place = max(self.place, record.end)

    def remove(self) -> None:
        """Delete the file, and let go of it."""
        with suppress(OSError):
            self.path.unlink()
        os.close(self._descriptor)


def _left_behind(folder: Path, known: set[Path]) -> list[_File]:
    """Return the files of processes that are gone, oldest first."""
    paths = sorted(path for path in folder.glob(f"*{SUFFIX}") if path not in known)
    return [file for file in map(_File.adopted, paths) if file is not None]
