# SPDX-License-Identifier: Apache-2.0
"""What another registry has left in a folder of this machine."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import ParamSpec
from typing import TypeVar

from entrepot.infra.storage.disk import normalised
from entrepot.infra.storage.file_source import FileSource
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.tree import MAX_PATH_CHARACTERS
from entrepot.infra.storage.tree import Tree
from entrepot.infra.storage.tree import TreeFile

P = ParamSpec("P")
T = TypeVar("T")

IS_LINK = "it is a symbolic link, and none is followed"
IS_ODD = "it is neither a file nor a folder"
IS_CLOSED = "this process may not look into it"
IS_TOO_LONG = f"its path is longer than {MAX_PATH_CHARACTERS} characters"

_THREADS = 16
_FILES_AT_ONCE = 1_000
_FOLDERS_OF_MANY = 6
"""So many folders deep, blobs share their folders: docker/registry/v2/blobs/<algorithm>/<xx>."""


class FolderTree(Tree):
    """Files below one folder. Waiting for the disk happens in threads of its own."""

    def __init__(self, root: Path) -> None:
        """Use the folder of a storage, which may be reached by a symbolic link itself."""
        self._root = root.absolute()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="tree")
        self._folders: set[Path] = {self._root}
        """Folders that were seen to be no symbolic links."""

    async def files(self, folder: str) -> AsyncIterator[TreeFile]:
        """See `Tree`. The names in one folder are in memory together."""
        found = self._walk(folder.rstrip("/"))
        while some := await self._run(lambda: list(islice(found, _FILES_AT_ONCE))):
            for each in some:
                yield each

    async def size(self, path: str) -> int | None:
        """See `Tree`. What is reached by a symbolic link is not there."""
        return await self._run(self._size, path)

    async def chunks(self, path: str) -> AsyncIterator[bytes]:
        """See `Tree`."""
        missing = ObjectMissing(f"there is no file {path[:200]}")
        if await self.size(path) is None:
            raise missing
        source = await FileSource.open((self._root / path,), self._threads, missing)
        async for chunk in source.chunks(0, source.size):
            yield chunk

    def _walk(self, folder: str) -> Iterator[TreeFile]:
        self._root.stat()
        if self._is_folder(self._root / folder):
            yield from _below(self._root, folder)

    def _size(self, path: str) -> int | None:
        file = self._root / path
        try:
            status = file.lstat() if self._is_folder(file.parent) else None
        except (FileNotFoundError, PermissionError):
            return None
        if status is None:
            return None
        return status.st_size if stat.S_ISREG(status.st_mode) else None

    def _is_folder(self, folder: Path) -> bool:
        """Tell whether a folder is there, and reached without a symbolic link below the root."""
        if folder in self._folders:
            return True
        if not self._is_folder(folder.parent):
            return False
        try:
            is_folder = stat.S_ISDIR(folder.lstat().st_mode)
        except FileNotFoundError:
            return False
        if is_folder and len(folder.relative_to(self._root).parts) <= _FOLDERS_OF_MANY:
            self._folders.add(folder)
        return is_folder

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, partial(_normalised, work, *args, **kwargs)
        )


def _below(root: Path, folder: str) -> Iterator[TreeFile]:
    """Yield what is in a folder, which is no symbolic link, and below it."""
    try:
        with os.scandir(root / folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    except PermissionError:
        yield TreeFile(folder, 0, IS_CLOSED)
        return
    for entry in found:
        path = f"{folder}/{entry.name}"
        if len(path) > MAX_PATH_CHARACTERS:
            yield TreeFile(path, 0, IS_TOO_LONG)
        elif entry.is_symlink():
            yield TreeFile(path, 0, IS_LINK)
        elif entry.is_dir(follow_symlinks=False):
            yield from _below(root, path)
        else:
            yield _file(path, entry)


def _file(path: str, entry: os.DirEntry[str]) -> TreeFile:
    try:
        size = entry.stat(follow_symlinks=False).st_size
    except FileNotFoundError:
        return TreeFile(path, 0)
    return TreeFile(path, size, "" if entry.is_file(follow_symlinks=False) else IS_ODD)


def _normalised(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    with normalised():
        return work(*args, **kwargs)
