# SPDX-License-Identifier: Apache-2.0
"""An upload session while a request writes to it: taking bytes, recording how far it is, closing it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace

from sqlalchemy import Connection

from entrepot.infra.storage.interface import Checkpoint
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import Writer
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.errors import Unavailable
from entrepot.oci.digest import Digest
from entrepot.oci.digest import algorithm_of
from entrepot.oci.errors import BlobTooLarge
from entrepot.oci.errors import BlobUploadUnknown
from entrepot.oci.errors import Denied
from entrepot.oci.errors import DigestInvalid
from entrepot.oci.reference import RepositoryName
from entrepot.registry import commit_blob
from entrepot.registry.core import Caller
from entrepot.registry.core import Core
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.shield import finish_despite_cancellation
from entrepot.registry.store import repositories
from entrepot.registry.store import tombstones
from entrepot.registry.store import uploads
from entrepot.registry.store.blobs import StoredBlob
from entrepot.registry.store.tombstones import DeadObject
from entrepot.registry.store.tombstones import Reason
from entrepot.registry.store.uploads import Progress
from entrepot.registry.store.uploads import Upload
from entrepot.registry.upload_hashes import UploadHashes
from entrepot.registry.upload_hashes import saved_hashes

GIB = 1024**3
REMEMBER_FINISHED_MS = HOUR_MS
QUICK_SECONDS = 0.25
"""Requests that are over by then do not say that they bring bytes: that would cost each small blob a transaction."""
WRITING_MS = MINUTE_MS
"""For how long a request says so, in advance; a node that dies meanwhile does not take it back."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes of a request. `start` is the offset the client gave them, `length` how many it announced, if it did."""

    body: AsyncIterator[bytes]
    start: int | None = None
    length: int | None = None


