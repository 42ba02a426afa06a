# SPDX-License-Identifier: Apache-2.0
"""The contract between Entrepot and whatever keeps its bytes.

A key is chosen by `object_key` when an upload starts, is opaque, and is never
used again: `objects/<last two characters of the ULID>/<ULID>`. No text from a
client ever becomes part of a key. Bytes under a key are either absent or
complete: nothing is visible before `Writer.commit` returns, and what it made
visible survives power loss.
"""

from abc import ABC
from abc import abstractmethod
from collections.abc import AsyncIterator
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NewType

from entrepot.infra.storage.hashing import Hasher
from entrepot.infra.storage.hashing import HashState
from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import Unavailable
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.identifiers import new_ulid

ObjectKey = NewType("ObjectKey", str)
"""Names one object in one store."""

CHUNK_BYTES = 256 * 1024
"""How much a reader yields at a time, at most."""

STREAMED_BYTES = 64 * 1024
"""Up to this many bytes are cheaper to send than to send for: nobody is redirected for them."""

MAX_STATE_BYTES = 1024 * 1024
"""How much a writer's state may hold, at most: 10,000 parts of an upload, and what says where they are."""


class StorageError(AppError):
    """The storage could not do what was asked."""

    code = "storage_error"
    status = 500


class StorageUnavailable(Unavailable):
    """The storage is not reachable, is read-only or is full."""

    code = "storage_unavailable"


class ObjectMissing(StorageError):
    """There is no complete object under this key."""

    code = "object_missing"


class ObjectArchived(StorageError):
    """The object is in an archive, from which the operator of the storage has to restore it first."""

    code = "object_archived"
    status = 503
    default_hint = "Have it restored in the storage, which may take hours, then try again."


class ObjectDamaged(StorageError):
    """The bytes under this key are not those that were written."""

    code = "object_damaged"


class UploadLost(StorageError):
    """The bytes of an unfinished upload are gone, or are fewer than was acknowledged."""

    code = "upload_lost"


class WriterBusy(StorageError):
    """Another request is writing to this upload at the moment."""

    code = "writer_busy"
    status = 409


class WriterAborted(StorageError):
    """The writer that this reader followed gave up before the object was complete."""

    code = "writer_aborted"


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `start` to `stop`, the latter excluded. Both are offsets in bytes, `0 <= start <= stop`."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        """How many bytes this is."""
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A complete object, as the store lists it: where it is encrypted, `size` is more than that of its content."""

    key: ObjectKey
    size: int
    modified_ms: int


@dataclass(frozen=True, slots=True)
class Leftover:
    """Bytes on their way to becoming the object of `key`, which nobody may be waiting for any more."""

    key: ObjectKey
    modified_ms: int
    name: str
    """What the storage calls it."""


@dataclass(frozen=True, slots=True)
class SealedKey:
    """The key of an object, encrypted under a key of the store, and the id of the latter."""

    key_id: str
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class Expected:
    """What a request announces about the upload that it continues.

    `total` is how many bytes the upload will have when the request has ended,
    `is_chunk` whether others are to follow: both as far as the client said so.
    """

    total: int | None = None
    is_chunk: bool = False


UNANNOUNCED = Expected()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """An upload as it can be resumed later: what `Storage.resume` needs, and the hashes of the first `offset` bytes.

    `key` is where the object will be; it may be another than the upload began with.
    """

    key: ObjectKey
    offset: int
    state: bytes
    hashes: tuple[HashState, ...]


@dataclass(frozen=True, slots=True)
class LocalFile:
    """Deliver the range from a file on this machine."""

    path: Path
    range: ByteRange
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Stream:
    """Deliver what the iterator yields: exactly the range, or an error in its middle, never less."""

    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Redirect:
    """Send the client to this short-lived address."""

    url: str


Delivery = LocalFile | Stream | Redirect


class Writer(ABC):
    """An object in the making. One request at a time writes to it.

    `write` and `commit` belong to one task; `reader` may be called by others in
    the same process while it runs. Where several nodes may write to one upload at
    once, each keeps what it writes apart from the others': whose checkpoint the
    caller records is the one that counts.
    """

    @property
    @abstractmethod
    def key(self) -> ObjectKey:
        """Where the object will be. `write`, `save` and `commit` may choose another, never used before."""

    @property
    @abstractmethod
    def offset(self) -> int:
        """How many bytes have been written so far, in this and earlier requests."""

    @property
    def stored_size(self) -> int:
        """How many bytes the object takes in the store, as `Storage.list_objects` tells once it is complete."""
        return self.offset

    @property
    def sealed_key(self) -> SealedKey | None:
        """What has to be recorded with the object so that it can be read; None when it is not encrypted."""
        return None

    @abstractmethod
    async def write(self, data: bytes) -> None:
        """Append `data`. Raises `StorageUnavailable` when the store is full or away.

        A writer that raised takes nothing more; `offset` then tells how much is
        safe, and `suspend` keeps that or raises again.
        """

    @abstractmethod
    async def flush(self) -> None:
        """Bring the hashers up to `offset`: when this returns they have seen every byte written.

        Says nothing about durability: small content may still be in memory, to be
        written and synced together by `commit`.
        """

    def checkpoint(self) -> Checkpoint | None:
        """Return how far the upload has become safe since this was asked last, without waiting; None if no further.

        Asked after `write`, by requests whose client may go on elsewhere when this process dies.
        """
        return None

    async def recorded(self) -> None:  # noqa: B027 - most have nothing to remove
        """Take note that what `checkpoint` or `save` returned last, or `commit` made, is recorded.

        What only earlier states needed may go. Raises nothing: what cannot be removed now is found later.
        """

    @abstractmethod
    async def save(self) -> bytes:
        """Return the state that `Storage.resume` needs, at most `MAX_STATE_BYTES`, and keep hold of the upload.

        When this returns, every byte up to `offset` survives the death of this
        process, and the hashers have seen exactly those.
        """

    @abstractmethod
    async def suspend(self) -> bytes:
        """Stop writing for now and return the state that `Storage.resume` needs.

        When this returns, every byte up to `offset` survives the death of this
        process, and the hashers have seen exactly those. The state is at most
        `MAX_STATE_BYTES`. The writer takes nothing more and has let go of the
        upload, also when this raises.
        """

    async def release(self) -> None:
        """Let go of the upload, which may lose what was not saved. The writer takes nothing more."""
        await self.suspend()

    @abstractmethod
    async def commit(self) -> None:
        """Make the object visible under its key, complete and safe from power loss.

        Committing twice, or again after a crash, does no harm. A commit that
        raises has let go of the upload as `suspend` does.
        """

    @abstractmethod
    async def abort(self) -> None:
        """Throw the bytes away, also those that were suspended. A committed object stays.

        Followers get `WriterAborted`. Idempotent.
        """

    @abstractmethod
    def reader(self, from_offset: int = 0) -> AsyncIterator[bytes]:
        """Follow this writer from `from_offset` to the end.

        Yields what is written as it is written, waits for more, and ends when the
        writer commits. Raises `WriterAborted` when it aborts or suspends: a
        follower never mistakes a part for the whole.
        """


