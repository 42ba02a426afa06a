# SPDX-License-Identifier: Apache-2.0
"""Bringing back what was deleted, while it has not been purged."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.kernel.access import EVERY_TAG
from entrepot.kernel.access import Action
from entrepot.kernel.access import TagReach
from entrepot.kernel.errors import Conflict
from entrepot.oci.digest import Digest
from entrepot.oci.digest import is_ordinary_tag
from entrepot.oci.digest import subject_of_fallback_tag
from entrepot.oci.errors import Denied
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.errors import NameUnknown
from entrepot.oci.manifest import parse_manifest
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
from entrepot.registry.store import manifests
from entrepot.registry.store import recycle_bin
from entrepot.registry.store import repositories
from entrepot.registry.store import tags
from entrepot.registry.store.manifests import Existing
from entrepot.registry.store.repositories import Repository
from entrepot.registry.store.tags import Move
from entrepot.registry.store.tags import Tag
from entrepot.registry.tag_gates import Asked
from entrepot.registry.tag_gates import Seen
from entrepot.registry.tag_gates import ask_about_tag
from entrepot.registry.tag_gates import ask_about_tags
from entrepot.registry.tag_gates import once_agreed
from entrepot.registry.tag_gates import require_seen


class TagUnchanged(Conflict):
    """The tag points at that manifest already."""

    code = "tag_unchanged"


class NotDeleted(Conflict):
    """The artifact is there."""

    code = "artifact_not_deleted"


@dataclass(frozen=True, slots=True)
class RestoredTag:
    """What happened to the tag, and what the gates warned of."""

    move: Move
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class RestoredManifest:
    """Which manifests came back, the tags that point at the one asked for again, and what the gates warned of."""

    digests: list[Digest]
    tags: list[TagName]
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A tag that is to be restored, whether its manifest may be taken out of the bin, and what gates have seen."""

    tag: TagName
    digest: Digest
    may_take_out: bool
    seen: Seen | None


