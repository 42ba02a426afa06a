# SPDX-License-Identifier: Apache-2.0
"""Objects in a bucket. Any number of nodes work with one bucket, and with one upload."""

from collections import deque
from collections.abc import AsyncIterator
from collections.abc import Iterator
from collections.abc import Sequence
from weakref import WeakValueDictionary

from msgspec.structs import replace

from entrepot.infra.storage.adopted import require_own
from entrepot.infra.storage.hashing import Hasher
from entrepot.infra.storage.interface import UNANNOUNCED
from entrepot.infra.storage.interface import ByteRange
from entrepot.infra.storage.interface import Delivery
from entrepot.infra.storage.interface import Expected
from entrepot.infra.storage.interface import Leftover
from entrepot.infra.storage.interface import ObjectArchived
from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import ObjectMissing
from entrepot.infra.storage.interface import Redirect
from entrepot.infra.storage.interface import StorageUnavailable
from entrepot.infra.storage.interface import StoredObject
from entrepot.infra.storage.interface import Stream
from entrepot.infra.storage.interface import UploadLost
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.interface import WriterBusy
from entrepot.infra.storage.place import Place
from entrepot.infra.storage.s3.arrival import arrive
from entrepot.infra.storage.s3.assembly import Assembly
from entrepot.infra.storage.s3.bucket import PROBE
from entrepot.infra.storage.s3.bucket import Bucket
from entrepot.infra.storage.s3.documents import S3Documents
from entrepot.infra.storage.s3.filling import Filling
from entrepot.infra.storage.s3.redirects import Redirects
from entrepot.infra.storage.s3.requests import InMemory
from entrepot.infra.storage.s3.restoring import Restoring
from entrepot.infra.storage.s3.state import PIECES
from entrepot.infra.storage.s3.state import Piece
from entrepot.infra.storage.s3.state import State
from entrepot.infra.storage.s3.state import key_of_piece
from entrepot.infra.storage.s3.state import parse_state
from entrepot.infra.storage.s3.tree import S3Tree
from entrepot.infra.storage.s3.writer import S3Writer
from entrepot.infra.telemetry.metrics import Measurement

OBJECTS = "objects/"
_PARTS = "parts of "
REMEMBERED = 1_000


