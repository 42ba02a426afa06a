# SPDX-License-Identifier: Apache-2.0
"""Documents beside the objects of a bucket."""

from collections.abc import AsyncIterator

from entrepot.infra.storage.documents import ROOT
from entrepot.infra.storage.documents import DocumentMissing
from entrepot.infra.storage.documents import Documents
from entrepot.infra.storage.documents import checked
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.s3.bucket import Bucket
from entrepot.infra.storage.s3.requests import InMemory


class S3Documents(Documents):
    """Each document is an object of its name."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def write(self, name: str, data: bytes) -> None:
        """See `Documents`."""
        await self._bucket.client.put(checked(name), InMemory(data))

    async def read(self, name: str) -> bytes:
        """See `Documents`."""
        try:
            return b"".join([chunk async for chunk in self._bucket.reader.chunks(checked(name))])
        except ObjectMissing as error:
            raise DocumentMissing(f"there is no document {name}") from error

    async def names(self, prefix: str = ROOT) -> AsyncIterator[str]:
        """See `Documents`. S3 lists in the order of bytes."""
        async for found in self._bucket.reader.list(prefix[: prefix.rfind("/") + 1]):
            if found.key.startswith(prefix):
                yield found.key

    async def delete(self, name: str) -> None:
        """See `Documents`."""
        await self._bucket.client.delete(checked(name))

    async def close(self) -> None:
        """See `Documents`."""
        await self._bucket.client.close()