class Undelete:
    """The use cases behind restoring tags and manifests. Each raises `RefusedByMode` too."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def restore_tag(
        self, caller: Caller, repository: RepositoryName, tag: TagName, digest: Digest, *, may_take_out: bool = True
    ) -> RestoredTag:
        """Point the tag at a manifest it or another tag had before, taking that out of the bin if need be.

        To the gates this is a tag that is set or moved, and one that is copied when
        it never pointed there itself. Raises `NameUnknown`, `ManifestUnknown` when the
        manifest was never here or was purged, `TagUnchanged`, and `Denied` from a gate, or
        when the manifest is in the bin and the caller may not take it out.
        """
        await self._core.modes.require_changing(repository)

        async def ask() -> Asked:
            """Ask the gates."""
            return await self._ask(caller, repository, tag, digest)

        async def commit(seen: Seen | None) -> Move:
            """Set the tag."""
            wanted = _Wanted(tag, digest, may_take_out, seen)
            return await self._core.database.write_locked(self._restore, caller, repository, wanted)

        move, asked = await once_agreed(ask, commit)
        self._core.last_answers.forget(repository, [tag])
        self._core.wake_listeners()
        return RestoredTag(move, asked.warnings)

    async def restore_manifest(
        self, caller: Caller, repository: RepositoryName, digest: Digest, reach: TagReach = EVERY_TAG
    ) -> RestoredManifest:
        """Take a manifest out of the bin, with what its deletion took along: referrers, and the tags that are free.

        Tags that are not within `reach` stay as they are.
        To the gates this is the manifest being written, and each of its tags being set.
        Raises `NameUnknown`, `ManifestUnknown` when the manifest was never here or was
        purged, `NotDeleted`, and `Denied` from a gate.
        """
        await self._core.modes.require_changing(repository)
        payload, media_type, free = await self._core.database.snapshot(_binned, repository, digest)
        names = [tag for tag in free if not is_ordinary_tag(tag) or reach.covers(tag)]
        is_watched = self._core.gates.watches(Operation.MANIFEST_WRITE)
        manifest = await asyncio.to_thread(parse_manifest, payload, media_type) if is_watched else None
        about = GateContext(
            Operation.MANIFEST_WRITE,
            caller.principal,
            repository,
            digest=digest,
            manifest=manifest,
            manifest_digest=digest,
            address=caller.address,
            size=len(payload),
        )
        warnings = await self._core.gates.check(about)

        async def ask() -> Asked:
            """Ask the gates about the tags."""
            return await ask_about_tags(self._core, about, names)

        async def commit(seen: Seen | None) -> list[Event]:
            """Take it out."""
            work = self._restore_manifest
            return await self._core.database.write_locked(work, caller, repository, digest, (names, seen))

        events, asked = await once_agreed(ask, commit)
        self._core.wake_listeners()
        return RestoredManifest(
            digests=[event.digest for event in events if event.tag is None and event.digest is not None],
            tags=[TagName(event.tag) for event in events if event.tag is not None and event.digest == digest],
            warnings=[*warnings, *asked.warnings],
        )

    async def _ask(self, caller: Caller, name: RepositoryName, tag: TagName, digest: Digest) -> Asked:
        about = GateContext(
            Operation.TAG_COPY,
            caller.principal,
            name,
            digest=digest,
            tag=tag,
            manifest_digest=digest,
            address=caller.address,
        )
        asked = await ask_about_tag(self._core, about, tag)
        if await self._core.database.snapshot(_had, name, tag, digest):
            return asked
        return Asked([*asked.warnings, *await self._core.gates.check(about)], asked.seen)

    def _restore(self, connection: Connection, caller: Caller, name: RepositoryName, wanted: _Wanted) -> Move:
        repository, tag, digest = lock_repository(connection, name), wanted.tag, wanted.digest
        known = manifests.lock(connection, repository.id, digest)
        if known is None or known.purge_after == recycle_bin.SEALED:
            raise ManifestUnknown(
                f"{digest} is not in {name}, or can no longer be restored",
                hint=f"The history of {tag} shows what can be restored.",
            )
        if known.is_deleted and not wanted.may_take_out:
            raise Denied(
                f"{caller.principal.name} may not push in {name}, which taking {digest} out of the bin takes",
                hint=f"Ask an administrator of the project for the right to {Action.PUSH} in {name}.",
                detail={"action": Action.PUSH.value, "repository": name},
            )
        move = tags.move(
            connection, repository.id, tag, digest, self._core.change(caller, self._core.clock(), repository)
        )
        if move is None:
            raise TagUnchanged(f"{tag} points at {digest} already")
        require_seen(move, wanted.seen)
        events = take_out(self._core, connection, caller, repository, digest) if known.is_deleted else []
        publish(connection, [*events, self._core.move_event(caller, name, move)])
        return move

    def _restore_manifest(
        self,
        connection: Connection,
        caller: Caller,
        name: RepositoryName,
        digest: Digest,
        wanted: tuple[Sequence[TagName], Seen | None],
    ) -> list[Event]:
        """Do it, setting those of the tags, which gates were asked about, that nobody has set since."""
        names, seen = wanted
        repository = lock_repository(connection, name)
        _require_deleted(name, digest, manifests.lock(connection, repository.id, digest))
        events = take_out(self._core, connection, caller, repository, digest)
        change = self._core.change(caller, self._core.clock(), repository)
        for tag in names:
            current = tags.find(connection, repository.id, tag)
            move = tags.move(connection, repository.id, tag, digest, change) if _is_free(current) else None
            if move is not None:
                require_seen(move, seen)
                events.append(self._core.move_event(caller, name, move))
        publish(connection, events)
        return events


def _require_deleted(name: RepositoryName, digest: Digest, known: Existing | None) -> None:
    """Do nothing if the manifest is in the bin. Raises as `Undelete.restore_manifest`."""
    if known is None or known.purge_after == recycle_bin.SEALED:
        raise ManifestUnknown(f"{digest} is not in {name}, or can no longer be restored", detail={"digest": digest})
    if not known.is_deleted:
        raise NotDeleted(f"{digest} is in {name}")


def _binned(connection: Connection, name: RepositoryName, digest: Digest) -> tuple[bytes, str, list[TagName]]:
    """Return a deleted manifest, its media type, and the tags that its deletion took from it and that are free."""
    repository = repositories.find(connection, name)
    if repository is None:
        raise NameUnknown(detail={"name": name})
    _require_deleted(name, digest, manifests.existing(connection, repository.id, [digest]).get(digest))
    stored = recycle_bin.content(connection, repository.id, digest)
    taken = tags.deleted_by(connection, stored.deletion_id)
    names = [tag for tag, previous in taken if previous == digest]
    free = tags.unset_among(connection, repository.id, names)
    return stored.payload, stored.media_type, [tag for tag in names if tag in free]


def _is_free(tag: Tag | None) -> bool:
    return tag is not None and tag.digest is None


def _had(connection: Connection, name: RepositoryName, tag: TagName, digest: Digest) -> bool:
    repository = repositories.find(connection, name)
    return repository is not None and tags.had(connection, repository.id, tag, digest)


def take_out(core: Core, connection: Connection, caller: Caller, repository: Repository, digest: Digest) -> list[Event]:
    """Take a manifest out of the bin with all that was deleted along with it; return what to publish.

    Referrers come back, and so do the tags derived from the subject's digest,
    unless they have been set again or what they named is in the bin for another
    reason. Other tags are the caller's to set. Of what is sealed, only the manifest
    itself comes back: whoever pushes it has it.
    """
    deletion_id = manifests.existing(connection, repository.id, [digest])[digest].deletion_id
    together = recycle_bin.thrown_together(connection, repository.id, deletion_id) if deletion_id else []
    together = together or [digest]
    unhidden = recycle_bin.take_out(connection, repository.id, together, core.clock())
    adopted = [blob for blob in unhidden if manifests.adopt_blob(connection, repository.id, blob)]
    events = [
        core.event(EventType.MANIFEST_RESTORED, caller, repository.name, digest=restored) for restored in together
    ]
    publish(connection, [core.event(EventType.BLOB_ADOPTED, caller, repository.name, digest=blob) for blob in adopted])
    change = core.change(caller, core.clock(), repository)
    for tag, previous in tags.deleted_by(connection, deletion_id or ""):
        current = tags.find(connection, repository.id, tag)
        target = manifests.existing(connection, repository.id, [previous]).get(previous)
        if subject_of_fallback_tag(tag) is None or not _is_free(current) or target is None or target.is_deleted:
            continue
        move = tags.move(connection, repository.id, tag, previous, change)
        if move is not None:
            events.append(core.move_event(caller, repository.name, move))
    return events