@dataclass(slots=True)
class HeldUpload:
    """A session, the writer that goes on with it, and the hashes that the writer feeds.

    Where requests on several nodes hold one session, whoever records progress
    first goes on, and the others raise `BlobUploadUnknown` when they want to.
    """

    core: Core
    upload: Upload
    writer: Writer
    hashes: UploadHashes

    async def take(self, chunk: Chunk, *, is_last: bool = False) -> None:
        """Write the chunk, and record on the way how far it is safe, unless it `is_last`.

        A closing request that fails is repeated from where the session stood. Raises `BlobTooLarge`, at once when
        the announced length is already too much.
        """
        limit = self.core.settings.max_blob_gib * GIB
        if self.writer.offset + (chunk.length or 0) > limit:
            raise _too_large(self.core.settings.max_blob_gib)
        loop = asyncio.get_running_loop()
        say_at = loop.time() + QUICK_SECONDS
        async for data in chunk.body:
            if self.writer.offset + len(data) > limit:
                raise _too_large(self.core.settings.max_blob_gib)
            await self.writer.write(data)
            if is_last:
                continue
            await self._record_checkpoint()
            if loop.time() >= say_at:
                await self._tell_others()
                say_at = loop.time() + WRITING_MS / SECOND_MS / 2

    async def suspend(self) -> Upload:
        """Record how far the upload is, and let go of it: in this order, so that nobody takes it up in between."""
        try:
            state = await self.writer.save()
            await self._record(self.writer.offset, self.hashes.save(self._storage.continuity), state, None)
        finally:
            await self.writer.release()
        return self.upload

    async def require_welcome(self, caller: Caller, repository: RepositoryName, digest: Digest) -> None:
        """Ask the gates about the blob that is complete. Raises `Denied`, which ends the session, and `GateUndecided`.

        After that the session goes on as if its last request had not come.
        """
        if not self.core.gates.watches(Operation.BLOB_COMMIT):
            return
        about = GateContext(
            Operation.BLOB_COMMIT,
            caller.principal,
            repository,
            digest=digest,
            address=caller.address,
            size=self.writer.offset,
        )
        try:
            await self.core.gates.check(about)
        except Denied:
            await finish_despite_cancellation(self._give_up())
            raise
        except BaseException:
            await finish_despite_cancellation(self.writer.release())
            raise

    async def close(self, caller: Caller, digest: Digest) -> None:
        """Make the bytes a blob of the repository. Where they are others the session ends, with `DigestInvalid`."""
        actual = self.hashes.digest(algorithm_of(digest)) or await self._rehash(algorithm_of(digest))
        if actual != digest:
            await self._give_up()
            raise DigestInvalid(
                f"the content is {actual}, not {digest}", hint="Check the file and start the upload again."
            )
        await self.writer.commit()
        writer = self.writer
        stored = StoredBlob(
            digest, writer.offset, self.upload.store_id, writer.key, writer.stored_size, writer.sealed_key
        )
        until = after(self.core.clock(), REMEMBER_FINISHED_MS)
        await commit_blob.heal(self.core, stored)

        def close_session(connection: Connection) -> None:
            """Let the blob take the place of the session, which nobody else may have moved on."""
            repository = repositories.lock_by_id(connection, self.upload.repo_id)
            if uploads.finish(connection, self.upload, digest, until):
                commit_blob.record(self.core, connection, caller, repository, stored)
            elif uploads.finished(connection, repository.name, self.upload.id) != digest:
                raise BlobUploadUnknown

        await self.core.database.write_locked(close_session)
        await self.writer.recorded()

    @property
    def _storage(self) -> Storage:
        return self.core.stores[self.upload.store_id]

    async def _tell_others(self) -> None:
        """Say that bytes are on their way, which go on where that cannot be written down now."""
        with suppress(Unavailable):
            await self.core.database.write_locked(uploads.note_writing, self.upload, self._writing_until())

    async def _record_checkpoint(self) -> None:
        checkpoint = self.writer.checkpoint()
        if checkpoint is not None:
            await finish_despite_cancellation(self._record_safe(checkpoint))

    async def _record_safe(self, safe: Checkpoint) -> None:
        hash_state = saved_hashes(safe.hashes, self._storage.continuity)
        await self._record(safe.offset, hash_state, safe.state, self._writing_until())

    def _writing_until(self) -> Milliseconds:
        return after(self.core.clock(), WRITING_MS)

    async def _record(
        self, offset: int, hash_state: bytes, writer_state: bytes, writing_until: Milliseconds | None
    ) -> None:
        """Write down where the session stands. Raises `BlobUploadUnknown` when another request moved it on."""
        expires_at = after(self.core.clock(), self.core.settings.upload_hours * HOUR_MS)
        progress = Progress(self.writer.key, offset, hash_state, writer_state, expires_at, writing_until)
        if not await self.core.database.write_locked(uploads.save, self.upload, progress):
            raise BlobUploadUnknown
        self.upload = replace(
            self.upload,
            object_key=progress.object_key,
            offset=offset,
            hash_state=hash_state,
            writer_state=writer_state,
            version=self.upload.version + 1,
        )
        await self.writer.recorded()

    async def _give_up(self) -> None:
        """End the session; where another request moved it on, it is that one's."""
        if await self.core.database.write_locked(end_unchanged, self.core, self.upload):
            await self.writer.abort()
        else:
            await self.writer.release()

    async def _rehash(self, algorithm: str) -> Digest:
        """Read everything once more for an algorithm that nobody announced, without letting go of the upload."""
        try:
            state = await self.writer.save()
            hashes = UploadHashes.start(algorithm)
            async for data in self._storage.read_upload(self.writer.key, self.writer.offset, state):
                for hasher in hashes.hashers:
                    await asyncio.to_thread(hasher.update, data)
            digest = hashes.digest(algorithm)
            if digest is None:
                raise DigestInvalid(f"{algorithm} is not supported")
        except BaseException:
            await self.writer.release()
            raise
        return digest


def end_unchanged(connection: Connection, core: Core, upload: Upload) -> bool:
    """Let a tombstone take the place of a session that nobody moved on; tell whether it did."""
    is_removed = uploads.remove_unchanged(connection, upload)
    if is_removed:
        bury(connection, core, upload)
    return is_removed


def bury(connection: Connection, core: Core, upload: Upload) -> None:
    """Have whatever a request leaves under the key of an ended session deleted, now or later."""
    dead = DeadObject(upload.object_key, upload.store_id, upload.offset, Reason.UPLOAD)
    tombstones.bury(connection, [dead], None, core.clock())


def _too_large(gib: int) -> BlobTooLarge:
    return BlobTooLarge(f"a blob of more than {gib} GiB is not accepted", hint="An administrator can change the limit.")
