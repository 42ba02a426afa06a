# SPDX-License-Identifier: Apache-2.0
"""Uploads: sessions that take a blob in one piece or in chunks, and survive whatever interrupts them.

What an answer acknowledged survives the death of the process; what `finish`
returned survives power loss. See docs/explanation/uploads.md.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection

from entrepot.infra.storage.interface import Expected
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import UploadLost
from entrepot.infra.storage.interface import WriterBusy
from entrepot.infra.storage.interface import object_key
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.errors import AppError
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.digest import Digest
from entrepot.oci.digest import algorithm_of
from entrepot.oci.errors import BlobUploadUnknown
from entrepot.oci.errors import RangeInvalid
from entrepot.oci.reference import RepositoryName
from entrepot.registry.core import Caller
from entrepot.registry.core import Core
from entrepot.registry.held_upload import Chunk
from entrepot.registry.held_upload import HeldUpload
from entrepot.registry.held_upload import bury
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.shield import finish_despite_cancellation
from entrepot.registry.store import blobs
from entrepot.registry.store import repositories
from entrepot.registry.store import uploads
from entrepot.registry.store.uploads import Progress
from entrepot.registry.store.uploads import Upload
from entrepot.registry.upload_hashes import UploadHashes

BUSY_SECONDS = 10.0
BUSY_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Session:
    """Where an upload stands: `offset` bytes are acknowledged."""

    id: Ulid
    offset: int
    warnings: tuple[str, ...] = ()


class Announced(NamedTuple):
    """What a client says of a blob before it sends a byte: its digest and how long it is, as far as it does."""

    digest: Digest | None = None
    size: int | None = None


UNKNOWN = Announced()


class AlreadyComplete(RangeInvalid):
    """A closing request completed this upload and was interrupted before it could say so; repeat that request."""


class Uploads:
    """The use cases of blob uploads. Those that change something raise `RefusedByMode` too, and the session stays."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def start(
        self, caller: Caller, repository: RepositoryName, algorithm: str = "sha256", announced: Announced = UNKNOWN
    ) -> Session:
        """Open a session (end-4a; `algorithm` is the hint of end-4c). Raises `oci.errors.Denied` from a gate."""
        await self._core.modes.require_changing(repository)
        warnings = await self._admit(caller, repository, announced)
        now = self._core.clock()
        upload_id = new_ulid()
        hashes = UploadHashes.start(algorithm)

        def open_session(connection: Connection) -> None:
            """Record the session, and the repository if this is its first upload."""
            repo = repositories.ensure(connection, repository, self._core.default_store, now)
            upload = Upload(
                id=upload_id,
                repo_id=repo.id,
                store_id=repo.store_id,
                object_key=object_key(upload_id),
                owner=caller.principal.identity,
                algorithm=algorithm,
                offset=0,
                hash_state=hashes.save(self._core.stores[repo.store_id].continuity),
                writer_state=self._core.stores[repo.store_id].first_state(),
                version=0,
                created_at=now,
                expires_at=self._expiry(now),
            )
            uploads.add(connection, upload)

        await self._core.database.write_locked(open_session)
        return Session(upload_id, 0, tuple(warnings))

    async def _admit(self, caller: Caller, repository: RepositoryName, announced: Announced) -> list[str]:
        """Ask the gates whether an upload may start; return their warnings."""
        told = announced._asdict()
        context = GateContext(Operation.UPLOAD_START, caller.principal, repository, address=caller.address, **told)
        return await self._core.gates.check(context)

    async def status(self, repository: RepositoryName, upload_id: Ulid, patience_seconds: float = 0.0) -> Session:
        """Tell how many bytes are safe (end-13); after a power loss that may be none.

        While a request of another process brings bytes this waits for its end, for at most `patience_seconds`.
        """
        upload = await self._find_settled(repository, upload_id, patience_seconds)
        if upload.offset and self._hashes(upload) is None:
            upload, _ = await self._recheck(upload)
        return Session(upload.id, upload.offset)

    async def owner(self, repository: RepositoryName, upload_id: Ulid) -> str | None:
        """Return the identity that started the session, None when there is no such session."""
        upload = await self._core.database.read(uploads.find, repository, upload_id)
        return None if upload is None else upload.owner

    async def append(self, repository: RepositoryName, upload_id: Ulid, chunk: Chunk) -> Session:
        """Add a chunk (end-5). What arrived before the client vanished is kept.

        Raises `RangeInvalid` (the session lives on) when the chunk does not start
        where the session stands or another request is writing to it.
        """
        await self._core.modes.require_changing(repository)
        held = await self._resume_patiently(repository, upload_id, chunk, is_last=False)
        try:
            try:
                await held.take(chunk)
            finally:
                upload = await finish_despite_cancellation(held.suspend())
        except UploadLost as lost:
            raise await self._start_over(repository, held.upload) from lost
        except BlobUploadUnknown as moved:
            raise await self._moved_on(repository, upload_id) from moved
        return Session(upload.id, upload.offset)

    async def finish(
        self, caller: Caller, repository: RepositoryName, upload_id: Ulid, digest: Digest, chunk: Chunk
    ) -> None:
        """Close the session (end-6): the last bytes, if any, then the blob under its digest.

        A closing request repeated after its answer was lost succeeds again. Raises
        `DigestInvalid` when the bytes are others: then the session ends.
        """
        await self._core.modes.require_changing(repository)
        try:
            held = await self._resume_patiently(repository, upload_id, chunk, is_last=True)
        except BlobUploadUnknown:
            if await self._is_done(repository, upload_id, digest):
                return
            raise
        except AlreadyComplete:
            if await self._close_again(caller, repository, upload_id, digest):
                return
            raise
        try:
            await self._take_last(held, repository, chunk)
            await held.require_welcome(caller, repository, digest)
            await finish_despite_cancellation(held.close(caller, digest))
        except BlobUploadUnknown as moved:
            raise await self._moved_on(repository, upload_id) from moved
        except UploadLost as lost:
            if await self._is_done(repository, upload_id, digest):
                return
            # Perhaps a request whose answer was lost has made the object already.
            is_there = await self._storage(held.upload).size(held.upload.object_key) is not None
            if not is_there or not await self._close_again(caller, repository, upload_id, digest):
                raise await self._start_over(repository, held.upload) from lost

    async def _take_last(self, held: HeldUpload, repository: RepositoryName, chunk: Chunk) -> None:
        try:
            await held.take(chunk, is_last=True)
            await held.writer.flush()
            # The bytes may have taken hours to arrive.
            await self._core.modes.require_changing(repository)
        except BaseException:
            # The session stays: a client that closes again sends these bytes again.
            await finish_despite_cancellation(held.writer.release())
            raise

    async def put(
        self,
        caller: Caller,
        repository: RepositoryName,
        digest: Digest,
        body: AsyncIterator[bytes],
        length: int | None = None,
    ) -> tuple[str, ...]:
        """Take a whole blob at once (end-4b), for clients and for whatever inside Entrepot copies content.

        It is a session like any other, so that its bytes have a row from the first one
        on. Returns the warnings of gates. Raises `DigestInvalid` when the bytes are
        others; nothing is left behind then, nor when `body` raises.
        """
        session = await self.start(caller, repository, algorithm_of(digest), Announced(digest, length))
        try:
            await self.finish(caller, repository, session.id, digest, Chunk(body, length=length))
        except BaseException:
            # The client is told why it failed; a session that cannot be ended now ends when it has lain idle.
            with suppress(AppError):
                await finish_despite_cancellation(self.cancel(repository, session.id))
            raise
        return session.warnings

    async def cancel(self, repository: RepositoryName, upload_id: Ulid) -> None:
        """End the session and throw its bytes away (end-14)."""
        await self._core.modes.require_changing(repository)
        upload = await self._find(repository, upload_id)
        try:
            await self._forget(upload)
        except WriterBusy as busy:
            raise _out_of_step(repository, upload, "another request is writing to this upload") from busy

    async def expire(self, limit: int = 100) -> int:
        """End sessions whose time is over, where the mode lets uploads be deleted; return how many."""
        if not await self._core.modes.allows_collection():
            return 0
        now, closed = self._core.clock(), await self._core.modes.closed_to_collection()
        await self._core.database.write_locked(uploads.forget_finished, now)
        ended = 0
        for upload in await self._core.database.read(uploads.expired, now, limit, closed):
            with suppress(WriterBusy):
                await self._forget(upload)
                ended += 1
        return ended

    async def _forget(self, upload: Upload) -> None:
        """Throw an upload away; an object that a dying request completed meanwhile is left to the collector."""
        await self._storage(upload).discard(upload.object_key, upload.writer_state)

        def forget(connection: Connection) -> None:
            """Let a tombstone take the place of the session."""
            if uploads.remove(connection, upload.id):
                bury(connection, self._core, upload)

        await self._core.database.write_locked(forget)

    async def _find(self, repository: RepositoryName, upload_id: Ulid) -> Upload:
        upload = await self._core.database.read(uploads.find, repository, upload_id)
        if upload is None:
            raise BlobUploadUnknown
        return upload

    async def _find_settled(self, repository: RepositoryName, upload_id: Ulid, patience_seconds: float) -> Upload:
        """Find a session once no request writes to it that has said so."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience_seconds
        while True:
            upload = await self._find(repository, upload_id)
            until = upload.writing_until
            if until is None or until <= self._core.clock() or loop.time() >= deadline:
                return upload
            await asyncio.sleep(BUSY_POLL_SECONDS)

    async def _resume(self, repository: RepositoryName, upload_id: Ulid, chunk: Chunk, *, is_last: bool) -> HeldUpload:
        upload = await self._find(repository, upload_id)
        hashes = self._hashes(upload)
        if hashes is None:
            upload, hashes = await self._recheck(upload)
        if chunk.start is not None and chunk.start != upload.offset:
            raise _out_of_step(repository, upload, f"the chunk starts at {chunk.start}, not at {upload.offset}")
        try:
            writer = await self._storage(upload).resume(
                upload.object_key, upload.offset, upload.writer_state, hashes.hashers, _expected(upload, chunk, is_last)
            )
        except UploadLost:
            if await self._storage(upload).size(upload.object_key) is not None:
                raise AlreadyComplete(detail=_place(repository, upload)) from None
            raise await self._start_over(repository, upload) from None
        try:
            current = await self._find(repository, upload_id)
            if current.version != upload.version:
                raise _out_of_step(repository, current, "another request has moved this upload on")
        except BaseException:
            # Nothing was written yet, so letting go keeps what the other request has added.
            await finish_despite_cancellation(writer.release())
            raise
        return HeldUpload(self._core, upload, writer, hashes)

    async def _resume_patiently(
        self, repository: RepositoryName, upload_id: Ulid, chunk: Chunk, *, is_last: bool
    ) -> HeldUpload:
        """Resume; while another request holds the upload, perhaps one whose client is gone, wait for it a little."""
        deadline = asyncio.get_running_loop().time() + BUSY_SECONDS
        while True:
            try:
                return await self._resume(repository, upload_id, chunk, is_last=is_last)
            except WriterBusy as busy:
                if asyncio.get_running_loop().time() > deadline:
                    upload = await self._find(repository, upload_id)
                    raise _out_of_step(repository, upload, "another request is writing to this upload") from busy
                await asyncio.sleep(BUSY_POLL_SECONDS)

    async def _close_again(self, caller: Caller, repository: RepositoryName, upload_id: Ulid, digest: Digest) -> bool:
        """Close an upload whose object is complete but not recorded; False when it has another digest."""
        upload = await self._find(repository, upload_id)
        storage, hashes, size = self._storage(upload), UploadHashes.start(algorithm_of(digest)), 0
        async for data in storage.read(upload.object_key):
            size += len(data)
            for hasher in hashes.hashers:
                await asyncio.to_thread(hasher.update, data)
        if hashes.digest(algorithm_of(digest)) != digest:
            return False
        writer = await storage.resume(upload.object_key, size, b"", hashes.hashers)
        held = HeldUpload(self._core, upload, writer, hashes)
        await finish_despite_cancellation(held.close(caller, digest))
        return True

    async def _recheck(self, upload: Upload) -> tuple[Upload, UploadHashes]:
        """Read an upload's bytes again, and start over when they are not those that were acknowledged."""
        chunks = self._storage(upload).read_upload(upload.object_key, upload.offset, upload.writer_state)
        try:
            hashes = await UploadHashes.recompute(upload.hash_state, chunks)
        except UploadLost:
            hashes = None
        if hashes is not None:
            return upload, hashes
        restarted = await self._restarted(upload)
        if restarted is None:
            raise WriterBusy("another request has moved this upload on; try again")
        return restarted, UploadHashes.start(upload.algorithm)

    async def _moved_on(self, repository: RepositoryName, upload_id: Ulid) -> RangeInvalid:
        """Return what tells the client where an upload is that another node has moved on. Raises `BlobUploadUnknown`.

        That is when it has ended. Where storages lock nothing, several write to one, and whoever records that first
        goes on.
        """
        current = await self._find(repository, upload_id)
        return _out_of_step(repository, current, "another request has moved this upload on")

    async def _start_over(self, repository: RepositoryName, upload: Upload) -> RangeInvalid:
        """Begin at the first byte again, as the returned error tells the client."""
        if not await self._restarted(upload):
            return await self._moved_on(repository, upload.id)
        return _out_of_step(
            repository, replace(upload, offset=0), "the bytes of this upload were lost; send them again"
        )

    async def _restarted(self, upload: Upload) -> Upload | None:
        """Begin at the first byte again, unless another request moved the upload on.

        Nothing was uploaded, so the session ends when it would have.
        """
        storage = self._storage(upload)
        hash_state, state = UploadHashes.start(upload.algorithm).save(storage.continuity), storage.first_state()
        progress = Progress(upload.object_key, 0, hash_state, state, upload.expires_at)
        if not await self._core.database.write_locked(uploads.save, upload, progress):
            return None
        return replace(upload, offset=0, hash_state=hash_state, writer_state=state, version=upload.version + 1)

    async def _is_done(self, repository: RepositoryName, upload_id: Ulid, digest: Digest) -> bool:
        finished = await self._core.database.read(uploads.finished, repository, upload_id)
        if finished is not None:
            return finished == digest
        return await self._core.database.read(blobs.find, repository, digest) is not None

    def _hashes(self, upload: Upload) -> UploadHashes | None:
        return UploadHashes.restore(upload.hash_state, self._storage(upload).continuity)

    def _storage(self, upload: Upload) -> Storage:
        return self._core.stores[upload.store_id]

    def _expiry(self, now: Milliseconds) -> Milliseconds:
        return after(now, self._core.settings.upload_hours * HOUR_MS)


def _expected(upload: Upload, chunk: Chunk, is_last: bool) -> Expected:
    """Tell what a request announces: one that closes, or streams with a length, says how long the blob will be."""
    is_chunk = chunk.start is not None and not is_last
    total = None if is_chunk or chunk.length is None else upload.offset + chunk.length
    return Expected(total, is_chunk)


def _out_of_step(repository: RepositoryName, upload: Upload, message: str) -> RangeInvalid:
    return RangeInvalid(message, detail=_place(repository, upload))


def _place(repository: RepositoryName, upload: Upload) -> dict[str, object]:
    return {"repository": repository, "upload": upload.id, "offset": upload.offset}