class Storage(ABC):
    """A place for objects. Safe to share between tasks of one process and between processes."""

    @property
    @abstractmethod
    def url(self) -> str:
        """Where this is, as configured, without secrets: `file:///…`, `memory://…`."""

    @property
    @abstractmethod
    def continuity(self) -> str:
        """Return what stays the same for as long as bytes that were saved are certain to be there still.

        Where they may be lost with the kernel's memory that is the identity of the
        boot; then they have to be read again, and compared, before they are vouched for.
        """

    def first_state(self) -> bytes:
        """Return the state to record with a new upload, for `resume` and `discard`, before it has a byte."""
        return b""

    @abstractmethod
    async def create(self, key: ObjectKey, hashers: Sequence[Hasher] = ()) -> Writer:
        """Start a new object.

        The writer updates `hashers` with what it stores, in order, outside the
        event loop. Raises `StorageUnavailable`.
        """

    @abstractmethod
    async def resume(
        self,
        key: ObjectKey,
        offset: int,
        state: bytes,
        hashers: Sequence[Hasher] = (),
        expected: Expected = UNANNOUNCED,
    ) -> Writer:
        """Continue an upload that was suspended, or whose process died, at exactly `offset` bytes.

        Bytes behind `offset` are dropped by the first write or the commit, and not
        before: a caller that finds, now that it holds the upload, that it knew too
        little may suspend again and has lost nothing. `state` is what the last `suspend`
        returned, or `first_state` (empty if neither did); `hashers` have seen exactly `offset` bytes.
        An upload that was committed at this very size may be committed again.
        Raises `WriterBusy` while another request writes, and `UploadLost` when
        fewer than `offset` bytes are left.
        """

    @abstractmethod
    async def discard(self, key: ObjectKey, state: bytes) -> None:
        """Throw away what an unfinished upload has left behind. Idempotent.

        Raises `WriterBusy` while another request writes to it.
        """

    @abstractmethod
    def read_upload(self, key: ObjectKey, stop: int, state: bytes) -> AsyncIterator[bytes]:
        """Yield the first `stop` bytes of an unfinished upload. Raises `UploadLost` if fewer are left."""

    @abstractmethod
    def read(self, key: ObjectKey, range: ByteRange | None = None) -> AsyncIterator[bytes]:
        """Yield the object's bytes (those of `range`).

        Raises `ObjectMissing`, before or in the middle, and `ObjectDamaged` from a
        storage that notices when they are not those that were written.
        """

    @abstractmethod
    async def size(self, key: ObjectKey) -> int | None:
        """Return the object's size in bytes, or None when there is no complete object."""

    @abstractmethod
    async def delete(self, key: ObjectKey) -> None:
        """Delete a complete object. Idempotent."""

    @abstractmethod
    def list_objects(self) -> AsyncIterator[StoredObject]:
        """Yield every complete object, in no particular order."""

    async def leftovers(self) -> AsyncIterator[Leftover]:
        """Yield what requests left behind that nobody can find any more by a key or a state; most leave nothing."""
        nothing: tuple[Leftover, ...] = ()
        for each in nothing:
            yield each

    async def remove_leftover(self, leftover: Leftover) -> None:  # noqa: B027 - most have none
        """Remove what `leftovers` found. Idempotent."""

    @abstractmethod
    async def deliver(self, key: ObjectKey, range: ByteRange, size: int, client: str = "") -> Delivery:
        """Say how to hand `range` of an object of `size` bytes to a client. Raises `ObjectMissing`.

        `client` is its IP address, which decides whether it can be sent elsewhere; nobody without one is.
        """

    @abstractmethod
    async def check(self) -> None:
        """Prove that writing and reading work. Raises `StorageUnavailable` with the reason."""

    async def close(self) -> None:  # noqa: B027 - most have nothing open
        """Let go of connections, at the end of the event loop that they belong to. Another may use the storage then."""


def object_key(upload: Ulid | None = None) -> ObjectKey:
    """Choose a key that was never used before."""
    ulid = upload or new_ulid()
    return ObjectKey(f"objects/{ulid[-2:]}/{ulid}")
