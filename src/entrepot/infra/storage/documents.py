# SPDX-License-Identifier: Apache-2.0
"""The contract for small named files beside the objects of a storage.

A name is words between slashes and begins with `meta/`: `meta/segments/2026/11/23/000000000007-….jsonl.gz`.
It says what is in the file; unlike an object's key it may be written again, and then the whole of it is replaced.
"""

import re
from abc import ABC
from abc import abstractmethod
from collections.abc import AsyncIterator

from entrepot.infra.storage.interface import StorageError

ROOT = "meta/"
"""What every name begins with."""

MAX_NAME_CHARACTERS = 512
_NAME = re.compile(r"meta(/[A-Za-z0-9_][A-Za-z0-9._-]*)+")


class DocumentMissing(StorageError):
    """There is no document of this name."""

    code = "document_missing"


class Documents(ABC):
    """Small files by name. Safe to share between tasks of one process and between processes."""

    @abstractmethod
    async def write(self, name: str, data: bytes) -> None:
        """Make `data` what the name stands for, whole or not at all; it survives power loss once this returns.

        Raises `StorageUnavailable`.
        """

    @abstractmethod
    async def read(self, name: str) -> bytes:
        """Return the whole of a document. Raises `DocumentMissing`, `StorageUnavailable`."""

    @abstractmethod
    def names(self, prefix: str = ROOT) -> AsyncIterator[str]:
        """Yield the names that begin with `prefix`, each once, in the order of their bytes.

        What is written or deleted meanwhile may be among them or not. Where the name of a folder goes on in that of
        its neighbour (`a/1` and `a-b`), some object stores list the folder first (SeaweedFS), and the names in two
        places may come twice: no layout has both. Raises `StorageUnavailable`.
        """

    @abstractmethod
    async def delete(self, name: str) -> None:
        """Delete a document. Idempotent. Raises `StorageUnavailable`."""

    async def close(self) -> None:  # noqa: B027 - most have nothing open
        """Let go of connections, at the end of the event loop that they belong to."""


def checked(name: str) -> str:
    """Return `name` if it may be one, else raise `StorageError`."""
    if len(name) > MAX_NAME_CHARACTERS or not _NAME.fullmatch(name):
        raise StorageError(f"{name[:80]!r} is not the name of a document")
    return name
