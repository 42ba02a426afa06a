# SPDX-License-Identifier: Apache-2.0
"""What must not be collected, in plain sets: the rule that a manifest goes only because it was deleted."""

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from dataclasses import field

from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from tests.fakes.settable_clock import SettableClock
from tests.unit.registry.graph_model import GraphModel
from tests.unit.registry.graph_model import Refused
from tests.unit.registry.graph_model import Stored

WINDOW_MS = 7 * DAY_MS
LEASE_MS = 24 * HOUR_MS
SEALED = 0


@dataclass
class RepositoryModel(GraphModel):
    """One repository as time goes by: leases, windows and holds."""

    clock: SettableClock = field(default_factory=SettableClock)
    leases: dict[Digest, int] = field(default_factory=dict)
    windows: dict[Digest, int] = field(default_factory=dict)
    """Until when what is in the bin can be restored."""
    former: list[tuple[Digest, int]] = field(default_factory=list)
    """Former values of tags, and until when they are kept."""
    pins: list[tuple[Digest, int]] = field(default_factory=list)

    def put_blob(self, digest: Digest) -> None:
        """Push a blob, or mount it, under a lease."""
        super().put_blob(digest)
        self.leases[digest] = max(self.leases.get(digest, 0), self.clock() + LEASE_MS)

    def delete_blob(self, digest: Digest) -> None:
        """Hide a blob that no live manifest lists; no lease protects it any longer."""
        super().delete_blob(digest)
        self.leases[digest] = self.clock()

    def restore_tag(self, tag: str, digest: Digest) -> None:
        """Point a tag at a manifest that has not been purged, and may be restored."""
        if digest in self.stored and self._is_sealed(digest):
            raise Refused("MANIFEST_UNKNOWN")
        super().restore_tag(tag, digest)

    def free_now(self, digest: Digest) -> None:
        """Delete a manifest without a window, whatever leases and former values of tags protected what goes."""
        if digest not in self.stored:
            raise Refused("MANIFEST_UNKNOWN")
        if self.is_live(digest):
            self.delete_manifest(digest)
        deletion = self.stored[digest].deletion
        for each in [name for name, stored in self.stored.items() if stored.deletion == deletion]:
            self._seal(each)

    def must_keep(self, digest: Digest) -> bool:
        """Tell whether a manifest that was pushed may not be purged now."""
        is_in_window = self.is_live(digest) or self.windows[digest] > self.clock()
        parents = [each.node for each in self.stored.values() if each.node.is_index and digest in each.node.listed]
        return is_in_window or bool(parents) or self._is_held(digest)

    def must_keep_link(self, digest: Digest) -> bool:
        """Tell whether a blob may not go from the repository now."""
        is_used = any(digest in each.held for each in self.stored.values())
        return is_used or self.leases[digest] > self.clock() or self._is_held(digest)

    def forget_manifest(self, digest: Digest) -> None:
        """Purge a manifest."""
        del self.stored[digest]

    def forget_link(self, digest: Digest) -> None:
        """Take a blob out of the repository."""
        del self.blobs[digest], self.leases[digest]

    def settle(self) -> None:
        """Collect everything that may go now: an index before its children, manifests before their blobs."""
        while gone := [digest for digest in self.stored if not self.must_keep(digest)]:
            for digest in gone:
                self.forget_manifest(digest)
        for blob in [digest for digest in self.blobs if not self.must_keep_link(digest)]:
            self.forget_link(blob)

    def _throw(self, digest: Digest) -> None:
        super()._throw(digest)
        self.windows[digest] = self.clock() + WINDOW_MS

    def _take_out(self, stored: Stored) -> None:
        leases = dict(self.leases)
        super()._take_out(stored)
        self.leases = leases

    def _move(self, tag: str, digest: Digest | None) -> None:
        previous = self.tags.get(tag)
        super()._move(tag, digest)
        if previous is not None and previous != digest:
            self.former.append((previous, self.clock() + WINDOW_MS))

    def _seal(self, digest: Digest) -> None:
        """Let it come back alone at most, if it is pushed again, and let nothing else keep it."""
        stored = self.stored[digest]
        before, self.deletions = stored.deletion, self.deletions + 1
        stored.deletion = self.deletions
        self.derived[self.deletions] = list(self.derived.get(before or 0, ()))
        self.windows[digest] = SEALED
        self.former = [(held, until) for held, until in self.former if held != digest]
        for blob in stored.held:
            self.leases[blob] = min(self.leases[blob], self.clock())

    def _is_sealed(self, digest: Digest) -> bool:
        return not self.is_live(digest) and self.windows[digest] == SEALED

    def _is_held(self, digest: Digest) -> bool:
        return any(held == digest and until > self.clock() for held, until in [*self.former, *self.pins])


@dataclass
class RegistryModel:
    """Repositories that share a store."""

    repositories: dict[RepositoryName, RepositoryModel]

    def blobs_left(self, at: int) -> set[Digest]:
        """Tell which blobs are left when everything has been collected that may go at a moment."""
        left: set[Digest] = set()
        for repository in deepcopy(list(self.repositories.values())):
            repository.clock = SettableClock(at)
            repository.settle()
            left |= set(repository.blobs)
        return left

    def freed_by_deleting(self, name: RepositoryName, digest: Digest) -> set[Digest]:
        """Tell which blobs go because of a deletion: those that would be left without it when its window is over."""
        until = self.repositories[name].clock() + WINDOW_MS
        other = deepcopy(self)
        other.repositories[name].delete_manifest(digest)
        return self.blobs_left(until) - other.blobs_left(until)


def a_registry(names: Iterable[RepositoryName], clock: SettableClock) -> RegistryModel:
    """Make a registry with empty repositories."""
    return RegistryModel({name: RepositoryModel(clock=clock) for name in names})
