# SPDX-License-Identifier: Apache-2.0
"""Orders that must not be kept, planted so that the harness proves that it would find them."""

from collections.abc import Collection
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import select
from sqlalchemy import update

from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import StorageError
from entrepot.infra.storage.interface import object_key
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.oci.reference import RepositoryName
from entrepot.registry import commit_blob
from entrepot.registry import tables
from entrepot.registry.reclaim import ROWS_PER_STEP
from entrepot.registry.reclaim import Outcome
from entrepot.registry.reclaim import Reclaim
from entrepot.registry.store import collection_queue
from entrepot.registry.store import promise as promised
from entrepot.registry.store import reclaim
from entrepot.registry.store import repositories
from entrepot.registry.store.blobs import StoredBlob
from entrepot.registry.store.collection_queue import Queued
from entrepot.registry.store.reclaim import Doomed
from entrepot.registry.store.tombstones import Reason
from entrepot.registry.tables import manifest_blobs
from entrepot.registry.tables import manifest_children
from entrepot.registry.tables import manifests
from entrepot.registry.tables import objects
from entrepot.registry.tables import repo_blobs
from entrepot.registry.tables import tombstones
from tests.builders.core import EVERYBODY
from tests.builders.core import RunningCore


class BytesBeforeRows(Reclaim):
    """Deletes the bytes of a blob that nobody links, and its rows afterwards if still nobody does."""

    async def remove_blobs(self) -> Outcome:
        """Delete, look again, remove."""
        now = self._core.clock()
        for key in await self._core.database.write_locked(_unlinked, now):
            await self._core.stores[self._core.default_store].delete(key)
        return await super().remove_blobs()


class CheckedBefore(Reclaim):
    """Looks who needs a link in one transaction and removes it in the next, and no foreign key stands behind it."""

    def purge_in(
        self,
        connection: Connection,
        found: Sequence[Doomed],
        now: Milliseconds,
        closed: Collection[str] = (),
        *,
        spares_running: bool = True,
    ) -> Outcome:
        """Purge, and remove what foreign keys would have removed along."""
        outcome = super().purge_in(connection, found, now, closed, spares_running=spares_running)
        for table, owner in ((manifest_blobs, "manifest"), (manifest_children, "parent")):
            owned = (manifests.c.repo_id == table.c.repo_id, manifests.c.digest == table.c[owner])
            connection.execute(delete(table).where(~exists().where(*owned)))
        return outcome

    async def unlink(self) -> Outcome:
        """Look, then remove."""
        now = self._core.clock()
        unused = await self._core.database.write_locked(_unused, now)
        return await self._core.database.write_locked(_unlink_all, unused, now)


class LeaseIgnored(Reclaim):
    """Removes links that a push relies on."""

    @staticmethod
    def unlink_in(
        connection: Connection,
        now: Milliseconds,
        among: Collection[Digest] | None = None,
        closed: Collection[str] = (),
    ) -> Outcome:
        """Queue every link that no manifest uses, and end its lease."""
        digests = list(connection.execute(select(repo_blobs.c.digest).distinct()).scalars())
        unused = promised.idle_links(connection, digests, Milliseconds(2**62))
        for link in unused:
            is_it = (repo_blobs.c.repo_id == link.repo_id, repo_blobs.c.digest == link.digest)
            connection.execute(update(repo_blobs).where(*is_it).values(lease_until=now))
        collection_queue.enqueue(connection, "link", unused, now)
        return Reclaim.unlink_in(connection, now, among, closed)


async def put_under_digest(running: RunningCore, content: bytes, name: RepositoryName) -> None:
    """Push a blob to a key that is made of its digest, and so is used again and again."""
    digest, core = digest_of(content), running.core
    key = object_key(Ulid(f"0{digest[7:32].upper()}"))
    if await running.storage.size(key) is None:
        # Somebody else may be at it, or have been faster.
        with suppress(StorageError):
            writer = await running.storage.create(key)
            await writer.write(content)
            await writer.commit()

    def record(connection: Connection) -> None:
        """Take the key back from a tombstone if need be."""
        live = connection.execute(select(objects.c.object_key).where(objects.c.object_key == key)).first()
        connection.execute(delete(tombstones).where(tombstones.c.object_key == key))
        repository = repositories.ensure(connection, name, core.default_store, core.clock())
        if live is None:
            commit_blob.record(
                core,
                connection,
                EVERYBODY,
                repository,
                StoredBlob(digest, len(content), core.default_store, key, len(content)),
            )
        else:
            commit_blob.attach(core, connection, EVERYBODY, repository, (digest, len(content)))

    await core.database.write(record)


ORDERS: dict[str, type[Reclaim]] = {
    "bytes-before-rows": BytesBeforeRows,
    "checked-before": CheckedBefore,
    "lease-ignored": LeaseIgnored,
    "digest-keys": Reclaim,
}
WITHOUT_FOREIGN_KEYS = frozenset({"checked-before"})


def _unlinked(connection: Connection, now: Milliseconds) -> list[ObjectKey]:
    digests = [
        each.digest for each in collection_queue.take(connection, "blob", now, ROWS_PER_STEP[connection.dialect.name])
    ]
    free = [digest for digest in digests if reclaim.holder_of_blob(connection, digest, now) is None]
    return list(connection.execute(select(objects.c.object_key).where(objects.c.digest.in_(free))).scalars())


def _unused(connection: Connection, now: Milliseconds) -> list[Queued]:
    unused: list[Queued] = []
    queue = tables.collection_queue
    links = select(queue.c.repo_id, queue.c.digest, queue.c.reason).where(queue.c.kind == "link")
    for row in connection.execute(links):
        link = reclaim.lock_link(connection, row.repo_id, row.digest)
        if link and reclaim.holder_of_link(connection, row.repo_id, row.digest, link, now) is None:
            unused.append(Queued(row.repo_id, row.digest, Reason(row.reason)))
    return unused


def _unlink_all(connection: Connection, unused: Sequence[Queued], now: Milliseconds) -> Outcome:
    for each in unused:
        reclaim.unlink(connection, each.repo_id, each.digest)
        collection_queue.forget(connection, "link", each)
        collection_queue.enqueue(connection, "blob", [Queued(collection_queue.NOWHERE, each.digest, each.reason)], now)
    return Outcome(looked_at=len(unused), links=len(unused))
