# SPDX-License-Identifier: Apache-2.0
"""One of two places that is slow, fails or lies, exactly when a test tells it to."""

from collections.abc import AsyncIterator

from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.place import Place
from tests.fakes.faulty_storage import FaultyStorage


class FaultyPlace(FaultyStorage, Place):
    """Another place, with `faults`."""

    def __init__(self, inner: Place) -> None:
        super().__init__(inner)
        self.place = inner

    async def has_upload(self, key: ObjectKey, offset: int, state: bytes) -> bool:
        """Tell, unless told otherwise."""
        await self.faults.strike("has_upload")
        return await self.place.has_upload(key, offset, state)

    async def put(self, key: ObjectKey, size: int, chunks: AsyncIterator[bytes]) -> None:
        """Store it, unless told otherwise; then nothing was taken, or everything."""
        await self.faults.strike("put")
        await self.place.put(key, size, chunks)
        await self.faults.strike("after put")
