# SPDX-License-Identifier: Apache-2.0
"""What the calls of a trace did to the files under one folder, and when something was acknowledged."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.durability.trace import NEVER
from tests.durability.trace import Call
from tests.durability.trace import read_trace

TRACED = (
    "openat,open,creat,write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,ftruncate,truncate,fallocate,"
    "rename,renameat,renameat2,link,linkat,unlink,unlinkat,rmdir,mkdir,mkdirat,sendto,sendmsg,copy_file_range,sendfile"
)
"""The calls that a trace must hold, as strace's `-e trace=` wants them."""

_WRITES = ("write", "pwrite64", "writev", "pwritev", "pwritev2", "sendto", "sendmsg")
_NOT_MODELLED = ("creat", "truncate", "fallocate", "copy_file_range", "sendfile", "rmdir")


class UnknownOperationError(Exception):
    """The program changed a file in a way that is not modelled, so nothing can be concluded."""


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that began and ended at these lines of the trace."""

    began: int
    ended: int
    path: Path


@dataclass(frozen=True, slots=True)
class Create(Operation):
    """A file that was not there came to be, empty."""


@dataclass(frozen=True, slots=True)
class Write(Operation):
    """Bytes were written at an offset."""

    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate(Operation):
    """A file was cut, or grown with zeros, to a size."""

    size: int


@dataclass(frozen=True, slots=True)
class Rename(Operation):
    """`path` became `target`."""

    target: Path


@dataclass(frozen=True, slots=True)
class Link(Operation):
    """The file `path` got the name `target` as well."""

    target: Path


@dataclass(frozen=True, slots=True)
class Unlink(Operation):
    """A name was removed."""


@dataclass(frozen=True, slots=True)
class MakeFolder(Operation):
    """A folder was made."""


@dataclass(frozen=True, slots=True)
class Sync(Operation):
    """A file or folder was synced, successfully."""


@dataclass(frozen=True, slots=True)
class Acknowledge(Operation):
    """The program told the outside world. `data` begins with the acknowledgement."""

    data: bytes


def operations(lines: Iterable[str], root: Path, acknowledgement: bytes | tuple[bytes, ...]) -> list[Operation]:
    """Read a trace into what was done under `root` (which was empty before) and acknowledged.

    An acknowledgement is a write to anything outside of `root` that begins with
    these bytes, or with one of several. Raises `UnknownOperationError`.
    """
    return list(_Reader(root, acknowledgement).read(read_trace(lines)))


class _Reader:
    """Follows names, sizes and the positions of open files through a trace."""

    def __init__(self, root: Path, acknowledgement: bytes | tuple[bytes, ...]) -> None:
        self._root = root
        self._acknowledgement = acknowledgement
        self._sizes: dict[Path, int] = {}
        self._positions: dict[tuple[int, Path], int] = {}
        self._readers: Mapping[str, Callable[[Call], Iterator[Operation]]] = {
            **dict.fromkeys(_WRITES, self._write),
            **dict.fromkeys(_NOT_MODELLED, self._refuse),
            **dict.fromkeys(("openat", "open"), self._open),
            **dict.fromkeys(("fsync", "fdatasync"), self._sync),
            **dict.fromkeys(("rename", "renameat", "renameat2"), self._rename),
            **dict.fromkeys(("link", "linkat"), self._link),
            **dict.fromkeys(("unlink", "unlinkat"), self._unlink),
            **dict.fromkeys(("mkdir", "mkdirat"), self._make_folder),
            "ftruncate": self._truncate,
        }

    def read(self, calls: Iterable[Call]) -> Iterator[Operation]:
        for call in calls:
            if call.name in self._readers and (call.result >= 0 or call.ended == NEVER):
                yield from self._readers[call.name](call)

    def _write(self, call: Call) -> Iterator[Operation]:
        data = b"".join(call.strings)
        if call.result >= 0:
            data = data[: call.result]
        if not self._is_ours(call.path):
            if data.startswith(self._acknowledgement):
                yield Acknowledge(call.began, call.ended, call.path, data)
            return
        position = (call.descriptor, call.path)
        if call.name in ("write", "writev"):
            offset = self._positions.get(position, 0)
            self._positions[position] = offset + len(data)
        else:
            offset = int(call.words[-2 if call.name == "pwritev2" else -1])
        self._sizes[call.path] = max(self._sizes.get(call.path, 0), offset + len(data))
        yield Write(call.began, call.ended, call.path, offset, data)

    def _open(self, call: Call) -> Iterator[Operation]:
        path = call.path / call.strings[0].decode()
        if not self._is_ours(path):
            return
        flags = call.words[2 if call.name == "openat" else 1].split("|")
        if "O_CREAT" in flags and path not in self._sizes:
            self._sizes[path] = 0
            yield Create(call.began, call.ended, path)
        elif "O_TRUNC" in flags:
            self._sizes[path] = 0
            yield Truncate(call.began, call.ended, path, 0)
        self._positions[call.result, path] = self._sizes.get(path, 0) if "O_APPEND" in flags else 0

    def _truncate(self, call: Call) -> Iterator[Operation]:
        if self._is_ours(call.path):
            self._sizes[call.path] = int(call.words[-1])
            yield Truncate(call.began, call.ended, call.path, self._sizes[call.path])

    def _sync(self, call: Call) -> Iterator[Operation]:
        if call.path.is_relative_to(self._root) and call.result == 0:
            yield Sync(call.began, call.ended, call.path)

    def _rename(self, call: Call) -> Iterator[Operation]:
        path, target = (Path(name.decode()) for name in call.strings)
        if self._is_ours(path) or self._is_ours(target):
            self._sizes[target] = self._sizes.pop(path, 0)
            yield Rename(call.began, call.ended, path, target)

    def _link(self, call: Call) -> Iterator[Operation]:
        path, target = (Path(name.decode()) for name in call.strings)
        if self._is_ours(path) or self._is_ours(target):
            self._sizes[target] = self._sizes.get(path, 0)
            yield Link(call.began, call.ended, path, target)

    def _unlink(self, call: Call) -> Iterator[Operation]:
        path = Path(call.strings[0].decode())
        if self._is_ours(path):
            self._sizes.pop(path, None)
            yield Unlink(call.began, call.ended, path)

    def _make_folder(self, call: Call) -> Iterator[Operation]:
        path = Path(call.strings[0].decode())
        if self._is_ours(path):
            yield MakeFolder(call.began, call.ended, path)

    def _refuse(self, call: Call) -> Iterator[Operation]:
        if str(self._root).encode().hex() in call.arguments.replace("\\x", ""):
            raise UnknownOperationError(f"line {call.began}: {call.name} is not modelled")
        yield from ()

    def _is_ours(self, path: Path) -> bool:
        return path != self._root and path.is_relative_to(self._root)
