# SPDX-License-Identifier: Apache-2.0
"""What another registry has left in a bucket."""

from collections.abc import AsyncIterator

from entrepot.infra.storage.s3.reading import S3Reader
from entrepot.infra.storage.tree import MAX_PATH_CHARACTERS
from entrepot.infra.storage.tree import Tree
from entrepot.infra.storage.tree import TreeFile


class S3Tree(Tree):
    """Each file is an object of its path."""

    def __init__(self, reader: S3Reader) -> None:
        self._reader = reader

    async def files(self, folder: str) -> AsyncIterator[TreeFile]:
        """See `Tree`. A bucket lists a thousand at a time."""
        async for found in self._reader.list(folder):
            yield TreeFile(found.key[: MAX_PATH_CHARACTERS + 1], found.size)

    async def size(self, path: str) -> int | None:
        """See `Tree`."""
        found = await self._reader.find(path)
        return None if found is None else found.size

    async def chunks(self, path: str) -> AsyncIterator[bytes]:
        """See `Tree`."""
        async for chunk in self._reader.chunks(path):
            yield chunk
