# SPDX-License-Identifier: Apache-2.0
"""Documents in the folder of a storage, beside `objects` and `uploads`: the name is the path below it.

A document is written under a name that begins with a dot, synced, and renamed; the folders are synced before anybody
is told. What begins with a dot is no document: a crash left it, and it goes when its folder is next written to a day
later.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import ParamSpec
from typing import TypeVar

from entrepot.infra.storage.disk import make_folder
from entrepot.infra.storage.disk import normalised
from entrepot.infra.storage.disk import open_file
from entrepot.infra.storage.disk import sync_folder
from entrepot.infra.storage.disk import synced_or_removed
from entrepot.infra.storage.disk import write_all
from entrepot.infra.storage.documents import ROOT
from entrepot.infra.storage.documents import DocumentMissing
from entrepot.infra.storage.documents import Documents
from entrepot.infra.storage.documents import checked
from entrepot.kernel.identifiers import new_ulid

P = ParamSpec("P")
T = TypeVar("T")

DRAFTS_LAST_SECONDS = 24 * 60 * 60
"""A draft that is older was left by a crash."""

_THREADS = 8
_NAMES_AT_ONCE = 1_000


class FolderDocuments(Documents):
    """Files below one folder. Waiting for the disk happens in threads of its own."""

    def __init__(self, root: Path) -> None:
        """Use the folder of a storage; nothing is made before the first document."""
        self._root = root.absolute()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="documents")
        self._made: set[Path] = set()

    async def write(self, name: str, data: bytes) -> None:
        """See `Documents`."""
        await self._run(self._write, self._root / checked(name), data)

    async def read(self, name: str) -> bytes:
        """See `Documents`."""
        return await self._run(self._read, checked(name))

    async def names(self, prefix: str = ROOT) -> AsyncIterator[str]:
        """See `Documents`."""
        found = self._walk(prefix)
        while names := await self._run(_some, found):
            for name in names:
                yield name

    async def delete(self, name: str) -> None:
        """See `Documents`. The folders that this leaves empty go too."""
        await self._run(self._delete, self._root / checked(name))

    def _write(self, path: Path, data: bytes) -> None:
        folder = path.parent
        if folder not in self._made or not folder.is_dir():
            make_folder(folder)
            _drop_drafts(folder)
            self._made.add(folder)
        draft = folder / f".{new_ulid()}"
        with synced_or_removed(draft), open_file(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL) as file:
            write_all(file, data, 0)
            os.fsync(file.fileno())
        draft.rename(path)
        sync_folder(folder)

    def _read(self, name: str) -> bytes:
        try:
            with open_file(self._root / name, os.O_RDONLY) as file:
                return file.readall()
        except FileNotFoundError:
            self._root.stat()
            raise DocumentMissing(f"there is no document {name}") from None

    def _delete(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        with suppress(OSError):
            for folder in path.parents[: len(path.relative_to(self._root).parts) - 1]:
                folder.rmdir()
                self._made.discard(folder)

    def _walk(self, prefix: str) -> Iterator[str]:
        """Yield the names with that prefix, looking only into folders that may hold some."""
        self._root.stat()
        yield from _below(self._root, ROOT.rstrip("/"), prefix)

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, partial(_normalised, work, *args, **kwargs)
        )


def _below(root: Path, name: str, prefix: str) -> Iterator[str]:
    """Yield the documents in the folder of that name and below it, in the order of their whole names."""
    try:
        with os.scandir(root / name) as entries:
            found = sorted(f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name for entry in entries)
    except FileNotFoundError:
        return
    for each in found:
        inner = f"{name}/{each}"
        if each.startswith(".") or not (inner.startswith(prefix) or prefix.startswith(inner)):
            continue
        if each.endswith("/"):
            yield from _below(root, inner.rstrip("/"), prefix)
        elif inner.startswith(prefix):
            yield inner


def _drop_drafts(folder: Path) -> None:
    for draft in folder.glob(".*"):
        with suppress(FileNotFoundError):
            if draft.is_file() and time.time() - draft.stat().st_mtime > DRAFTS_LAST_SECONDS:
                draft.unlink()


def _some(names: Iterator[str]) -> list[str]:
    found = []
    for name in names:
        found.append(name)
        if len(found) == _NAMES_AT_ONCE:
            break
    return found


def _normalised(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    with normalised():
        return work(*args, **kwargs)
