# SPDX-License-Identifier: Apache-2.0
"""Where an encrypted upload is safe, over a storage whose uploads become safe part by part."""

import hashlib
from collections.abc import Sequence

import pytest

from entrepot.infra.storage.hashing import Hasher
from entrepot.infra.storage.hashing import new_hasher
from entrepot.infra.storage.interface import Checkpoint
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.interface import object_key
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.infra.storage.memory import MemoryWriter
from entrepot.infra.storage.sealing import PIECE_BYTES
from tests.contracts.storage.content import collect
from tests.contracts.storage.content import content
from tests.contracts.storage.content import write_and_commit
from tests.fakes.recorded_storage import RecordedStorage

pytestmark = pytest.mark.anyio

MIB = 1024 * 1024
PART_BYTES = 2 * MIB
WHOLE = content(5 * MIB + 7)


class PartWriter(MemoryWriter):
    """Tells of each part that is full."""

    told = 0

    def checkpoint(self) -> Checkpoint | None:
        """See `Writer`."""
        safe = self.offset // PART_BYTES * PART_BYTES
        if safe <= self.told:
            return None
        self.told = safe
        return Checkpoint(self.key, safe, b"", ())


class PartStorage(MemoryStorage):
    """Makes such writers."""

    async def create(self, key: ObjectKey, hashers: Sequence[Hasher] = ()) -> Writer:
        """See `Storage`."""
        return PartWriter(key, self._shelves, 0, hashers)


async def test_a_checkpoint_is_told_in_content() -> None:
    """Its offset is where a part ends, in content; its hashes are those of just that content, and it goes on there."""
    inner = PartStorage()
    storage, hasher = RecordedStorage(inner), new_hasher("sha256")
    writer = await storage.create(object_key(), (hasher,))
    await writer.write(WHOLE)
    await writer.flush()

    safe = writer.checkpoint()

    assert safe is not None
    assert safe.offset == 2 * PART_BYTES // (64 * 1024) * PIECE_BYTES
    assert [each.hexdigest for each in safe.hashes] == [hashlib.sha256(WHOLE[: safe.offset]).hexdigest()]
    assert hasher.hexdigest() == hashlib.sha256(WHOLE).hexdigest()
    assert writer.checkpoint() is None
    await writer.release()

    resumed = await storage.resume(safe.key, safe.offset, safe.state)
    await write_and_commit(resumed, WHOLE[safe.offset :])
    assert await collect(storage.read(safe.key)) == WHOLE


async def test_nothing_is_told_while_nothing_is_safe() -> None:
    """Less than a part is no checkpoint."""
    writer = await RecordedStorage(PartStorage()).create(object_key())
    await writer.write(WHOLE[:MIB])
    await writer.flush()

    assert writer.checkpoint() is None
    await writer.abort()
