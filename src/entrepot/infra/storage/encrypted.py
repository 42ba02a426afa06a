# SPDX-License-Identifier: Apache-2.0
"""Objects of another storage, encrypted: each under a key of its own, which the keys of the store encrypt."""

from collections import OrderedDict
from collections.abc import AsyncIterator
from collections.abc import Sequence

from entrepot.infra.storage.encrypted_writer import EncryptedWriter
from entrepot.infra.storage.encrypted_writer import Place
from entrepot.infra.storage.hashing import Hasher
from entrepot.infra.storage.hashing import snapshot
from entrepot.infra.storage.interface import UNANNOUNCED
from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import Delivery
from entrepot.infra.storage.interface import Expected
from entrepot.infra.storage.interface import Leftover
from entrepot.infra.storage.interface import ObjectDamaged
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import SealedKey
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import StoredObject
from entrepot.infra.storage.interface import Stream
from entrepot.infra.storage.interface import UploadLost
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.opening import opened
from entrepot.infra.storage.sealing import CHUNK_BYTES
from entrepot.infra.storage.sealing import OVERHEAD_BYTES
from entrepot.infra.storage.sealing import PIECE_BYTES
from entrepot.infra.storage.sealing import SealBroken
from entrepot.infra.storage.sealing import SealedUpload
from entrepot.infra.storage.sealing import Sealer
from entrepot.infra.storage.sealing import content_size
from entrepot.infra.storage.sealing import parse_upload_state
from entrepot.infra.storage.sealing import stored_size
from entrepot.infra.storage.sealing import upload_state
from entrepot.infra.storage.store_keys import SealedKeys
from entrepot.infra.storage.store_keys import StoreKeys

KNOWN_KEYS = 4096
"""So many keys of objects are remembered, so that what is pulled often is not looked up each time."""


