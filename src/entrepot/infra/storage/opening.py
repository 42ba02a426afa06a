# SPDX-License-Identifier: Apache-2.0
"""Opening the chunks of an encrypted object as they are read."""

import asyncio
from collections.abc import AsyncIterator

from entrepot.infra.storage.sealing import CHUNK_BYTES
from entrepot.infra.storage.sealing import Sealer

CHUNKS_AT_ONCE = 4
"""What they hold is yielded together: less than `interface.CHUNK_BYTES`."""


async def opened(stored: AsyncIterator[bytes], sealer: Sealer, number: int) -> AsyncIterator[bytes]:
    """Yield what the stored bytes hold, which begin at the chunk `number`; never nothing. Raises `SealBroken`.

    A chunk that is cut short passes for no other: it would have to be sealed as the last one.
    """
    buffer = bytearray()
    async for data in stored:
        buffer += data
        while len(buffer) >= CHUNK_BYTES:
            some = bytes(buffer[: CHUNKS_AT_ONCE * CHUNK_BYTES])
            some = some[: len(some) // CHUNK_BYTES * CHUNK_BYTES]
            del buffer[: len(some)]
            yield await _open(some, sealer, number)
            number += len(some) // CHUNK_BYTES
    if buffer and (last := sealer.open_chunk(bytes(buffer), number)):
        yield last


async def _open(some: bytes, sealer: Sealer, number: int) -> bytes:
    """Open full chunks: one at once, more than one in a thread."""
    if len(some) == CHUNK_BYTES:
        return sealer.open_chunk(some, number)
    return await asyncio.to_thread(_open_all, some, sealer, number)


def _open_all(some: bytes, sealer: Sealer, number: int) -> bytes:
    chunks = (some[start : start + CHUNK_BYTES] for start in range(0, len(some), CHUNK_BYTES))
    return b"".join(sealer.open_chunk(chunk, number + place) for place, chunk in enumerate(chunks))
