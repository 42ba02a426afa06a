# SPDX-License-Identifier: Apache-2.0
"""Deleting tags, manifests and blobs: never what something else still needs.

A deleted manifest goes to the bin with its referrers, stays there for the
undelete window and takes nothing with it that another tag, index or referrer
needs. Bytes are freed by the collector, never here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

from sqlalchemy import Connection

from entrepot.kernel.access import EVERY_TAG
from entrepot.kernel.access import Action
from entrepot.kernel.access import TagReach
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from entrepot.oci.digest import Digest
from entrepot.oci.digest import is_ordinary_tag
from entrepot.oci.digest import referrers_tag
from entrepot.oci.digest import subject_of_fallback_tag
from entrepot.oci.errors import BlobUnknown
from entrepot.oci.errors import Denied
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.errors import Unsupported
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.core import Caller
from entrepot.registry.core import Core
from entrepot.registry.core import lock_repository
from entrepot.registry.core import publish
from entrepot.registry.events import Event
from entrepot.registry.events import EventType
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.keeping import require_evidence
from entrepot.registry.keeping import require_unheld
from entrepot.registry.keeping import still_runs
from entrepot.registry.store import blobs
from entrepot.registry.store import manifests
from entrepot.registry.store import recycle_bin
from entrepot.registry.store import repositories
from entrepot.registry.store import tags
from entrepot.registry.store.repositories import Repository
from entrepot.registry.store.tags import Change
from entrepot.registry.tag_gates import Asked
from entrepot.registry.tag_gates import Seen
from entrepot.registry.tag_gates import joined
from entrepot.registry.tag_gates import once_agreed
from entrepot.registry.tag_gates import require_all_seen
from entrepot.registry.tag_gates import require_seen


@dataclass(frozen=True, slots=True)
class Deleted:
    """What was deleted: tags, and manifests, the one that was asked for first; and what the gates warned of."""

    tags: list[TagName]
    digests: list[Digest]
    restorable_until: Milliseconds
    warnings: list[str]


Require = Callable[[Connection], None]
"""Looks, once others wait who would change the repository, whether something may be deleted; raises where not."""


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a deletion may go: the tags that may go along, and whether parts of an index go that nothing needs."""

    reach: TagReach = EVERY_TAG
    with_parts: bool = False


WITHOUT_PARTS = Extent()


@dataclass(slots=True)
class _Deletion:
    """One deletion while it spreads from a subject to its referrers."""

    repository: Repository
    change: Change
    events: list[Event] = field(default_factory=list)

    def done(self) -> Deleted:
        """Tell what came of it."""
        return Deleted(
            tags=[TagName(event.tag) for event in self.events if event.tag is not None],
            digests=[each.digest for each in self.events if each.tag is None and each.digest is not None],
            restorable_until=self.change.restorable_until,
            warnings=[],
        )


