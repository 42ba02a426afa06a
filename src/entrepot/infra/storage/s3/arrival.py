# SPDX-License-Identifier: Apache-2.0
"""An object that moves here from another place, under the key that it has there.

What other requests store gets keys of their own, so that none replaces what another wrote (see `writer`). This one
may: whoever else stores something under this key stores the same bytes.
"""

import asyncio
from collections.abc import AsyncGenerator
from collections.abc import AsyncIterator
from contextlib import aclosing

from entrepot.infra.storage.interface import ObjectDamaged
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.s3.assembly import Assembly
from entrepot.infra.storage.s3.bucket import Bucket
from entrepot.infra.storage.s3.spool import Part


async def arrive(bucket: Bucket, key: ObjectKey, size: int, chunks: AsyncIterator[bytes]) -> None:
    """Store an object of `size` bytes, in one request or in parts; there is nothing of it before all are there.

    Raises `ObjectDamaged` for other bytes than `size`, what `chunks` raise, `StorageUnavailable` and `UploadLost`.
    """
    part_bytes = bucket.rules.part_bytes_for(size)
    async with aclosing(_parts(bucket, part_bytes, chunks)) as parts:
        if size > part_bytes:
            await _in_parts(bucket, key, size, parts)
            return
        part = await anext(parts)
        try:
            _require(part.size, size)
            await bucket.client.put(key, part)
        finally:
            part.close()


async def _in_parts(bucket: Bucket, key: ObjectKey, size: int, parts: AsyncIterator[Part]) -> None:
    async for left in bucket.client.open_uploads(key):
        if left.key == key:
            await bucket.client.abort(key, left.upload_id)
    assembly = Assembly(bucket, key, await bucket.client.begin(key))
    try:
        async for part in parts:
            await _sent(assembly, part)
        await assembly.settle()
        _require(assembly.size, size)
        await assembly.complete()
    except BaseException:
        await asyncio.shield(assembly.abort())
        raise


async def _sent(assembly: Assembly, part: Part) -> None:
    try:
        await assembly.make_way()
    except BaseException:
        part.close()
        raise
    assembly.send(part)


async def _parts(bucket: Bucket, part_bytes: int, chunks: AsyncIterator[bytes]) -> AsyncGenerator[Part, None]:
    """Yield the bytes in full parts, each the taker's; the last one, a shorter one, once `chunks` have ended."""
    part = bucket.spool.part()
    try:
        async for chunk in chunks:
            data = memoryview(chunk)
            while data:
                if part.size == part_bytes:
                    full, part = part, bucket.spool.part()
                    yield full
                piece, data = bytes(data[: part_bytes - part.size]), data[part_bytes - part.size :]
                await part.make_room(len(piece), part_bytes)
                await asyncio.get_running_loop().run_in_executor(bucket.threads, part.append, piece)
        full, part = part, bucket.spool.part()
        yield full
    finally:
        part.close()


def _require(found: int, size: int) -> None:
    if found != size:
        raise ObjectDamaged(f"it has {found} bytes where {size} were recorded")
