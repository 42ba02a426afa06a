# SPDX-License-Identifier: Apache-2.0
"""A bucket: what writes to it, what reads from it, and what it can and cannot do."""

from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass

from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import StorageError
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.s3.reading import S3Reader
from entrepot.infra.storage.s3.requests import Body
from entrepot.infra.storage.s3.requests import BucketClient
from entrepot.infra.storage.s3.requests import InMemory
from entrepot.infra.storage.s3.requests import KeyTaken
from entrepot.infra.storage.s3.spool import Spool
from entrepot.infra.storage.s3.state import AIMED_PARTS
from entrepot.infra.storage.s3.state import MIB
from entrepot.infra.storage.s3.state import MIN_PART_BYTES
from entrepot.infra.storage.s3.state import PART_BYTES
from entrepot.infra.storage.s3.state import UNKNOWN_PART_BYTES

PROBE = "probe"


@dataclass(frozen=True, slots=True)
class PartRules:
    """How large parts are. `min_bytes` holds for all but the last; where parts are `equal`, so are all but the last."""

    equal: bool = False
    min_bytes: int = MIN_PART_BYTES
    bytes: int = PART_BYTES
    unknown_bytes: int = UNKNOWN_PART_BYTES

    def part_bytes_for(self, total: int | None) -> int:
        """Choose the size of the parts of an upload of `total` bytes, None if nobody said."""
        if total is None:
            return self.unknown_bytes
        return max(self.bytes, -(-total // AIMED_PARTS // MIB) * MIB)

    def may_stay(self, size: int, part_bytes: int) -> bool:
        """Tell whether another part may follow one of `size` bytes where parts usually have `part_bytes`."""
        return size == part_bytes or (not self.equal and size >= self.min_bytes)


@dataclass(slots=True)
class Bucket:
    """A bucket, as one process works with it."""

    client: BucketClient
    reader: S3Reader
    spool: Spool
    threads: Executor
    rules: PartRules
    _keeps_first: bool | None = None

    async def put_new(self, key: ObjectKey | None, body: Body) -> ObjectKey:
        """Store an object under `key`, if it is given and nobody did, else under one never used; return which."""
        if key is None or not await self.keeps_first():
            key = object_key()
        while True:
            try:
                await self.client.put(key, body, only_new=bool(self._keeps_first))
            except KeyTaken:
                key = object_key()
            else:
                return key

    async def keeps_first(self) -> bool:
        """Tell, once tried out, whether the bucket keeps what is there when a request asks to store something new."""
        if self._keeps_first is None:
            await self.client.put(PROBE, InMemory(b"probe"))
            try:
                await self.client.put(PROBE, InMemory(b"probe"), only_new=True)
            except KeyTaken:
                self._keeps_first = True
            except StorageUnavailable:
                self._keeps_first = False
            else:
                self._keeps_first = False
        return self._keeps_first

    async def remove(self, *keys: str) -> None:
        """Delete what is needed no more, if that can be done: what stays is found later."""
        for key in keys:
            with suppress(StorageError, StorageUnavailable):
                await self.client.delete(key)
