# SPDX-License-Identifier: Apache-2.0
"""Taking over what another registry has left beside the objects, where it lies: images are recorded, no byte is copied.

While that registry may still serve the tree, nothing there is deleted, so that a key which is dead here may be adopted
again. Once the tree is Entrepot's, the collector deletes there, and nothing more is adopted: so no key is ever used
again after its bytes went.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from sqlalchemy import Connection

from entrepot.infra.storage.adopted import adopted_key
from entrepot.kernel.access import internal
from entrepot.kernel.changes import Change
from entrepot.kernel.errors import Conflict
from entrepot.oci.digest import Digest
from entrepot.oci.errors import OciError
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry import commit_blob
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.core import Caller
from entrepot.registry.core import Core
from entrepot.registry.core import publish
from entrepot.registry.events import Cause
from entrepot.registry.push import ManifestPush
from entrepot.registry.push import Push
from entrepot.registry.store import blobs
from entrepot.registry.store import manifests
from entrepot.registry.store import repositories
from entrepot.registry.store import tags
from entrepot.registry.store import trees
from entrepot.registry.store.blobs import StoredBlob
from entrepot.registry.store.manifests import Existing
from entrepot.registry.store.repositories import Repository

ADOPTER = Caller(internal("adoption"), cause=Cause.ADOPTION)
"""Who pushed what was adopted, and set its tags."""


class TreeIsOurs(Conflict):
    """The tree is Entrepot's alone: nothing more is adopted from it."""

    code = "tree_is_ours"
    default_hint = (
        "Somebody said that nobody else serves it, and bytes may have been deleted there since. Push what came later."
    )


class InAnotherStore(Conflict):
    """The repository keeps its blobs in another store than the tree is in."""

    code = "in_another_store"


@dataclass(frozen=True, slots=True)
class Image:
    """A manifest of the tree, and the sizes in bytes of those of its blobs that are there."""

    push: ManifestPush
    blobs: Mapping[Digest, int]


@dataclass(slots=True)
class Tagged:
    """What became of tags: which were set, which stand where they were, and which were changed here since."""

    set: list[TagName] = field(default_factory=list)
    same: list[TagName] = field(default_factory=list)
    left: list[TagName] = field(default_factory=list)
    lost: list[TagName] = field(default_factory=list)
    """Those whose manifest is not here, or in the bin."""