class EncryptedStorage(Storage):
    """Encrypts what is written if it has an active key, and reads what is encrypted as well as what is not.

    An upload goes on as it began. Content is always streamed: nobody else can read what the store holds.
    """

    def __init__(self, inner: Storage, keys: StoreKeys, recorded: SealedKeys) -> None:
        self._inner = inner
        self._keys = keys
        self._recorded = recorded
        self._known: OrderedDict[ObjectKey, Sealer] = OrderedDict()

    @property
    def inner(self) -> Storage:
        """The storage below, whose objects are as they are stored: encrypted, if they are."""
        return self._inner

    @property
    def url(self) -> str:
        """See `Storage`."""
        return self._inner.url

    @property
    def continuity(self) -> str:
        """See `Storage`."""
        return self._inner.continuity

    def first_state(self) -> bytes:
        """See `Storage`. It holds the key of the object, so that whoever completes it can be followed by others."""
        begun = self._begin()
        return self._inner.first_state() if begun is None else upload_state(begun)

    async def create(self, key: ObjectKey, hashers: Sequence[Hasher] = ()) -> Writer:
        """See `Storage`."""
        begun = self._begin()
        if begun is None:
            return await self._inner.create(key, hashers)
        inner = await self._inner.create(key)
        return self._writer(inner, begun.sealed_key, hashers, Place(0, b"", snapshot(hashers)))

    async def resume(
        self,
        key: ObjectKey,
        offset: int,
        state: bytes,
        hashers: Sequence[Hasher] = (),
        expected: Expected = UNANNOUNCED,
    ) -> Writer:
        """See `Storage`."""
        begun = await self._begun(key, state)
        if begun is None and offset == 0 and not state:
            begun = self._begin()
        if begun is None:
            return await self._inner.resume(key, offset, state, hashers, expected)
        try:
            chunks, rest = await self._up_to(key, offset, begun)
            total = None if expected.total is None else stored_size(expected.total)
            announced = Expected(total, expected.is_chunk)
            inner = await self._inner.resume(key, chunks * CHUNK_BYTES, begun.state, (), announced)
        except UploadLost:
            if not await self._is_complete(key, offset):
                raise
            return await self._resume_complete(key, offset, begun, hashers)
        return self._writer(inner, begun.sealed_key, hashers, Place(chunks, rest, snapshot(hashers)))

    async def discard(self, key: ObjectKey, state: bytes) -> None:
        """See `Storage`."""
        begun = parse_upload_state(state)
        await self._inner.discard(key, state if begun is None else begun.state)

    async def read_upload(self, key: ObjectKey, stop: int, state: bytes) -> AsyncIterator[bytes]:
        """See `Storage`."""
        begun = await self._begun(key, state)
        if begun is None:
            async for data in self._inner.read_upload(key, stop, state):
                yield data
            return
        sealer = self._keys.sealer(begun.sealed_key)
        is_there = begun.chunks * PIECE_BYTES >= stop
        chunks = -(-stop // PIECE_BYTES) if is_there else begun.chunks
        rest = b"" if is_there else _rest(begun, sealer)
        if chunks * PIECE_BYTES + len(rest) < stop:
            if not await self._is_complete(key, None):
                raise _lost(stop)
            chunks, rest = stop // PIECE_BYTES, await self._last_piece(key, sealer)
        try:
            async for data in opened(self._inner.read_upload(key, chunks * CHUNK_BYTES, begun.state), sealer, 0):
                yield data[:stop]
                stop -= len(data[:stop])
        except SealBroken as error:
            raise _lost(stop) from error
        if len(rest) < stop:
            raise _lost(stop)
        if stop:
            yield rest[:stop]

    async def read(self, key: ObjectKey, range: ByteRange | None = None) -> AsyncIterator[bytes]:
        """See `Storage`. Raises `ObjectDamaged` where the bytes are not those that were written."""
        sealer = await self._sealer(key)
        if sealer is None:
            async for data in self._inner.read(key, range):
                yield data
            return
        stored = await self._inner.size(key)
        if stored is None:
            raise _missing()
        if stored % CHUNK_BYTES < OVERHEAD_BYTES:
            raise ObjectDamaged
        wanted = range or ByteRange(0, content_size(stored))
        if wanted.stop > content_size(stored):
            raise _missing()
        where = ByteRange(0, stored) if range is None else _chunks_of(wanted, stored)
        async for data in _open_range(self._inner.read(key, where), sealer, wanted):
            yield data

    async def size(self, key: ObjectKey) -> int | None:
        """See `Storage`."""
        stored = await self._inner.size(key)
        if stored is None or await self._sealer(key) is None:
            return stored
        return content_size(stored)

    async def delete(self, key: ObjectKey) -> None:
        """See `Storage`."""
        await self._inner.delete(key)
        self._known.pop(key, None)

    def list_objects(self) -> AsyncIterator[StoredObject]:
        """See `Storage`. The sizes are those in the store."""
        return self._inner.list_objects()

    def leftovers(self) -> AsyncIterator[Leftover]:
        """See `Storage`."""
        return self._inner.leftovers()

    async def remove_leftover(self, leftover: Leftover) -> None:
        """See `Storage`."""
        await self._inner.remove_leftover(leftover)

    async def deliver(self, key: ObjectKey, range: ByteRange, size: int, client: str = "") -> Delivery:
        """See `Storage`. Nobody is sent for what only this process can open."""
        sealer = await self._sealer(key)
        if sealer is None:
            return await self._inner.deliver(key, range, size, client)
        where = _chunks_of(range, stored_size(size))
        delivery = await self._inner.deliver(key, where, stored_size(size))
        stored = delivery.chunks if isinstance(delivery, Stream) else self._inner.read(key, where)
        return Stream(_open_range(stored, sealer, range))

    async def check(self) -> None:
        """See `Storage`."""
        await self._inner.check()

    async def close(self) -> None:
        """See `Storage`."""
        await self._inner.close()

    def _begin(self) -> SealedUpload | None:
        sealed = self._keys.make()
        return None if sealed is None else SealedUpload(sealed, state=self._inner.first_state())

    async def _begun(self, key: ObjectKey, state: bytes) -> SealedUpload | None:
        """Return how an upload stands; one without a state may be a complete object whose key is known."""
        if state:
            return parse_upload_state(state)
        sealed = await self._recorded.find(key)
        return None if sealed is None else SealedUpload(sealed)

    async def _up_to(self, key: ObjectKey, offset: int, begun: SealedUpload) -> tuple[int, bytes]:
        """Return the full chunks before `offset`, and the content between them and it. Raises `UploadLost`."""
        chunks, within = divmod(offset, PIECE_BYTES)
        if chunks > begun.chunks:
            raise _lost(offset)
        if not within:
            return chunks, b""
        rest = b""
        if chunks == begun.chunks:
            rest = _rest(begun, self._keys.sealer(begun.sealed_key))[:within]
        else:
            async for data in self.read_upload(key, offset, upload_state(begun)):
                rest = (rest + data)[-within:]
        if len(rest) < within:
            raise _lost(offset)
        return chunks, rest

    async def _is_complete(self, key: ObjectKey, size: int | None) -> bool:
        stored = await self._inner.size(key)
        return stored is not None and size in (None, content_size(stored))

    async def _resume_complete(
        self, key: ObjectKey, offset: int, begun: SealedUpload, hashers: Sequence[Hasher]
    ) -> Writer:
        """Let an upload be committed again that was committed at this very size."""
        rest = await self._last_piece(key, self._keys.sealer(begun.sealed_key))
        inner = await self._inner.resume(key, stored_size(offset), begun.state)
        place = Place(offset // PIECE_BYTES, rest, snapshot(hashers))
        return self._writer(inner, begun.sealed_key, hashers, place, is_complete=True)

    async def _last_piece(self, key: ObjectKey, sealer: Sealer) -> bytes:
        stored = await self._inner.size(key) or 0
        number = stored // CHUNK_BYTES
        where = ByteRange(number * CHUNK_BYTES, stored)
        try:
            return b"".join([data async for data in opened(self._inner.read(key, where), sealer, number)])
        except SealBroken as error:
            raise _lost(content_size(stored)) from error

    def _writer(
        self,
        inner: Writer,
        sealed: SealedKey,
        hashers: Sequence[Hasher],
        start: Place,
        *,
        is_complete: bool = False,
    ) -> EncryptedWriter:
        sealer = self._keys.sealer(sealed)
        return EncryptedWriter(inner, self._keys.rewrap(sealed), sealer, hashers, start, is_complete=is_complete)

    async def _sealer(self, key: ObjectKey) -> Sealer | None:
        """Return what opens an object, None for one that is not encrypted."""
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
            return known
        sealed = await self._recorded.find(key)
        if sealed is None:
            return None
        try:
            sealer = self._known[key] = self._keys.sealer(sealed)
        except SealBroken as error:
            raise ObjectDamaged(error.message) from error
        if len(self._known) > KNOWN_KEYS:
            self._known.popitem(last=False)
        return sealer


def _rest(begun: SealedUpload, sealer: Sealer) -> bytes:
    try:
        return sealer.open_rest(begun.rest, begun.chunks) if begun.rest else b""
    except SealBroken as error:
        raise _lost(begun.chunks * PIECE_BYTES) from error


def _chunks_of(wanted: ByteRange, stored: int) -> ByteRange:
    """Return where the chunks are that hold the range, in an object of so many bytes."""
    start = wanted.start // PIECE_BYTES * CHUNK_BYTES
    stop = -(-wanted.stop // PIECE_BYTES) * CHUNK_BYTES
    return ByteRange(start, min(stop, stored) if wanted.length else start)


async def _open_range(stored: AsyncIterator[bytes], sealer: Sealer, wanted: ByteRange) -> AsyncIterator[bytes]:
    """Yield exactly the range, whose chunks are `stored`. Raises `ObjectDamaged`."""
    number, skipped = divmod(wanted.start, PIECE_BYTES)
    left = wanted.length
    try:
        async for data in opened(stored, sealer, number):
            fresh = data[skipped : skipped + left]
            skipped = 0
            left -= len(fresh)
            if fresh:
                yield fresh
    except SealBroken as error:
        raise ObjectDamaged from error
    if left:
        raise ObjectDamaged


def _lost(size: int) -> UploadLost:
    return UploadLost(f"fewer than {size} bytes of this upload are left, or others; start it again")


def _missing() -> ObjectMissing:
    return ObjectMissing("the storage has no complete object here; compare it with the database by `entrepot verify`")
