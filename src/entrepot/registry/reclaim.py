# SPDX-License-Identifier: Apache-2.0
"""Giving space back while everybody pushes: the steps of collection, each one short transaction.

Manifests leave the bin when their time is over; links go that no manifest uses
and no lease protects; blobs go that no repository links; the bytes of their
objects go last, under keys that no row can ever name again. A step that is
interrupted anywhere, or done by several nodes at once, is done again and comes
to the same. See docs/explanation/collection.md.
"""

import asyncio
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

import structlog
from sqlalchemy import Connection

from entrepot.infra.storage.interface import ObjectKey
from entrepot.kernel.access import internal
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.errors import AppError
from entrepot.oci.digest import Digest
from entrepot.oci.reference import namespace_of
from entrepot.registry.core import Caller
from entrepot.registry.core import Core
from entrepot.registry.core import publish
from entrepot.registry.events import Cause
from entrepot.registry.events import Event
from entrepot.registry.events import EventType
from entrepot.registry.keeping import told_of_hold
from entrepot.registry.keeping import told_of_pin
from entrepot.registry.store import backups
from entrepot.registry.store import collection_figures
from entrepot.registry.store import collection_marks
from entrepot.registry.store import collection_queue
from entrepot.registry.store import holds
from entrepot.registry.store import in_use
from entrepot.registry.store import placed_holds
from entrepot.registry.store import reclaim
from entrepot.registry.store import repositories
from entrepot.registry.store import tombstones
from entrepot.registry.store import usage
from entrepot.registry.store.collection_queue import Queued
from entrepot.registry.store.reclaim import Doomed
from entrepot.registry.store.reclaim import Held
from entrepot.registry.store.reclaim import Holder
from entrepot.registry.store.reclaim import LeasedLink
from entrepot.registry.store.tombstones import Claimed
from entrepot.registry.store.tombstones import DeadObject
from entrepot.registry.store.tombstones import Reason
from entrepot.registry.store.usage import Delta
from entrepot.registry.store.usage import UsageKind

ROWS_PER_STEP = {"sqlite": 2, "postgresql": 20}
LEASES_PER_STEP = {"sqlite": 25, "postgresql": 200}
"""How many rows a transaction looks at: few on SQLite, where every other writer waits for it, half a millisecond."""

DOOMED_AT_ONCE = 20
OBJECTS_PER_CLAIM, OBJECTS_AT_ONCE = 64, 32
GIVEN_UP_MS = 15 * MINUTE_MS
"""Whoever claimed an object and has not deleted it by then is dead."""

SETTLED_MS = 5 * MINUTE_MS
"""A lease that ended so long ago is seen by everybody: no transaction that was to prolong it is still on its way."""

LOOK_AGAIN_MS = DAY_MS
FORGOTTEN_MS = 30 * DAY_MS
"""So long a backup that has ended is known still."""

LEASES = "leases"
COLLECTOR = Caller(internal("collector"), cause=Cause.COLLECTOR)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """Content that somebody wanted to be gone, and what keeps it."""

    digest: Digest
    size: int
    held: Held


@dataclass(slots=True)
class Outcome:
    """What steps did: `looked_at` rows, removed so much, made objects dead, kept the rest."""

    looked_at: int = 0
    manifests: int = 0
    links: int = 0
    blobs: int = 0
    dead: list[DeadObject] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        """Count what another step did."""
        self.looked_at += other.looked_at
        self.manifests += other.manifests
        self.links += other.links
        self.blobs += other.blobs
        self.dead += other.dead
        self.kept += other.kept


@dataclass(frozen=True, slots=True)
class Deleted:
    """Objects whose bytes are gone, and how many could not be deleted, with one of the reasons."""

    objects: list[DeadObject]
    failures: int = 0
    error: str = ""


