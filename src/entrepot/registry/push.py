# SPDX-License-Identifier: Apache-2.0
"""Pushing manifests: all that a manifest needs is checked and recorded in one transaction."""

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

import msgspec
from sqlalchemy import Connection

from entrepot.oci.descriptor import Descriptor
from entrepot.oci.digest import Digest
from entrepot.oci.errors import ManifestBlobUnknown
from entrepot.oci.manifest import Manifest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry import undelete
from entrepot.registry.core import Caller
from entrepot.registry.core import Core
from entrepot.registry.core import publish
from entrepot.registry.core import unique
from entrepot.registry.events import Event
from entrepot.registry.events import EventType
from entrepot.registry.hooks import GateContext
from entrepot.registry.hooks import Operation
from entrepot.registry.shield import finish_despite_cancellation
from entrepot.registry.store import blobs
from entrepot.registry.store import manifests
from entrepot.registry.store import repositories
from entrepot.registry.store import tags
from entrepot.registry.store import usage
from entrepot.registry.store.manifests import NewManifest
from entrepot.registry.store.repositories import Repository
from entrepot.registry.store.usage import Delta
from entrepot.registry.store.usage import UsageKind
from entrepot.registry.tag_gates import Asked
from entrepot.registry.tag_gates import Seen
from entrepot.registry.tag_gates import ask_about_tags
from entrepot.registry.tag_gates import once_agreed
from entrepot.registry.tag_gates import require_seen

MAX_NAMED_BLOBS = 20


@dataclass(frozen=True, slots=True)
class ManifestPush:
    """A manifest to be stored, byte-exact, and the tags to point at it."""

    repository: RepositoryName
    digest: Digest
    payload: bytes
    manifest: Manifest
    tags: Sequence[TagName]
    within: Callable[[Connection], None] | None = field(default=None, compare=False)
    """Done in the transaction that stores it, before anything else of it; what it raises, the push raises."""


