# SPDX-License-Identifier: Apache-2.0
"""What deleting an artifact would free, to the byte, and freeing it at once.

A promise is a rehearsal: the deletion, the end of its undelete window and the
collection of what it held are done in one transaction, which is then undone. So
what it says is what happens, unless somebody pushes or deletes in between.
"""

from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import NoReturn

from sqlalchemy import Connection

from entrepot.infra.storage.interface import ObjectKey
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.errors import AppError
from entrepot.oci.digest import Digest
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.core import Caller
from entrepot.registry.core import Core
from entrepot.registry.core import lock_repository
from entrepot.registry.core import publish
from entrepot.registry.delete import Delete
from entrepot.registry.events import EventType
from entrepot.registry.keeping import UnderHold
from entrepot.registry.keeping import require_unheld
from entrepot.registry.keeping import told_of_hold
from entrepot.registry.reclaim import OBJECTS_PER_CLAIM
from entrepot.registry.reclaim import Kept
from entrepot.registry.reclaim import Outcome
from entrepot.registry.reclaim import Reclaim
from entrepot.registry.store import backups
from entrepot.registry.store import collection_queue
from entrepot.registry.store import manifests
from entrepot.registry.store import promise as promised
from entrepot.registry.store import reclaim
from entrepot.registry.store import recycle_bin
from entrepot.registry.store.backups import Backup
from entrepot.registry.store.backups import BackupId
from entrepot.registry.store.backups import HeldBack
from entrepot.registry.store.reclaim import Doomed
from entrepot.registry.store.reclaim import Held
from entrepot.registry.store.reclaim import Holder
from entrepot.registry.store.repositories import Repository
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.store.tombstones import DeadObject
from entrepot.registry.store.tombstones import Reason
from entrepot.registry.tag_gates import Asked
from entrepot.registry.tag_gates import Seen
from entrepot.registry.tag_gates import once_agreed

MAX_BLOBS = 5_000
"""More are not rehearsed while others wait: on SQLite a rehearsal holds up every other writer."""

_Place = tuple[RepositoryId, Digest]


class TooLarge(AppError):
    """So much is not rehearsed while others wait."""

    code = "closure_too_large"
    status = 413
    default_hint = "Deleting it works; entrepot garbage status tells what waits to be freed then."


@dataclass(frozen=True, slots=True)
class Promise:
    """What goes with an artifact, and what does not.

    `freed_bytes` are those of `objects` as the store lists them; they go at `bytes_gone_after`, and until
    `restorable_until` everything comes back. `kept` is what the artifact held and something else needs.
    `held_back` are objects that go later, because backups name them: none of those is among `objects`.
    """

    tags: Sequence[TagName]
    digests: Sequence[Digest]
    objects: int
    freed_bytes: int
    restorable_until: Milliseconds
    bytes_gone_after: Milliseconds
    kept: Sequence[Kept]
    held_back: Sequence[HeldBack] = ()


class _Rehearsed(Exception):
    """Undoes the transaction of a rehearsal and carries out what it found."""

    def __init__(self, promise: Promise) -> None:
        self.promise = promise