class Reclaim:
    """The steps of collection. `grace_ms` is how long bytes stay after the last row that told of them has gone.

    Projects whose mode forbids it lose nothing; whether the registry as a whole may is the caller's to ask.
    """

    def __init__(self, core: Core, grace_ms: Callable[[], int]) -> None:
        self._core = core
        self._grace_ms = grace_ms

    async def purge(self, after_doomed: Doomed | None) -> tuple[Outcome, Doomed | None]:
        """Remove manifests that can no longer be restored; return where to go on, None at the end."""
        now, database = self._core.clock(), self._core.database
        found = await database.survey(reclaim.doomed, now, after_doomed, DOOMED_AT_ONCE)
        if not found:
            return Outcome(), None
        closed = await self._core.modes.closed_to_collection()
        outcome, rows = Outcome(), ROWS_PER_STEP[database.engine_name]
        for start in range(0, len(found), rows):
            outcome.add(await database.write_locked(self.purge_in, found[start : start + rows], now, closed))
        self._core.wake_listeners()
        return outcome, found[-1]

    async def find_unused(self) -> int:
        """Queue links whose lease has ended unused; return how many leases were looked at. Goes on where it stopped."""
        return await self._core.database.write_locked(self.find_unused_in, self._core.clock())

    async def unlink(self) -> Outcome:
        """Remove queued links that nothing needs."""
        closed = await self._core.modes.closed_to_collection()
        return await self._core.database.write_locked(self.unlink_in, self._core.clock(), closed=closed)

    async def remove_blobs(self) -> Outcome:
        """Remove queued blobs that no repository links; their objects are dead from then on."""
        now = self._core.clock()
        return await self._core.database.write_locked(self.remove_blobs_in, now, after(now, self._grace_ms()))

    async def delete_objects(self, keys: Collection[ObjectKey] | None = None) -> Deleted:
        """Delete the bytes of dead objects whose time has come, those of `keys` only if given."""
        database, stores = self._core.database, self._core.stores
        now = self._core.clock()
        given_up = after(now, -GIVEN_UP_MS)
        claimed = Claimed([], held_back=1)
        while claimed.held_back and not claimed.objects:
            claimed = await database.write_locked(
                tombstones.claim, now, given_up, list(stores), OBJECTS_PER_CLAIM, keys
            )
        gone: list[DeadObject] = []
        errors: list[AppError] = []
        slots = asyncio.Semaphore(OBJECTS_AT_ONCE)

        async def delete(dead: DeadObject) -> None:
            """Delete one of them."""
            async with slots:
                try:
                    await stores[dead.store_id].delete(dead.object_key)
                except AppError as error:
                    errors.append(error)
                else:
                    gone.append(dead)

        await asyncio.gather(*map(delete, claimed.objects))
        if gone:
            await database.write_locked(_forget_objects, gone)
        if errors:
            log.warning("collection.bytes_not_deleted", count=len(errors), error=str(errors[0]))
        return Deleted(gone, len(errors), str(errors[0]) if errors else "")

    async def release(self) -> int:
        """End backups whose time is over, and let go of some objects that stayed for those; return of how many.

        Forgets backups that ended long ago.
        """
        return await self._core.database.write_locked(_release, self._core.clock())

    async def drop_ended_holds(self) -> int:
        """Forget holds that have ended; return how many."""
        return await self._core.database.write_locked(_drop_ended_holds, self._core.clock())

    def purge_in(
        self,
        connection: Connection,
        found: Sequence[Doomed],
        now: Milliseconds,
        closed: Collection[str] = (),
        *,
        spares_running: bool = True,
    ) -> Outcome:
        """Remove those of the manifests `found` that nothing needs, and queue what they held.

        Nothing of the projects `closed`; and what a cluster runs only if that is not to be spared.
        """
        outcome = Outcome(looked_at=len(found))
        queued: list[Queued] = []
        purged: list[Doomed] = []
        repositories.let_purge(connection, {manifest.repo_id for manifest in found})
        for manifest in found:
            if namespace_of(manifest.repository) in closed:
                continue
            if not reclaim.lock_doomed(connection, manifest, now):
                continue
            held = _placed(connection, manifest, now, spares_running=spares_running)
            held = held or reclaim.holder_of_manifest(connection, manifest, now)
            if held is not None:
                outcome.kept.append(Kept(manifest.digest, manifest.size, held))
                continue
            links = reclaim.purge(connection, manifest)
            queued += [Queued(manifest.repo_id, digest, Reason.PURGED) for digest in links]
            purged.append(manifest)
        collection_queue.enqueue(connection, "link", queued, now)
        usage.add(connection, map(_taken, purged), now)
        publish(connection, map(self._purged, purged))
        outcome.manifests = len(purged)
        return outcome

    def _purged(self, manifest: Doomed) -> Event:
        return self._core.event(
            EventType.MANIFEST_PURGED, COLLECTOR, manifest.repository, digest=manifest.digest, size=manifest.size
        )

    @staticmethod
    def unlink_in(
        connection: Connection,
        now: Milliseconds,
        among: Collection[Digest] | None = None,
        closed: Collection[str] = (),
    ) -> Outcome:
        """Remove queued links, those to `among` only if given, that nothing needs; none of the projects `closed`."""
        outcome = Outcome()
        gone: list[Delta] = []
        orphaned: list[Queued] = []
        for queued in _taken_from(connection, "link", now, among):
            outcome.looked_at += 1
            link = reclaim.lock_link(connection, queued.repo_id, queued.digest)
            if link is None:
                collection_queue.forget(connection, "link", queued)
                continue
            if namespace_of(link.repository) in closed:
                collection_queue.postpone(connection, "link", queued, after(now, MINUTE_MS))
                continue
            held = reclaim.holder_of_link(connection, queued.repo_id, queued.digest, link, now)
            _settle(connection, "link", queued, held, now)
            if held is not None:
                outcome.kept.append(Kept(queued.digest, link.size, held))
                continue
            reclaim.unlink(connection, queued.repo_id, queued.digest)
            gone.append(Delta(UsageKind.BLOB, link.repository, queued.repo_id, queued.digest, -link.size, -1))
            orphaned.append(Queued(collection_queue.NOWHERE, queued.digest, queued.reason))
        usage.add(connection, gone, now)
        collection_queue.enqueue(connection, "blob", orphaned, now)
        outcome.links = len(gone)
        return outcome

    @staticmethod
    def remove_blobs_in(
        connection: Connection,
        now: Milliseconds,
        delete_after: Milliseconds,
        among: Collection[Digest] | None = None,
    ) -> Outcome:
        """Remove queued blobs, those of `among` only if given, that nothing needs."""
        outcome = Outcome()
        for queued in _taken_from(connection, "blob", now, among):
            outcome.looked_at += 1
            size = reclaim.lock_blob(connection, queued.digest)
            if size is None:
                collection_queue.forget(connection, "blob", queued)
                continue
            held = reclaim.holder_of_blob(connection, queued.digest, now)
            _settle(connection, "blob", queued, held, now)
            if held is not None:
                outcome.kept.append(Kept(queued.digest, size, held))
                continue
            outcome.dead += reclaim.remove_blob(connection, queued.digest, queued.reason, delete_after)
            outcome.blobs += 1
        return outcome

    @staticmethod
    def find_unused_in(connection: Connection, now: Milliseconds) -> int:
        """Queue links whose lease has ended unused; return how many leases were looked at."""
        place = collection_marks.find(connection, LEASES, LeasedLink)
        ended = reclaim.ended_leases(
            connection, after(now, -SETTLED_MS), place, LEASES_PER_STEP[connection.dialect.name]
        )
        if ended:
            unused = [Queued(link.repo_id, link.digest, Reason.UNUSED) for link, is_used in ended if not is_used]
            collection_queue.enqueue(connection, "link", unused, now)
            collection_marks.set_place(connection, LEASES, ended[-1][0])
        return len(ended)