class Push:
    """The use case behind PUT of a manifest (end-7a, end-7b)."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def manifest(self, caller: Caller, push: ManifestPush) -> list[str]:
        """Store the manifest and set its tags, all or nothing; return the warnings of gates.

        Raises `ManifestBlobUnknown` when a blob it needs is not in the repository,
        `RefusedByMode`, `Denied` from a gate, and `TagsContended`.
        """
        await self._core.modes.require_changing(push.repository)
        about = GateContext(
            Operation.MANIFEST_WRITE,
            caller.principal,
            push.repository,
            digest=push.digest,
            manifest=push.manifest,
            manifest_digest=push.digest,
            address=caller.address,
            tags=tuple(push.tags),
            size=len(push.payload),
        )
        warnings = await self._core.gates.check(about)

        async def ask() -> Asked:
            """Ask about every tag."""
            return await ask_about_tags(self._core, about, push.tags)

        async def commit(seen: Seen | None) -> None:
            """Store the manifest and set the tags."""
            await finish_despite_cancellation(self._core.database.write_locked(self.commit, caller, push, seen))

        _, asked = await once_agreed(ask, commit)
        self._core.manifest_cache.put(push.digest, push.payload)
        self._core.last_answers.forget(push.repository, push.tags)
        self._core.wake_listeners()
        return [*warnings, *asked.warnings]

    def commit(self, connection: Connection, caller: Caller, push: ManifestPush, seen: Seen | None = None) -> None:
        """Do in the caller's transaction what `manifest` does once gates agreed; what it raises, it raises first.

        Raises `TagsMoved` where a tag is not what gates have seen; None if nobody asked them.
        """
        now = self._core.clock()
        repository = repositories.lock_or_make(connection, push.repository, self._core.default_store, now)
        if push.within is not None:
            push.within(connection)
        known = manifests.lock(connection, repository.id, push.digest)
        linked = self._required_blobs(connection, repository, push)
        events: list[Event] = []
        if known is None:
            self._insert(connection, caller, repository, push)
            self._refer(connection, repository, push, linked)
            manifests.adopt_manifest(connection, repository.id, push.digest)
        elif known.is_deleted:
            events += undelete.take_out(self._core, connection, caller, repository, push.digest)
        if not repository.is_visible:
            repositories.reveal(connection, repository.id, now)
            events.append(self._core.event(EventType.REPOSITORY_CREATED, caller, push.repository))
        events.append(self._pushed(caller, push))
        change = self._core.change(caller, now, repository)
        for tag in dict.fromkeys(push.tags):
            move = tags.move(connection, repository.id, tag, push.digest, change)
            if move is not None:
                require_seen(move, seen)
                events.append(self._core.move_event(caller, push.repository, move))
        publish(connection, events)

    def _required_blobs(self, connection: Connection, repository: Repository, push: ManifestPush) -> set[Digest]:
        """Return the listed blobs that are here, locked; raise when a required one must be and is not."""
        required = unique(blob.digest for blob in push.manifest.required_blobs)
        optional = [blob.digest for blob in push.manifest.optional_blobs]
        children = [child.digest for child in push.manifest.children]
        found = blobs.here(connection, repository.id, unique([*required, *optional, *children]))
        missing = [digest for digest in required if digest not in found]
        if missing and not self._core.settings.sparse_images:
            named = ", ".join(missing[:MAX_NAMED_BLOBS])
            raise ManifestBlobUnknown(
                f"the manifest names {len(missing)} blob(s) that are not in {push.repository}: {named}",
                detail=[{"digest": digest} for digest in missing[:MAX_NAMED_BLOBS]],
            )
        return set(found)

    def _insert(self, connection: Connection, caller: Caller, repository: Repository, push: ManifestPush) -> None:
        manifest, size, now = push.manifest, len(push.payload), self._core.clock()
        descriptor = None
        if manifest.subject is not None:
            descriptor = msgspec.json.encode(manifest.referrer_descriptor(push.digest, size)).decode()
        row = NewManifest(
            repo_id=repository.id,
            digest=push.digest,
            media_type=manifest.media_type,
            artifact_type=manifest.effective_artifact_type,
            payload=push.payload,
            size=size,
            subject=manifest.subject.digest if manifest.subject else None,
            referrer_descriptor=descriptor,
            pushed_at=now,
            pushed_by=caller.principal.identity,
        )
        manifests.add(connection, row)
        usage.add(connection, [Delta(UsageKind.MANIFEST, push.repository, repository.id, push.digest, size, 1)], now)

    def _refer(self, connection: Connection, repository: Repository, push: ManifestPush, linked: set[Digest]) -> None:
        """Record what the manifest holds from now on, and what it waits for."""
        own = _digests([*push.manifest.required_blobs, *push.manifest.optional_blobs])
        children = _digests(push.manifest.children)
        held = [digest for digest in unique([*own, *children]) if digest in linked]
        waiting = [digest for digest in own if digest not in linked]
        config = manifests.large_config(push.manifest)
        manifests.add_blobs(connection, repository.id, push.digest, held, waiting, config)
        present = manifests.existing(connection, repository.id, children)
        manifests.add_children(
            connection, repository.id, push.digest, {digest: digest in present for digest in children}
        )

    def _pushed(self, caller: Caller, push: ManifestPush) -> Event:
        manifest = push.manifest
        return self._core.event(
            EventType.MANIFEST_PUSHED,
            caller,
            push.repository,
            tag=push.tags[0] if push.tags else None,
            digest=push.digest,
            subject=manifest.subject.digest if manifest.subject else None,
            media_type=manifest.media_type,
            artifact_type=manifest.effective_artifact_type,
            size=len(push.payload),
        )


def _digests(descriptors: Sequence[Descriptor]) -> list[Digest]:
    return unique(descriptor.digest for descriptor in descriptors)
