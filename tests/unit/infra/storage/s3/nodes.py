# SPDX-License-Identifier: Apache-2.0
"""Nodes that work with one bucket, in tests that do not wait for pauses."""

import gc
from collections.abc import AsyncIterator
from collections.abc import Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from entrepot.infra.storage.azure.client import AzureClient
from entrepot.infra.storage.hashing import Hasher
from entrepot.infra.storage.interface import UNANNOUNCED
from entrepot.infra.storage.interface import Expected
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.s3.client import S3Client
from entrepot.infra.storage.s3.spool import Spool
from entrepot.infra.storage.s3.storage import S3Storage
from tests.builders.buckets import NO_REDIRECTS
from tests.builders.buckets import bucket_of
from tests.contracts.storage.content import content
from tests.fakes.s3.server import BUCKET
from tests.fakes.s3.server import S3Server
from tests.fakes.s3.storing import Kept

PART = 400_000
PREFIX = "some/prefix/"


async def no_pause(seconds: float) -> None:
    """Wait for nothing."""


def hurried(storage: S3Storage) -> S3Storage:
    """Let a storage try again at once."""
    client_of(storage).sender.pause = no_pause
    return storage


def client_of(storage: S3Storage) -> S3Client | AzureClient:
    """Return what writes to the bucket."""
    client = storage._bucket.client
    assert isinstance(client, S3Client | AzureClient)
    return client


def spool_of(storage: S3Storage) -> Spool:
    """Return where bytes wait."""
    return storage._bucket.spool


def free_of(storage: S3Storage) -> int:
    """Tell how much room is free."""
    return spool_of(storage).room._free


def is_free(storage: S3Storage, limit: int) -> bool:
    """Tell whether so much room is free, once nobody holds what nobody knows any more."""
    if free_of(storage) != limit:
        gc.collect()
    return free_of(storage) == limit


@asynccontextmanager
async def a_node(
    server: S3Server, folder: Path, part_bytes: int = PART, **settings: object
) -> AsyncIterator[S3Storage]:
    """Open the bucket as a node does; at the end nothing of the spool is taken or left in its folder."""
    storage = hurried(bucket_of(server, folder, part_bytes, NO_REDIRECTS, **settings))
    limit = free_of(storage)
    yield storage
    assert is_free(storage, limit)
    assert not list((folder / "spool").glob("*"))
    await storage.close()


class Upload:
    """A session as the database keeps it, and what each request does with it, on any node."""

    def __init__(self, hashers: Sequence[Hasher] = ()) -> None:
        self.key: ObjectKey = object_key()
        self.state = b""
        self.offset = 0
        self.hashers = hashers

    async def resumed(self, node: S3Storage, expected: Expected = UNANNOUNCED) -> Writer:
        """Take it up."""
        return await node.resume(self.key, self.offset, self.state, self.hashers, expected)

    async def patch(self, node: S3Storage, size: int, *, is_chunk: bool = False) -> None:
        """Add so many bytes in one request, without saying before how many: then parts are as small as can be."""
        writer = await self.resumed(node, Expected(None, is_chunk))
        try:
            await self._write(writer, size)
            self.state = await writer.save()
            self.key, self.offset = writer.key, writer.offset
            await writer.recorded()
        finally:
            await writer.release()

    async def put(self, node: S3Storage, size: int = 0) -> ObjectKey:
        """Close it with so many bytes more."""
        writer = await self.resumed(node)
        try:
            await self._write(writer, size)
        except BaseException:
            await writer.release()
            raise
        await writer.commit()
        await writer.recorded()
        return writer.key

    async def _write(self, writer: Writer, size: int) -> None:
        data = content(self.offset + size)[self.offset :]
        for start in range(0, size, 150_000):
            await writer.write(data[start : start + 150_000])
            await self._checkpoint(writer)

    async def _checkpoint(self, writer: Writer) -> None:
        checkpoint = writer.checkpoint()
        if checkpoint is not None:
            self.key, self.state, self.offset = checkpoint.key, checkpoint.state, checkpoint.offset
            await writer.recorded()


class Unchanging(dict[str, Kept]):
    """The objects of a bucket, none of which may ever become another, not even after it was deleted."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: dict[str, bytes] = {}

    def __setitem__(self, key: str, kept: Kept) -> None:
        assert self.bodies.setdefault(key, kept.body) == kept.body, f"{key} has become another object"
        super().__setitem__(key, kept)


def watched(server: S3Server) -> S3Server:
    """Let no object of a server ever be replaced by another."""
    server.buckets[BUCKET].objects = Unchanging()
    return server


def full_disk(storage: S3Storage) -> None:
    """Let every new file of the spool be refused."""

    def refuse() -> None:
        raise StorageUnavailable("no space left on the disk")

    storage._bucket.spool._open = refuse  # type: ignore[assignment]