class S3Storage(Place):
    """Objects in one bucket, below one prefix. Belongs to one event loop."""

    def __init__(self, url: str, bucket: Bucket, redirects: Redirects, restoring: Restoring | None = None) -> None:
        """`url` names the bucket, as configured. Without `restoring`, nobody asks for archived objects."""
        self._url = url
        self._bucket = bucket
        self._redirects = redirects
        self._restoring = restoring
        self._writers: WeakValueDictionary[ObjectKey, S3Writer] = WeakValueDictionary()
        self._now_objects: deque[str] = deque(maxlen=REMEMBERED)
        """The uploads in parts that were completed to be read."""

    @property
    def url(self) -> str:
        """See `Storage`."""
        return self._url

    @property
    def documents(self) -> S3Documents:
        """What lies beside the objects; closed together with this."""
        return S3Documents(self._bucket)

    def measure(self) -> Iterator[Measurement]:
        """Yield how the bucket answers, and what is on its way to it."""
        yield from self._bucket.client.measure()
        yield from self._bucket.spool.room.measure()

    @property
    def tree(self) -> S3Tree:
        """What another registry has left in the bucket."""
        return S3Tree(self._bucket.reader)

    @property
    def continuity(self) -> str:
        """See `Storage`. What a bucket has acknowledged it has written down."""
        return "bucket"

    async def create(self, key: ObjectKey, hashers: Sequence[Hasher] = ()) -> Writer:
        """See `Storage`. Nothing is asked of the bucket before there are bytes for it."""
        return self._start(key, State(), hashers, UNANNOUNCED)

    async def resume(
        self,
        key: ObjectKey,
        offset: int,
        state: bytes,
        hashers: Sequence[Hasher] = (),
        expected: Expected = UNANNOUNCED,
    ) -> Writer:
        """See `Storage`. An upload that the state calls empty begins anew, beside whatever is under its key."""
        if offset and not state:
            self._require_idle(key)
            found = await self._bucket.reader.find(key)
            if found is None or found.size != offset:
                raise _lost(offset)
            return self._start(key, State(pieces=[Piece("", offset)]), hashers, expected, is_object=True)
        kept = parse_state(state)
        kept = kept.as_object() if kept.upload_id in self._now_objects else kept
        left = kept.cut(offset)
        if left is None:
            raise _lost(offset)
        return self._start(key, left, hashers, expected, kept.pieces[len(left.pieces) :])

    async def discard(self, key: ObjectKey, state: bytes) -> None:
        """See `Storage`. What is an object under the key is the collector's to delete."""
        self._require_idle(key)
        try:
            found = parse_state(state)
        except UploadLost:
            return  # nobody can tell what it left, and the session has to end nevertheless
        await Assembly.of(self._bucket, key, found).abort()
        for piece in found.pieces:
            if piece.name:
                await self._bucket.client.delete(piece.name)

    async def read_upload(self, key: ObjectKey, stop: int, state: bytes) -> AsyncIterator[bytes]:
        """See `Storage`. Parts can be read only once they are an object, which they become here."""
        if stop == 0:
            return
        found = parse_state(state) if state else State(pieces=[Piece("", stop)])
        if found.upload_id:
            await Assembly.of(self._bucket, key, found).complete()
            self._now_objects.append(found.upload_id)
            found = found.as_object()
            writer = self._writers.get(key)
            if writer is not None and writer.is_running:
                writer.go_on_behind_object()
        left = found.cut(stop)
        if left is None:
            raise _lost(stop)
        try:
            for piece in left.pieces:
                async for chunk in self._bucket.reader.chunks(piece.name or key, ByteRange(0, piece.size)):
                    yield chunk
        except ObjectMissing as error:
            raise _lost(stop) from error

    async def has_upload(self, key: ObjectKey, offset: int, state: bytes) -> bool:
        """See `Place`."""
        writer = self._writers.get(key)
        if writer is not None and writer.is_running:
            return True
        if offset and not state:
            found = await self._bucket.reader.find(key)
            return found is not None and found.size >= offset
        try:
            return 0 < offset <= parse_state(state).size and await self._has_bytes(key, parse_state(state))
        except UploadLost:
            return False

    async def put(self, key: ObjectKey, size: int, chunks: AsyncIterator[bytes]) -> None:
        """See `Place`."""
        await arrive(self._bucket, key, size, chunks)

    async def read(self, key: ObjectKey, range: ByteRange | None = None) -> AsyncIterator[bytes]:
        """See `Storage`."""
        async for chunk in self._bucket.reader.chunks(key, range):
            yield chunk

    async def size(self, key: ObjectKey) -> int | None:
        """See `Storage`."""
        found = await self._bucket.reader.find(key)
        return None if found is None else found.size

    async def delete(self, key: ObjectKey) -> None:
        """See `Storage`."""
        await self._bucket.client.delete(key)

    async def list_objects(self) -> AsyncIterator[StoredObject]:
        """See `Storage`."""
        async for found in self._bucket.reader.list(OBJECTS):
            yield StoredObject(ObjectKey(found.key), found.size, found.modified_ms)

    async def leftovers(self) -> AsyncIterator[Leftover]:
        """See `Storage`: uploads in parts that never ended, and the ends of uploads that came in chunks."""
        async for upload in self._bucket.client.open_uploads():
            yield Leftover(ObjectKey(upload.key), upload.initiated_ms, f"{_PARTS}{upload.upload_id}")
        async for found in self._bucket.reader.list(PIECES):
            yield Leftover(key_of_piece(found.key), found.modified_ms, found.key)

    async def remove_leftover(self, leftover: Leftover) -> None:
        """See `Storage`."""
        if leftover.name.startswith(_PARTS):
            await self._bucket.client.abort(leftover.key, leftover.name.removeprefix(_PARTS))
        else:
            await self._bucket.client.delete(leftover.name)

    async def deliver(self, key: ObjectKey, range: ByteRange, size: int, client: str = "") -> Delivery:
        """See `Storage`. Whether it can be had is found out before the answer begins.

        Where archived objects are asked for, nobody is sent for one before it can be read.
        """
        url = await self._redirects.url(key, size, client)
        if url is not None:
            if self._restoring is not None and self._restoring.is_on:
                await self._restoring.require_readable(key)
            return Redirect(url)
        chunks = self._bucket.reader.chunks(key, range, size)
        if range.length == 0:
            if await self.size(key) != size:
                raise _missing()
            return Stream(chunks)
        try:
            first = await anext(aiter(chunks))
        except ObjectArchived as error:
            if self._restoring is None:
                raise
            raise await self._restoring.refusal(key) from error
        return Stream(_led_by(first, chunks))

    async def check(self) -> None:
        """See `Storage`."""
        await self._bucket.client.put(PROBE, InMemory(b"probe"))
        if b"".join([chunk async for chunk in self._bucket.reader.chunks(PROBE)]) != b"probe":
            raise StorageUnavailable("the bucket gives back other bytes than it was given")

    async def close(self) -> None:
        """See `Storage`."""
        await self._bucket.client.close()

    def _start(
        self,
        key: ObjectKey,
        state: State,
        hashers: Sequence[Hasher],
        expected: Expected,
        dropped: Sequence[Piece] = (),
        *,
        is_object: bool = False,
    ) -> S3Writer:
        self._require_idle(key)
        if not state.part_bytes:
            state = replace(state, part_bytes=self._bucket.rules.part_bytes_for(expected.total))
        filling = Filling(self._bucket, key, state, hashers, expected, dropped)
        return S3Writer(self._bucket, filling, self._writers, is_object=is_object)

    async def _has_bytes(self, key: ObjectKey, left: State) -> bool:
        """Tell whether there is an upload in parts of that id, or the object that it became, or a first piece."""
        if left.upload_id and await self._bucket.client.has_parts(key, left.upload_id, left.parts):
            return True
        first = "" if left.upload_id else left.pieces[0].name
        return await self._bucket.reader.find(first or key) is not None

    def _require_idle(self, key: ObjectKey) -> None:
        require_own(key)
        writer = self._writers.get(key)
        if writer is not None and writer.is_running:
            raise WriterBusy("another request is writing to this upload; wait for it to end")


async def _led_by(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk


def _lost(offset: int) -> UploadLost:
    return UploadLost(f"fewer than {offset} bytes of this upload are left; start it again")


def _missing() -> ObjectMissing:
    return ObjectMissing("the bucket has no complete object here; compare it with the database by `entrepot verify`")