class Promises:
    """The use cases behind previews and `--free-now`."""

    def __init__(self, core: Core, delete: Delete, steps: Reclaim, grace_ms: Callable[[], int]) -> None:
        self._core = core
        self._delete = delete
        self._steps = steps
        self._grace_ms = grace_ms

    async def preview(
        self, caller: Caller, repository: RepositoryName, digest: Digest, *, max_blobs: int = MAX_BLOBS
    ) -> Promise:
        """Tell what deleting an artifact would free, or has freed if it is in the bin. Changes nothing.

        Where a hold forbids it, that is nothing, and what the hold keeps is told.
        Raises `NameUnknown`, `ManifestUnknown` and `TooLarge`.
        """

        def rehearse(connection: Connection) -> NoReturn:
            """Do it, and undo it."""
            try:
                promise, _ = self._do(connection, caller, (repository, digest), _Manner(max_blobs))
            except UnderHold as refused:
                promise = self._nothing(connection, repository, refused)
            raise _Rehearsed(promise)

        try:
            await self._core.database.write_locked(rehearse)
        except _Rehearsed as rehearsed:
            return rehearsed.promise
        raise AssertionError("a rehearsal ends with what it found")

    async def free_now(
        self,
        caller: Caller,
        repository: RepositoryName,
        digest: Digest,
        require: Callable[[Connection], None] | None = None,
    ) -> Promise:
        """Delete an artifact for good: no undelete window, no leases of its repository, no grace.

        Its bytes are gone when this returns, but for what the storage keeps for now, which the collector deletes,
        and for what a backup names that is kept (`Promise.held_back`), which goes when that has ended.
        What other artifacts, repositories and holds need stays, as ever; what a cluster runs does not. A push that
        relies on the lease of such a blob is told that the blob is unknown, and sends it again. A copy of the
        database of before that is no backup of these names bytes that are gone. `require` is asked in the same
        transaction, and what it raises is raised.
        Raises as `preview` does, `RefusedByMode`, and `Denied` from a gate, or for a hold.
        """
        await self._core.modes.require_deleting(repository)

        async def ask() -> Asked:
            """Ask the gates."""
            return await self._delete.ask_about(caller, repository, digest)

        async def commit(seen: Seen | None) -> tuple[Promise, list[ObjectKey]]:
            """Do it, while it is what the gates were asked about."""
            closed = await self._core.modes.closed_to_collection()
            manner = _Manner(MAX_BLOBS, is_now=True, closed=closed, seen=seen)

            def do(connection: Connection) -> tuple[Promise, list[ObjectKey]]:
                """Ask, and do it."""
                if require is not None:
                    require(connection)
                return self._do(connection, caller, (repository, digest), manner)

            return await self._core.database.write_locked(do)

        (promise, dead), _ = await once_agreed(ask, commit)
        self._core.last_answers.forget(repository, [*promise.tags, *promise.digests])
        self._core.wake_listeners()
        for start in range(0, len(dead), OBJECTS_PER_CLAIM):
            await self._steps.delete_objects(dead[start : start + OBJECTS_PER_CLAIM])
        return promise

    def _do(
        self,
        connection: Connection,
        caller: Caller,
        artifact: tuple[RepositoryName, Digest],
        manner: "_Manner",
    ) -> tuple[Promise, list[ObjectKey]]:
        """Delete an artifact unless it is in the bin, let its time be over, and collect what it held."""
        name, digest = artifact
        repository, now = lock_repository(connection, name), self._core.clock()
        tags = self._throw(connection, caller, (repository, digest), manner.seen)
        binned = manifests.existing(connection, repository.id, [digest])[digest]
        together = recycle_bin.thrown_together(connection, repository.id, binned.deletion_id or "") or [digest]
        if manner.is_now:
            require_unheld(connection, repository, together, now)
        until = now if manner.is_now else binned.purge_after or now
        window = recycle_bin.SEALED if manner.is_now else until
        sizes = recycle_bin.end_window(connection, repository.id, together, window)
        doomed = [Doomed(until, repository.id, each, size, repository.name) for each, size in sizes.items()]
        if manner.is_now:
            promised.give_up_history(connection, repository.id, together)
            promised.end_leases(
                connection, repository.id, reclaim.links_of_all(connection, repository.id, together), now
            )
        gone_after = until if manner.is_now else after(until, self._grace_ms())
        outcome = self._collect(connection, doomed, (until, gone_after), manner)
        free, held_back = _told_apart(outcome.dead, backups.holding(connection))
        promise = Promise(
            tags=tags,
            digests=together,
            objects=len(free),
            freed_bytes=sum(each.size for each in free),
            restorable_until=until,
            bytes_gone_after=gone_after,
            kept=outcome.kept,
            held_back=held_back,
        )
        if manner.is_now:
            freed = self._core.event(EventType.MANIFEST_FREED, caller, name, digest=digest, size=promise.freed_bytes)
            publish(connection, [freed])
        return promise, [each.object_key for each in outcome.dead]

    def _throw(
        self, connection: Connection, caller: Caller, artifact: tuple[Repository, Digest], seen: Seen | None
    ) -> list[TagName]:
        repository, digest = artifact
        known = manifests.lock(connection, repository.id, digest)
        if known is None:
            raise ManifestUnknown(detail={"digest": digest})
        if known.is_deleted:
            return []
        return self._delete.manifest_in(connection, caller, repository.name, digest, seen=seen).tags

    def _nothing(self, connection: Connection, name: RepositoryName, refused: UnderHold) -> Promise:
        """Return the promise of what a hold forbids."""
        now, held = self._core.clock(), Held(Holder.HOLD, told_of_hold(refused.hold))
        size = promised.size_of(connection, lock_repository(connection, name).id, refused.digest)
        kept = Kept(refused.digest, size, held)
        return Promise([], [], 0, 0, restorable_until=now, bytes_gone_after=now, kept=[kept])

    def _collect(
        self,
        connection: Connection,
        doomed: Sequence[Doomed],
        moments: tuple[Milliseconds, Milliseconds],
        manner: "_Manner",
    ) -> Outcome:
        """Do the steps of collection for these alone, as they will be done when their time has come.

        What is over by then and only waits for them, in the bin or in the queue, goes with them.
        """
        until, gone_after = moments
        family = _with_relatives(connection, _by_place(doomed), promised.waiting_children, until)
        held = _blobs_of(connection, family)
        if len(held) > manner.max_blobs:
            raise TooLarge(f"deleting this would free up to {len(held)} blobs")
        users = _by_place(promised.waiting_users(connection, held, until)) | family
        others = _with_relatives(connection, users, promised.waiting_parents, until)
        kept = self._purge(connection, others, until, manner)
        outcome = Outcome(kept=[each for place, each in kept.items() if place in family])
        collection_queue.enqueue(connection, "link", promised.idle_links(connection, held, until), until)
        while (step := self._steps.unlink_in(connection, until, held, manner.closed)).looked_at:
            outcome.add(step)
        while (step := self._steps.remove_blobs_in(connection, until, gone_after, held)).looked_at:
            outcome.add(step)
        return outcome

    def _purge(
        self,
        connection: Connection,
        doomed: Mapping[_Place, Doomed],
        until: Milliseconds,
        manner: "_Manner",
    ) -> dict[_Place, Kept]:
        """Purge all that can be: an index has to go before its children can. Return what stays."""
        closed, spares = manner.closed, not manner.is_now
        kept: dict[_Place, Kept] = {}
        remaining = list(doomed)
        while remaining:
            steps = {
                place: self._steps.purge_in(connection, [doomed[place]], until, closed, spares_running=spares)
                for place in remaining
            }
            kept = {place: step.kept[0] for place, step in steps.items() if step.kept}
            if len(kept) == len(remaining):
                break
            remaining = list(kept)
        return kept


