# SPDX-License-Identifier: Apache-2.0
"""The contract for reading what another registry has left in the folder or bucket of a storage (`adopted`)."""

from abc import ABC
from abc import abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass

from entrepot.infra.storage.interface import StorageError
from entrepot.kernel.errors import NotFound

MAX_PATH_CHARACTERS = 1_024
"""What has a longer path is not looked at: S3 takes no longer keys."""


class NoTree(NotFound):
    """There is nothing here that another registry keeps."""

    code = "no_tree"
    default_hint = (
        "storage.url has to name the folder or the bucket, with its prefix, that the other registry was given as its "
        "root directory: the one that `docker/registry/v2` is in."
    )


class FileTooLong(StorageError):
    """The file is longer than anything that it could be."""

    code = "file_too_long"


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file of a tree; one with a `flaw` was seen and not read, and the flaw says why."""

    path: str
    size: int
    flaw: str = ""


class Tree(ABC):
    """Files by path, words between slashes. Nothing is ever written, and no symbolic link followed."""

    @abstractmethod
    def files(self, folder: str) -> AsyncIterator[TreeFile]:
        """Yield the files whose path begins with `folder`, which ends with a slash: folder by folder, sorted by name.

        There may be millions: they are asked for as they are taken. Raises `StorageUnavailable`.
        """

    @abstractmethod
    async def size(self, path: str) -> int | None:
        """Return how many bytes a file has, None when there is no such file. Raises `StorageUnavailable`."""

    @abstractmethod
    def chunks(self, path: str) -> AsyncIterator[bytes]:
        """Yield the bytes of a file. Raises `ObjectMissing`, before or in the middle, and `StorageUnavailable`."""

    async def read(self, path: str, limit: int) -> bytes:
        """Return a file of at most `limit` bytes. Raises as `chunks`, and `FileTooLong`."""
        data = b""
        async for chunk in self.chunks(path):
            data += chunk
            if len(data) > limit:
                raise FileTooLong(f"the file has more than {limit} bytes")
        return data