def _taken_from(connection: Connection, kind: str, now: Milliseconds, among: Collection[Digest] | None) -> list[Queued]:
    """Take a batch from the queue, or as much as was asked for: that is one transaction however much it is."""
    limit = ROWS_PER_STEP[connection.dialect.name] if among is None else len(among)
    return collection_queue.take(connection, kind, now, limit, among)


def _placed(connection: Connection, manifest: Doomed, now: Milliseconds, *, spares_running: bool) -> Held | None:
    """Return the hold that somebody placed on a manifest, else the cluster that runs it, if there is one."""
    asked = manifest.repo_id, [manifest.digest], now
    hold = holds.held(connection, *asked).get(manifest.digest)
    if hold is not None:
        return Held(Holder.HOLD, told_of_hold(hold))
    pin = holds.pinned(connection, *asked).get(manifest.digest) if spares_running else None
    return None if pin is None else Held(Holder.RUNNING, told_of_pin(pin))


def _drop_ended_holds(connection: Connection, now: Milliseconds) -> int:
    limit = LEASES_PER_STEP[connection.dialect.name]
    ended = after(now, -FORGOTTEN_MS)
    dropped = reclaim.drop_ended_holds(connection, now, limit) + placed_holds.drop_ended(connection, ended, limit)
    return dropped + in_use.drop_ended(connection, ended, limit)


def _release(connection: Connection, now: Milliseconds) -> int:
    backups.end_expired(connection, now)
    known, limit = backups.holding(connection), LEASES_PER_STEP[connection.dialect.name]
    for ended in backups.ended(connection):
        if looked_at := tombstones.release(connection, ended, known, limit):
            return looked_at
    backups.drop_ended(connection, after(now, -FORGOTTEN_MS))
    return 0


def _taken(manifest: Doomed) -> Delta:
    return Delta(UsageKind.MANIFEST, manifest.repository, manifest.repo_id, manifest.digest, -manifest.size, -1)


def _forget_objects(connection: Connection, gone: Sequence[DeadObject]) -> None:
    """Take objects off the list whose bytes are gone, and count them."""
    tombstones.drop(connection, [each.object_key for each in gone])
    collection_figures.count_deleted(connection, gone)


def _settle(connection: Connection, kind: str, queued: Queued, held: Held | None, now: Milliseconds) -> None:
    """Take something from the queue, or leave it there for when a hold may have ended.

    Whatever else holds it queues it anew when that ends: a manifest when it is purged, the last link
    when it goes, and the ends of leases are found by `Reclaim.find_unused`.
    """
    if held is not None and held.by is Holder.HOLD:
        collection_queue.postpone(connection, kind, queued, after(now, LOOK_AGAIN_MS))
    else:
        collection_queue.forget(connection, kind, queued)