class Delete:
    """The deleting use cases. Each raises `RefusedByMode` too."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def tag(
        self, caller: Caller, repository: RepositoryName, tag: TagName, require: Require | None = None
    ) -> Deleted:
        """Delete a tag and nothing else (end-9), if `require` agrees in the transaction that does it.

        Raises `ManifestUnknown`, `Denied` from a gate, and what `require` does.
        """
        await self._core.modes.require_deleting(repository)

        async def ask() -> Asked:
            """Ask the gates."""
            return await self._ask(caller, repository, tag)

        async def commit(seen: Seen | None) -> Deleted:
            """Delete it."""
            return await self._core.database.write_locked(self._delete_tag, caller, repository, tag, seen, require)

        deleted, asked = await once_agreed(ask, commit)
        self._core.last_answers.forget(repository, [tag])
        self._core.wake_listeners()
        return replace(deleted, warnings=asked.warnings)

    async def manifest(
        self,
        caller: Caller,
        repository: RepositoryName,
        digest: Digest,
        reach: TagReach = EVERY_TAG,
        require: Require | None = None,
        *,
        with_parts: bool = False,
    ) -> Deleted:
        """Put a manifest, its tags and its referrers into the bin (end-9).

        `with_parts` takes along what only this index holds: manifests without a tag. A referrer that went with its
        subject may be deleted once more: whoever deletes a list of manifests that names both is not told off. Raises
        `ManifestUnknown`, `Denied` when a tag would go that is not within `reach`, and what `require` does in the
        transaction.
        """
        await self._core.modes.require_deleting(repository)

        def throw(connection: Connection, seen: Seen | None) -> Deleted:
            """Put it into the bin, if it may."""
            if require is not None:
                lock_repository(connection, repository)
                require(connection)
            return self.manifest_in(connection, caller, repository, digest, Extent(reach, with_parts), seen)

        async def ask() -> Asked:
            """Ask the gates."""
            return await self.ask_about(caller, repository, digest)

        async def commit(seen: Seen | None) -> Deleted:
            """Put it into the bin."""
            return await self._core.database.write_locked(throw, seen)

        deleted, asked = await once_agreed(ask, commit)
        self._core.last_answers.forget(repository, [*deleted.tags, *deleted.digests])
        self._core.wake_listeners()
        return replace(deleted, warnings=[*asked.warnings, *deleted.warnings])

    async def ask_about(self, caller: Caller, repository: RepositoryName, digest: Digest) -> Asked:
        """Ask the gates about a manifest and every tag that would go along. Raises `Denied`."""
        about = GateContext(
            Operation.MANIFEST_DELETE, caller.principal, repository, digest=digest, address=caller.address
        )
        warnings = await self._core.gates.check(about)
        if not self._core.gates.watches(Operation.TAG_DELETE):
            return Asked(warnings, None)
        names = await self._core.database.snapshot(_tags_of, repository, digest)
        return joined([Asked(warnings, {}), *[await self._ask(caller, repository, tag, digest) for tag in names]])

    async def blob(self, caller: Caller, repository: RepositoryName, digest: Digest) -> None:
        """Take a blob out of the repository (end-10); it stays everywhere else.

        Raises `BlobUnknown`, and `Unsupported` naming a manifest that still needs it.
        """
        await self._core.modes.require_deleting(repository)
        await self._core.database.write_locked(self._delete_blob, caller, repository, digest)
        self._core.last_answers.forget(repository, [digest])
        self._core.wake_listeners()

    async def _ask(
        self, caller: Caller, repository: RepositoryName, tag: TagName, along: Digest | None = None
    ) -> Asked:
        """Ask about deleting a tag, along with a manifest if that is what was asked for."""
        if not self._core.gates.watches(Operation.TAG_DELETE):
            return Asked([], None)
        current = await self._core.database.read(manifests.by_tag, repository, tag)
        previous = current.digest if current else None
        context = GateContext(
            Operation.TAG_DELETE,
            caller.principal,
            repository,
            digest=along,
            tag=tag,
            previous_digest=previous,
            address=caller.address,
        )
        return Asked(await self._core.gates.check(context), {tag: previous})

    def _delete_tag(
        self,
        connection: Connection,
        caller: Caller,
        name: RepositoryName,
        tag: TagName,
        seen: Seen | None,
        require: Require | None,
    ) -> Deleted:
        repository = lock_repository(connection, name)
        if require is not None:
            require(connection)
        change = self._core.change(caller, self._core.clock(), repository)
        require_evidence(connection, repository, tag, change.now)
        move = tags.move(connection, repository.id, tag, None, change)
        if move is None:
            raise ManifestUnknown(detail={"tag": tag})
        require_seen(move, seen)
        publish(connection, [self._core.move_event(caller, name, move)])
        return Deleted([tag], [], change.restorable_until, [])

    def manifest_in(
        self,
        connection: Connection,
        caller: Caller,
        name: RepositoryName,
        digest: Digest,
        extent: Extent = WITHOUT_PARTS,
        seen: Seen | None = None,
    ) -> Deleted:
        """Do what `manifest` does, in the caller's transaction, without asking the gates.

        Raises `TagsMoved` where another tag goes along than gates have seen; None if nobody asked them.
        """
        repository = lock_repository(connection, name)
        deletion = _Deletion(repository, self._core.change(caller, self._core.clock(), repository, new_ulid()))
        if not self._throw(connection, caller, deletion, digest):
            if recycle_bin.holds_referrer(connection, repository.id, digest):
                return deletion.done()
            raise ManifestUnknown(detail={"digest": digest})
        subjects, along = [digest], set[Digest]()
        while subjects:
            for subject in subjects:
                along.update(self._delete_derived_tags(connection, caller, deletion, subject))
                along.update(recycle_bin.live_referrers(connection, repository.id, subject))
                if extent.with_parts:
                    along.update(recycle_bin.live_parts(connection, repository.id, subject))
            # Every round asks again about what was spared: its parent or its tag may have gone by now.
            subjects = [each for each in sorted(along) if not self._is_needed(connection, repository, each)]
            along.difference_update(subjects)
            for each in subjects:
                self._throw(connection, caller, deletion, each)
        deleted = replace(deletion.done(), warnings=still_runs(connection, repository, digest, deletion.change.now))
        _require_reach(caller, name, deleted, extent.reach)
        require_all_seen(deleted.tags, seen)
        publish(connection, deletion.events)
        return deleted

    def _throw(self, connection: Connection, caller: Caller, deletion: _Deletion, digest: Digest) -> bool:
        """Put one manifest and the tags on it into the bin; tell whether it was there."""
        repository = deletion.repository
        is_thrown = recycle_bin.throw(connection, repository.id, digest, deletion.change)
        if is_thrown:
            require_unheld(connection, repository, [digest], deletion.change.now)
            for tag in tags.pointing_at(connection, repository.id, digest):
                self._delete_one_tag(connection, caller, deletion, tag.name)
            deletion.events.append(self._core.event(EventType.MANIFEST_DELETED, caller, repository.name, digest=digest))
        return is_thrown

    def _delete_derived_tags(
        self, connection: Connection, caller: Caller, deletion: _Deletion, subject: Digest
    ) -> list[Digest]:
        """Delete what old clients keep beside a subject: `sha256-<hex>` and `sha256-<hex>.sig`, `.att`, `.sbom`.

        Returns the manifests that these tags pointed at.
        """
        repo_id = deletion.repository.id
        pointed_at: list[Digest] = []
        for tag in recycle_bin.tags_starting_with(connection, repo_id, referrers_tag(subject)):
            derived, found = subject_of_fallback_tag(tag), tags.find(connection, repo_id, tag)
            if derived is not None and derived.belongs_to(subject) and found is not None and found.digest is not None:
                self._delete_one_tag(connection, caller, deletion, tag)
                pointed_at.append(found.digest)
        return pointed_at

    def _delete_one_tag(self, connection: Connection, caller: Caller, deletion: _Deletion, tag: TagName) -> None:
        move = tags.move(connection, deletion.repository.id, tag, None, deletion.change)
        if move is not None:
            deletion.events.append(self._core.move_event(caller, deletion.repository.name, move))

    @staticmethod
    def _is_needed(connection: Connection, repository: Repository, digest: Digest) -> bool:
        """Tell whether a manifest is live for a reason of its own: a tag, or an index that holds it."""
        return bool(tags.pointing_at(connection, repository.id, digest)) or recycle_bin.has_live_parent(
            connection, repository.id, digest
        )

    def _delete_blob(self, connection: Connection, caller: Caller, name: RepositoryName, digest: Digest) -> None:
        repository = lock_repository(connection, name)
        blob = blobs.here(connection, repository.id, [digest]).get(digest)
        if blob is None:
            raise BlobUnknown(detail={"digest": digest})
        users = blobs.live_users(connection, repository.id, digest, 1)
        if users:
            raise Unsupported(
                f"the manifest {users[0]} needs this blob",
                hint=f"Delete {name}@{users[0]} first; its blobs are freed with it.",
                detail={"digest": digest, "manifest": users[0]},
            )
        blobs.hide(connection, repository.id, digest, self._core.clock())
        publish(connection, [self._core.event(EventType.BLOB_DELETED, caller, name, digest=digest, size=blob.size)])


def _require_reach(caller: Caller, name: RepositoryName, deleted: Deleted, reach: TagReach) -> None:
    """Do nothing if every tag that was deleted is within reach, and there was one unless all are. Raises `Denied`."""
    if reach.is_every:
        return
    chosen = [tag for tag in deleted.tags if is_ordinary_tag(tag)]
    beyond = next((tag for tag in chosen if not reach.covers(tag)), None)
    if beyond is not None or not chosen:
        what = f"the tag {beyond}, which would go along," if beyond else "what has no tag"
        raise Denied(
            f"{caller.principal.name} may not delete {what} in {name}",
            hint="Delete the tags that you may delete, one by one.",
            detail={"action": Action.DELETE.value, "repository": name} | ({"tag": beyond} if beyond else {}),
        )


def _tags_of(connection: Connection, name: RepositoryName, digest: Digest) -> list[TagName]:
    repository = repositories.find(connection, name)
    return [tag.name for tag in tags.pointing_at(connection, repository.id, digest)] if repository else []