class Adoption:
    """The use cases of adopting. Any number of processes may do it at once, while others push and pull."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._push = Push(core)

    async def require_shared(self) -> None:
        """Do nothing unless the tree is Entrepot's alone. Raises `TreeIsOurs`."""
        await self._core.database.read(_require_shared)

    async def known(self, repository: RepositoryName, digests: Sequence[Digest]) -> dict[Digest, Existing]:
        """Return those manifests that the repository has, deleted ones too."""
        return await self._core.database.snapshot(_known, repository, digests)

    async def sizes(self, digests: Sequence[Digest]) -> dict[Digest, int]:
        """Return the sizes of those blobs that the store has."""
        return await self._core.database.snapshot(trees.sizes_among, self._core.default_store, digests)

    async def take(self, repository: RepositoryName, images: Sequence[Image]) -> dict[Digest, str]:
        """Record images that the repository does not have, in one transaction; return which could not be, and why.

        Raises `RefusedByMode`, `TreeIsOurs` and `InAnotherStore`: then none was.
        """
        await self._core.modes.require_changing(repository)
        refused = await self._core.database.write_locked(self._take, repository, images)
        self._core.wake_listeners()
        return refused

    async def judge(self, repository: RepositoryName, wanted: Mapping[TagName, Digest]) -> Tagged:
        """Tell what `tag` would do; manifests that are not here may come before."""
        return await self._core.database.snapshot(_judged, repository, wanted)

    async def tag(self, repository: RepositoryName, wanted: Mapping[TagName, Digest]) -> Tagged:
        """Point tags at manifests, in one transaction; a tag that somebody changed here stays as it is.

        Raises as `take`.
        """
        await self._core.modes.require_changing(repository)
        done = await self._core.database.write_locked(self._tag, repository, wanted)
        self._core.wake_listeners()
        return done

    async def conclude(self, counts: Mapping[str, int]) -> None:
        """Tell what a run has adopted."""
        told = Told(object=f"store:{self._core.default_store}", after=dict(counts), principal=ADOPTER.principal)
        await self._core.database.write_locked(announce, Change.TREE_ADOPTED, self._core.clock(), told)

    async def finish(self) -> bool:
        """Let the tree be Entrepot's alone from now on; False if it is already."""
        return await self._core.database.write_locked(self._finish)

    def _take(self, connection: Connection, name: RepositoryName, images: Sequence[Image]) -> dict[Digest, str]:
        _require_shared(connection)
        repository = repositories.lock_or_make(connection, name, self._core.default_store, self._core.clock())
        self._require_here(repository)
        known = manifests.existing(connection, repository.id, [image.push.digest for image in images])
        new = [image for image in images if image.push.digest not in known]
        lost = self._hold(
            connection, repository, {digest: size for image in new for digest, size in image.blobs.items()}
        )
        refused: dict[Digest, str] = {}
        for image in new:
            gone = sorted(lost & image.blobs.keys())
            if gone:
                refused[image.push.digest] = f"what is known of {gone[0]} here is not what the tree has"
                continue
            try:
                self._push.commit(connection, ADOPTER, image.push)
            except OciError as error:
                refused[image.push.digest] = error.message
        return refused

    def _hold(self, connection: Connection, repository: Repository, found: Mapping[Digest, int]) -> set[Digest]:
        """Record blobs and link them to the repository, in the order in which rows are locked; return the others."""
        lost: set[Digest] = set()
        here = blobs.here(connection, repository.id, sorted(found))
        for digest in sorted(found):
            if digest in here and here[digest].size == found[digest]:
                continue
            stored = StoredBlob(digest, found[digest], repository.store_id, adopted_key(digest), found[digest])
            if blobs.adopt(connection, stored, self._core.clock()):
                commit_blob.attach(self._core, connection, ADOPTER, repository, (digest, stored.size))
            else:
                lost.add(digest)
        return lost

    def _tag(self, connection: Connection, name: RepositoryName, wanted: Mapping[TagName, Digest]) -> Tagged:
        _require_shared(connection)
        repository = repositories.lock(connection, name)
        if repository is None:
            return Tagged(lost=list(wanted))
        self._require_here(repository)
        done = _judged(connection, name, wanted)
        change = self._core.change(ADOPTER, self._core.clock(), repository)
        events = []
        for tag in list(done.set):
            move = tags.move(connection, repository.id, tag, wanted[tag], change)
            if move is not None:
                events.append(self._core.move_event(ADOPTER, name, move))
        publish(connection, events)
        return done

    def _require_here(self, repository: Repository) -> None:
        if repository.store_id != self._core.default_store:
            raise InAnotherStore

    def _finish(self, connection: Connection) -> bool:
        before = trees.find(connection)
        if before.ours_since is not None:
            return False
        now = self._core.clock()
        trees.take(connection, now)
        told = Told(object=f"store:{self._core.default_store}", after={"ours_since": now}, principal=ADOPTER.principal)
        announce(connection, Change.TREE_TAKEN, now, told)
        return True


def _require_shared(connection: Connection) -> None:
    if trees.is_ours(connection):
        raise TreeIsOurs


def _known(connection: Connection, name: RepositoryName, digests: Sequence[Digest]) -> dict[Digest, Existing]:
    repository = repositories.find(connection, name)
    return {} if repository is None else manifests.existing(connection, repository.id, digests)


def _judged(connection: Connection, name: RepositoryName, wanted: Mapping[TagName, Digest]) -> Tagged:
    """Tell tags apart; `set` is those that may be set and do not point there yet."""
    repository = repositories.find(connection, name)
    if repository is None:
        return Tagged(lost=list(wanted))
    current = trees.tags_among(connection, repository.id, list(wanted))
    here = manifests.existing(connection, repository.id, list(set(wanted.values())))
    judged = Tagged()
    for tag in sorted(wanted):
        digest, changed_by = current.get(tag, (None, ADOPTER.principal.identity))
        known = here.get(wanted[tag])
        if digest == wanted[tag]:
            judged.same.append(tag)
        elif changed_by != ADOPTER.principal.identity:
            judged.left.append(tag)
        elif known is None or known.is_deleted:
            judged.lost.append(tag)
        else:
            judged.set.append(tag)
    return judged
