# SPDX-License-Identifier: Apache-2.0
"""A storage that can be one of two: it tells which uploads are its own, and takes objects under their own keys."""

import asyncio
from abc import abstractmethod
from collections.abc import AsyncIterator

from entrepot.infra.storage.interface import ObjectDamaged
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import Storage


class Place(Storage):
    """Where bytes are kept, as one folder or one bucket."""

    @abstractmethod
    async def has_upload(self, key: ObjectKey, offset: int, state: bytes) -> bool:
        """Tell whether so many bytes of an unfinished upload, or of the object that it became, are here.

        Also where a request of this process writes to it. `state` may be another place's: then nothing is.
        """

    async def put(self, key: ObjectKey, size: int, chunks: AsyncIterator[bytes]) -> None:
        """Store an object of another place under the key that it has there, whole or not at all.

        Clears away what an interrupted call has left. Raises `ObjectDamaged` unless there are `size` bytes, and
        what `chunks` raise.
        """
        await self.discard(key, b"")
        writer = await self.create(key)
        try:
            async for chunk in chunks:
                await writer.write(chunk)
            if writer.offset != size:
                raise ObjectDamaged(f"it has {writer.offset} bytes where {size} were recorded")
            await writer.commit()
        except BaseException:
            await asyncio.shield(writer.abort())
            raise