@dataclass(frozen=True, slots=True)
class _Manner:
    """How an artifact goes: not at all if it holds more blobs, and nothing of the projects `closed` with it."""

    max_blobs: int
    is_now: bool = False
    closed: Collection[str] = ()
    seen: Seen | None = None
    """What gates were asked about; None for a rehearsal."""


def _told_apart(dead: Iterable[DeadObject], known: Sequence[Backup]) -> tuple[list[DeadObject], list[HeldBack]]:
    """Return the objects whose bytes go with nothing in their way, and by backup how much stays for it."""
    free: list[DeadObject] = []
    held: dict[BackupId, HeldBack] = {}
    for each in dead:
        if each.reason is Reason.DAMAGED:
            continue
        backup = backups.last_holder(known, each.since)
        if backup is None:
            free.append(each)
            continue
        before = held.get(backup.id, HeldBack(backup.name, backup.expires_at, 0, 0))
        held[backup.id] = replace(before, objects=before.objects + 1, bytes=before.bytes + each.size)
    return free, list(held.values())


def _with_relatives(
    connection: Connection,
    doomed: Mapping[_Place, Doomed],
    relatives: Callable[[Connection, RepositoryId, Collection[Digest], Milliseconds], list[Doomed]],
    until: Milliseconds,
) -> dict[_Place, Doomed]:
    """Add their relatives, and those of these."""
    found, new = dict(doomed), dict(doomed)
    while new:
        near: list[Doomed] = []
        for repo_id, digests in _by_repository(new).items():
            near += relatives(connection, repo_id, digests, until)
        new = {place: each for place, each in _by_place(near).items() if place not in found}
        found |= new
    return found


def _blobs_of(connection: Connection, doomed: Iterable[_Place]) -> set[Digest]:
    held: set[Digest] = set()
    for repo_id, digests in _by_repository(doomed).items():
        held |= reclaim.links_of_all(connection, repo_id, digests)
    return held


def _by_place(doomed: Iterable[Doomed]) -> dict[_Place, Doomed]:
    return {(each.repo_id, each.digest): each for each in doomed}


def _by_repository(places: Iterable[_Place]) -> dict[RepositoryId, list[Digest]]:
    by_repository: dict[RepositoryId, list[Digest]] = {}
    for repo_id, digest in places:
        by_repository.setdefault(repo_id, []).append(digest)
    return by_repository
