# SPDX-License-Identifier: Apache-2.0
"""Reading files by their name, from a folder or from a tar as if it were one."""

import tarfile
from abc import ABC
from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from pathlib import PurePosixPath

from entrepot.infra.distribution.errors import PlaceUnusable
from entrepot.infra.distribution.errors import TooMuch

MAX_MEMBERS = 1_000_000
MAX_LINKS = 8


class Files(ABC):
    """Files that are read. Every method blocks, and raises `PlaceUnusable`."""

    @abstractmethod
    def size(self, name: str) -> int | None:
        """Return the size of a file, None if there is none."""

    @abstractmethod
    def read(self, name: str, start: int, length: int) -> bytes:
        """Return some of its bytes, fewer where it ends."""

    def whole(self, name: str, max_bytes: int) -> bytes | None:
        """Return all of a file, None if there is none. Raises `TooMuch`."""
        size = self.size(name)
        if size is None:
            return None
        if size > max_bytes:
            raise TooMuch(f"{name} has {size} bytes, and {max_bytes} are read at most")
        return self.read(name, 0, size)


class FolderFiles(Files):
    """The files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def size(self, name: str) -> int | None:
        """See `Files`."""
        try:
            found = (self._folder / name).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise unusable(self._folder / name, error) from error
        return found.st_size

    def read(self, name: str, start: int, length: int) -> bytes:
        """See `Files`."""
        return read_part(self._folder / name, start, length)


@dataclass(frozen=True, slots=True)
class _Member:
    """Where a file lies in a tar; or the name of the file that it stands for."""

    start: int = 0
    size: int = 0
    link: str = ""


class TarFiles(Files):
    """The files of a tar that is not compressed."""

    def __init__(self, path: Path) -> None:
        """Read what is in it. Raises `PlaceUnusable` and `TooMuch`."""
        self._path = path
        self._members: dict[str, _Member] = {}
        try:
            with tarfile.open(path, "r:") as archive:
                for each in archive:
                    if len(self._members) >= MAX_MEMBERS:
                        raise TooMuch(f"{path} has more than {MAX_MEMBERS} files")
                    self._note(each)
        except OSError as error:
            raise unusable(path, error) from error
        except (tarfile.TarError, ValueError) as error:
            hint = "Unpack it first if it is compressed, for example with gunzip."
            raise PlaceUnusable(f"{path} is not a tar", hint=hint) from error

    def size(self, name: str) -> int | None:
        """See `Files`."""
        found = self._found(name)
        return None if found is None else found.size

    def read(self, name: str, start: int, length: int) -> bytes:
        """See `Files`."""
        found = self._found(name)
        if found is None:
            raise PlaceUnusable(f"{self._path} has no {name[:200]}")
        return read_part(self._path, found.start + start, max(0, min(length, found.size - start)))

    def _note(self, member: tarfile.TarInfo) -> None:
        name = str(PurePosixPath(member.name))
        if member.isreg():
            self._members[name] = _Member(member.offset_data, member.size)
        elif member.issym():
            self._members[name] = _Member(link=_joined(name, member.linkname))
        elif member.islnk():
            self._members[name] = _Member(link=str(PurePosixPath(member.linkname)))

    def _found(self, name: str) -> _Member | None:
        for _ in range(MAX_LINKS):
            found = self._members.get(str(PurePosixPath(name)))
            if found is None or not found.link:
                return found
            name = found.link
        return None


def read_part(path: Path, start: int, length: int) -> bytes:
    """Return some bytes of a file. Raises `PlaceUnusable`."""
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read(length)
    except OSError as error:
        raise unusable(path, error) from error


def unusable(path: Path, error: OSError) -> PlaceUnusable:
    """Say what is wrong with a file or folder."""
    return PlaceUnusable(f"{path}: {(error.strerror or str(error)).lower()}")


def _joined(name: str, link: str) -> str:
    """Return the name that a symbolic link stands for, which may go up and down again."""
    parts: list[str] = []
    for part in (PurePosixPath(name).parent / link).parts:
        if part == ".." and parts:
            parts.pop()
        elif part not in ("..", "/"):
            parts.append(part)
    return "/".join(parts)
