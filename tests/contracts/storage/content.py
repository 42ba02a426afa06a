# SPDX-License-Identifier: Apache-2.0
"""Content to store, and getting it back."""

from collections.abc import AsyncIterator

from entrepot.infra.storage.interface import Delivery
from entrepot.infra.storage.interface import LocalFile
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import Redirect
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.interface import object_key


def content(size: int) -> bytes:
    """Make bytes that differ at any two offsets which are confused easily (period 251, not a power of two)."""
    period = bytes(range(251))
    return (period * (size // len(period) + 1))[:size]


async def collect(chunks: AsyncIterator[bytes]) -> bytes:
    """Read to the end."""
    return b"".join([chunk async for chunk in chunks])


async def store(storage: Storage, data: bytes) -> ObjectKey:
    """Store a complete object."""
    writer = await storage.create(object_key())
    await writer.write(data)
    await writer.commit()
    return writer.key


async def write_and_commit(writer: Writer, data: bytes) -> None:
    """Write the rest."""
    await writer.write(data)
    await writer.commit()


async def suspended(storage: Storage, data: bytes) -> tuple[ObjectKey, bytes]:
    """Leave an unfinished upload behind; return its key and state."""
    writer = await storage.create(object_key())
    await writer.write(data)
    state = await writer.suspend()
    return writer.key, state


async def delivered(delivery: Delivery) -> bytes:
    """Do what a server does with a delivery that involves no other machine."""
    assert not isinstance(delivery, Redirect)
    if isinstance(delivery, LocalFile):
        with delivery.path.open("rb") as file:
            file.seek(delivery.range.start)
            return file.read(delivery.range.length)
    return await collect(delivery.chunks)
