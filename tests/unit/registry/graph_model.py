# SPDX-License-Identifier: Apache-2.0
"""What a repository holds and shows after any sequence of pushes, deletions and restorations, in plain sets."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from typing import NamedTuple

from entrepot.oci.digest import Digest
from entrepot.oci.digest import subject_of_fallback_tag
from entrepot.registry.events import EventType
from tests.builders.manifests import BuiltManifest


class Refused(Exception):
    """The repository must refuse this and change nothing; the argument is the error's code."""


class Happened(NamedTuple):
    """An event that is expected in the outbox."""

    type: str
    tag: str | None = None
    digest: Digest | None = None


@dataclass(frozen=True)
class Node:
    """A manifest that may be pushed, and what it refers to."""

    built: BuiltManifest
    required: frozenset[Digest] = frozenset()
    """Blobs without which it is refused."""
    listed: frozenset[Digest] = frozenset()
    """Everything it lists: those, optional blobs, and the children of an index."""
    subject: Digest | None = None
    is_index: bool = False

    @property
    def digest(self) -> Digest:
        """Its digest."""
        return self.built.digest


@dataclass
class Stored:
    """A manifest that was pushed. `deletion` numbers the deletion that put it into the bin."""

    node: Node
    held: set[Digest]
    deletion: int | None = None


@dataclass
class GraphModel:
    """One repository."""

    stored: dict[Digest, Stored] = field(default_factory=dict)
    tags: dict[str, Digest | None] = field(default_factory=dict)
    history: dict[str, list[Digest | None]] = field(default_factory=dict)
    blobs: dict[Digest, bool] = field(default_factory=dict)
    """The blobs that were ever pushed; the value tells whether the blob is here or was deleted."""
    derived: dict[int, list[tuple[str, Digest]]] = field(default_factory=dict)
    """By deletion, the tags named after a deleted subject, and what they pointed at."""
    events: Counter[Happened] = field(default_factory=Counter)
    is_visible: bool = False
    deletions: int = 0

    def is_live(self, digest: Digest | None) -> bool:
        """Tell whether a manifest was pushed and is not in the bin."""
        return digest in self.stored and self.stored[digest].deletion is None

    def live(self) -> list[Node]:
        """List the manifests that are not in the bin."""
        return [stored.node for stored in self.stored.values() if stored.deletion is None]

    def referrers(self, subject: Digest) -> set[Digest]:
        """Name the live manifests that refer to a subject."""
        return {node.digest for node in self.live() if node.subject == subject}

    def put_blob(self, digest: Digest) -> None:
        """Push a blob; whatever listed it holds it from now on."""
        self.blobs[digest] = True
        for stored in self.stored.values():
            stored.held |= stored.node.listed & {digest}

    def delete_blob(self, digest: Digest) -> None:
        """Hide a blob that no live manifest lists."""
        if not self.blobs.get(digest):
            raise Refused("BLOB_UNKNOWN")
        if any(digest in node.listed for node in self.live()):
            raise Refused("UNSUPPORTED")
        self.blobs[digest] = False
        self._happened(EventType.BLOB_DELETED, digest=digest)

    def put_manifest(self, node: Node, tags: Iterable[str]) -> None:
        """Push a manifest whose required blobs are all here, taking it out of the bin if it is there."""
        here = {digest for digest, is_here in self.blobs.items() if is_here}
        if not node.required <= here:
            raise Refused("MANIFEST_BLOB_UNKNOWN")
        known = self.stored.setdefault(node.digest, Stored(node, set(node.listed & here)))
        self._take_out(known)
        if not self.is_visible:
            self.is_visible = True
            self._happened(EventType.REPOSITORY_CREATED)
        self._happened(EventType.MANIFEST_PUSHED, next(iter(tags), None), node.digest)
        for tag in tags:
            self._move(tag, node.digest)

    def delete_tag(self, tag: str) -> None:
        """Delete a tag and nothing else."""
        if self.tags.get(tag) is None:
            raise Refused("MANIFEST_UNKNOWN")
        self._move(tag, None)

    def restore_tag(self, tag: str, digest: Digest) -> None:
        """Point a tag at a manifest that was ever pushed."""
        if digest not in self.stored:
            raise Refused("MANIFEST_UNKNOWN")
        if self.tags.get(tag) == digest:
            raise Refused("tag_unchanged")
        self._move(tag, digest)
        self._take_out(self.stored[digest])

    def delete_manifest(self, digest: Digest) -> None:
        """Put a manifest into the bin with its tags, its referrers, theirs, and what tags derived from them name.

        Spared is what has a tag of its own or a live index as parent. A referrer in the
        bin may be deleted once more.
        """
        if not self.is_live(digest):
            if digest in self.stored and self.stored[digest].node.subject:
                return
            raise Refused("MANIFEST_UNKNOWN")
        self.deletions += 1
        self._throw(digest)
        while doomed := {found for found in self._orphaned() if not self._is_needed(found)}:
            for found in doomed:
                self._throw(found)

    def _orphaned(self) -> set[Digest]:
        """Name the live manifests that went along with a subject of this deletion, if nothing else needs them."""
        thrown = {digest for digest, stored in self.stored.items() if stored.deletion == self.deletions}
        named = {target for _, target in self.derived.get(self.deletions, ())}
        return {digest for node in thrown for digest in self.referrers(node)} | {d for d in named if self.is_live(d)}

    def _is_needed(self, digest: Digest) -> bool:
        is_tagged = digest in self.tags.values()
        return is_tagged or any(node.is_index and digest in node.listed for node in self.live())

    def _throw(self, digest: Digest) -> None:
        self.stored[digest].deletion = self.deletions
        self._happened(EventType.MANIFEST_DELETED, digest=digest)
        for tag, target in list(self.tags.items()):
            named_after = subject_of_fallback_tag(tag)
            is_derived = named_after is not None and named_after.belongs_to(digest)
            if target is not None and (is_derived or target == digest):
                if named_after is not None:
                    self.derived.setdefault(self.deletions, []).append((tag, target))
                self._move(tag, None)

    def _take_out(self, stored: Stored) -> None:
        """Bring back everything that one deletion took, but for tags that were set again or are no derived ones."""
        deletion = stored.deletion
        if deletion is None:
            return
        for each in self.stored.values():
            if each.deletion == deletion:
                each.deletion = None
                self._happened(EventType.MANIFEST_RESTORED, digest=each.node.digest)
                for digest in each.held:
                    if not self.blobs[digest]:
                        self.put_blob(digest)
        for tag, target in self.derived.get(deletion, ()):
            if self.tags[tag] is None and self.is_live(target):
                self._move(tag, target)

    def _move(self, tag: str, digest: Digest | None) -> None:
        if self.tags.get(tag) == digest:
            return
        self.tags[tag] = digest
        self.history.setdefault(tag, []).append(digest)
        self._happened(EventType.TAG_DELETED if digest is None else EventType.TAG_MOVED, tag, digest)

    def _happened(self, kind: EventType, tag: str | None = None, digest: Digest | None = None) -> None:
        self.events[Happened(kind, tag, digest)] += 1
