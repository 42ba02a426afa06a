# SPDX-License-Identifier: Apache-2.0
"""Documents in this process's memory, gone with it."""

from collections.abc import AsyncIterator

from entrepot.infra.storage.documents import ROOT
from entrepot.infra.storage.documents import DocumentMissing
from entrepot.infra.storage.documents import Documents
from entrepot.infra.storage.documents import checked


class MemoryDocuments(Documents):
    """A mapping from names to bytes."""

    def __init__(self) -> None:
        """Begin empty."""
        self._kept: dict[str, bytes] = {}

    async def write(self, name: str, data: bytes) -> None:
        """See `Documents`."""
        self._kept[checked(name)] = data

    async def read(self, name: str) -> bytes:
        """See `Documents`."""
        try:
            return self._kept[checked(name)]
        except KeyError:
            raise DocumentMissing(f"there is no document {name}") from None

    async def names(self, prefix: str = ROOT) -> AsyncIterator[str]:
        """See `Documents`."""
        for name in sorted(self._kept):
            if name.startswith(prefix):
                yield name

    async def delete(self, name: str) -> None:
        """See `Documents`."""
        self._kept.pop(checked(name), None)
