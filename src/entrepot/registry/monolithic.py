# SPDX-License-Identifier: Apache-2.0
"""A blob in one request (end-4b), without a session."""

from collections.abc import AsyncIterator

from sqlalchemy import Connection

from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.interface import Writer
from entrepot.infra.storage.interface import object_key
from entrepot.oci.digest import Digest
from entrepot.oci.digest import algorithm_of
from entrepot.oci.errors import DigestInvalid
from entrepot.oci.reference import RepositoryName
from entrepot.registry import commit_blob
from entrepot.registry.core import Caller
from entrepot.registry.core import Core
from entrepot.registry.shield import finish_despite_cancellation
from entrepot.registry.store import repositories
from entrepot.registry.store.blobs import StoredBlob
from entrepot.registry.store.repositories import StoreId
from entrepot.registry.upload_hashes import UploadHashes


class Monolithic:
    """Takes whole blobs: from clients, and from whatever inside Entrepot copies content."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def put(self, caller: Caller, repository: RepositoryName, digest: Digest, body: AsyncIterator[bytes]) -> int:
        """Store the blob; return its size in bytes. Gates have been asked before.

        Raises `DigestInvalid` when the bytes are others; nothing is left behind then,
        nor when `body` raises.
        """
        storage, store_id = await self._place(repository)
        hashes = UploadHashes.start(algorithm_of(digest))
        writer = await storage.create(object_key(), hashes.hashers)
        try:
            async for data in body:
                await writer.write(data)
            await writer.flush()
            actual = hashes.digest(algorithm_of(digest))
            if actual != digest:
                raise DigestInvalid(f"the content is {actual}, not {digest}", hint="Check the file and push it again.")
        except BaseException:
            await finish_despite_cancellation(writer.abort())
            raise
        await finish_despite_cancellation(self._commit(caller, repository, digest, (writer, store_id)))
        return writer.offset

    async def _place(self, repository: RepositoryName) -> tuple[Storage, StoreId]:
        found = await self._core.database.read(repositories.find, repository)
        store_id = found.store_id if found else self._core.default_store
        return self._core.stores[store_id], store_id

    async def _commit(
        self, caller: Caller, repository: RepositoryName, digest: Digest, written: tuple[Writer, StoreId]
    ) -> None:
        writer, store_id = written
        try:
            await writer.commit()
        except BaseException:
            await writer.abort()
            raise
        stored = StoredBlob(digest, writer.offset, store_id, writer.key)
        await commit_blob.heal(self._core, stored)

        def commit(connection: Connection) -> None:
            repo = repositories.ensure(connection, repository, store_id, self._core.clock())
            commit_blob.record(self._core, connection, caller, repo, stored)

        await self._core.database.write(commit)
