# SPDX-License-Identifier: Apache-2.0
"""The documents of two places as one, while they move from the second to the first."""

from collections.abc import AsyncIterator

from entrepot.infra.storage.documents import ROOT
from entrepot.infra.storage.documents import DocumentMissing
from entrepot.infra.storage.documents import Documents


class TwoDocuments(Documents):
    """New documents go to `first`; what is in `second` alone is found there."""

    def __init__(self, first: Documents, second: Documents) -> None:
        self._first = first
        self._second = second

    async def write(self, name: str, data: bytes) -> None:
        """See `Documents`."""
        await self._first.write(name, data)

    async def read(self, name: str) -> bytes:
        """See `Documents`."""
        try:
            return await self._first.read(name)
        except DocumentMissing:
            return await self._second.read(name)

    async def names(self, prefix: str = ROOT) -> AsyncIterator[str]:
        """See `Documents`. Each name once."""
        others = self._second.names(prefix)
        other = await anext(others, None)
        async for name in self._first.names(prefix):
            while other is not None and other <= name:
                if other < name:
                    yield other
                other = await anext(others, None)
            yield name
        while other is not None:
            yield other
            other = await anext(others, None)

    async def delete(self, name: str) -> None:
        """See `Documents`."""
        await self._first.delete(name)
        await self._second.delete(name)

    async def close(self) -> None:
        """See `Documents`."""
        await self._first.close()
        await self._second.close()
