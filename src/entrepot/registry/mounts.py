# SPDX-License-Identifier: Apache-2.0
"""Mounting: giving a repository a blob that another one holds, without moving a byte (end-11)."""

from dataclasses import replace

from sqlalchemy import Connection

from entrepot.kernel.access import Action
from entrepot.oci.digest import Digest
from entrepot.oci.errors import Denied
from entrepot.oci.reference import RepositoryName
from entrepot.registry import commit_blob
from entrepot.registry.core import Caller
from entrepot.registry.core import Core
from entrepot.registry.core import publish
from entrepot.registry.events import EventType
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.readable_blob import check_readable
from entrepot.registry.store import blobs
from entrepot.registry.store import repositories

MAX_CANDIDATES = 64


class Mounts:
    """Mounts blobs. Where it cannot, that is no error: the caller opens an upload instead."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def mount(
        self, caller: Caller, repository: RepositoryName, digest: Digest, source: RepositoryName | None
    ) -> bool:
        """Link the blob from `source`, or from any repository the caller may pull from; tell whether it is done.

        Only content in the same store is mounted, so that stores stay apart. Raises
        `Denied` from a gate that lets nothing be uploaded to `repository`, and `RefusedByMode`.
        """
        await self._core.modes.require_changing(repository)
        target_context = GateContext(
            Operation.UPLOAD_START, caller.principal, repository, digest=digest, address=caller.address
        )
        target = await self._core.database.read(repositories.find, repository)
        store_id = target.store_id if target else self._core.default_store
        candidates = (
            [source] if source else await self._core.database.read(blobs.holders, digest, store_id, MAX_CANDIDATES)
        )
        for candidate in await self._allowed(caller, candidates):
            blob = await self._core.database.read(blobs.find, candidate, digest)
            if blob is None or blob.store_id != store_id:
                continue
            try:
                await check_readable(self._core, caller, candidate, blob, is_mount=True)
            except Denied:
                continue
            await self._core.gates.check(replace(target_context, size=blob.size))

            def link(connection: Connection, candidate: RepositoryName = candidate) -> bool:
                """Look again under the locks, then link."""
                into = repositories.lock_or_make(connection, repository, store_id, self._core.clock())
                origin = repositories.find(connection, candidate)
                here = blobs.here(connection, origin.id, [digest]) if origin else {}
                if digest not in here or here[digest].store_id != store_id:
                    return False
                commit_blob.attach(self._core, connection, caller, into, (digest, here[digest].size))
                told = {"digest": digest, "size": here[digest].size, "source": candidate}
                publish(connection, [self._core.event(EventType.BLOB_MOUNTED, caller, repository, **told)])
                return True

            if await self._core.database.write_locked(link):
                return True
        return False

    async def _allowed(self, caller: Caller, candidates: list[RepositoryName]) -> list[RepositoryName]:
        readable = await self._core.authorizer.readable(caller.principal, candidates, Action.PULL)
        return [name for name in candidates if name in readable and caller.principal.allows_scope(Action.PULL, name)]
