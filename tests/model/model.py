# SPDX-License-Identifier: Apache-2.0
"""The registry as seen by one digest: what the database and the storage hold, and what must never be.

A step is one transaction, or one act on the storage. Between two steps anything
may happen, and any process may stop there for good or go on much later.

Time is left out. A lease or a grace period that may end at any moment forbids
nothing, so neither is part of the state, and what is safe here is safe however
long the delays are. Holds only forbid more, and are left out for that reason.
"""

from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import NamedTuple

from tests.model.search import Exploration
from tests.model.search import explore

NOTHING = ""
LIVE, MISSING = "live", "missing"
PENDING, DELETING, NAMELESS = "pending", "deleting", "nameless"
STORED, LATE = "stored", "late"
VISIBLE, HIDDEN = "visible", "hidden"
BINNED = "binned"


class Key(NamedTuple):
    """An object key: the rows that name it, and whether there are bytes under it."""

    store: int
    is_upload: bool = True
    object: str = NOTHING
    """The row in `objects`: LIVE or MISSING."""
    tombstone: str = NOTHING
    """The row in `tombstones`: PENDING, DELETING, or NAMELESS (without a digest, in either state)."""
    bytes: str = NOTHING
    """STORED, or LATE when the upload had been collected before the push completed them."""

    @property
    def is_tracked(self) -> bool:
        """Whether any row names this key."""
        return self.is_upload or bool(self.object) or bool(self.tombstone)


class Repository(NamedTuple):
    """What a repository says of the digest."""

    link: str = NOTHING
    """The row in `repo_blobs`: VISIBLE or HIDDEN."""
    manifest: str = NOTHING
    """A manifest with a row in `manifest_blobs` whose `link` is the digest: LIVE or BINNED."""


class Actor(NamedTuple):
    """What a pusher or a collector is in the middle of."""

    doing: str = NOTHING
    key: int = -1


class State(NamedTuple):
    """Everything at one moment."""

    has_blob: bool
    """Whether there is a row in `blobs`."""
    repositories: tuple[Repository, ...]
    keys: tuple[Key, ...]
    """Every key ever chosen, oldest first."""
    pushers: tuple[Actor, ...]
    collectors: tuple[Actor, ...]
    losses: int
    """How often a disk has failed."""


Steps = Iterator[tuple[str, State]]
Rule = Callable[["World", State], Steps]


@dataclass(frozen=True)
class World:
    """The bounds of a search, and the rules that hold there."""

    rules: Mapping[str, Rule]
    stores: tuple[int, ...] = (0,)
    """The store of each repository."""
    pushers: tuple[int, ...] = (0, 0)
    """The repository that each pusher pushes to."""
    collectors: int = 1
    keys: int = 3
    losses: int = 0
    has_foreign_keys: bool = field(default=False, kw_only=True)

    def start(self) -> State:
        """Return the empty registry."""
        return State(
            has_blob=False,
            repositories=(Repository(),) * len(self.stores),
            keys=(),
            pushers=(Actor(),) * len(self.pushers),
            collectors=(Actor(),) * self.collectors,
            losses=0,
        )

    def search(self, harms: Mapping[str, Callable[[State], bool]]) -> Exploration[State]:
        """Search everything that can happen here for any of `harms`."""
        return explore(self.start(), self.successors, harms, self.shape)

    def successors(self, state: State) -> Steps:
        """Take every step that any rule allows, but for transactions that a foreign key refuses."""
        for rule in self.rules.values():
            for step, after in rule(self, state):
                if not self.has_foreign_keys or not lacks_a_parent(after):
                    yield step, after

    def shape(self, state: State) -> Hashable:
        """Return what `state` is but for names: keys have no order, nor have collectors and pushers of a repository."""
        users: list[list[tuple[int, str]]] = [[] for _ in range(len(state.keys) + 1)]
        for target, pusher in zip(self.pushers, state.pushers, strict=True):
            users[pusher.key].append((target, pusher.doing))
        for collector in state.collectors:
            users[collector.key].append((-1, collector.doing))
        free = tuple(sorted(users.pop()))
        keys = tuple(sorted((key, tuple(sorted(held))) for key, held in zip(state.keys, users, strict=True)))
        return state.has_blob, state.repositories, state.losses, keys, free

    def live_key(self, state: State, store: int) -> int | None:
        """Return the key of the live object in `store`."""
        return next((k for k, key in enumerate(state.keys) if key.object == LIVE and key.store == store), None)

    def is_here(self, state: State, r: int) -> bool:
        """Tell whether HEAD finds the blob in repository `r`, and a manifest that needs it is accepted."""
        return state.repositories[r].link == VISIBLE and self.live_key(state, self.stores[r]) is not None

    def loses_content(self, state: State) -> bool:
        """Tell whether a manifest's blob, or one that a manifest may name, has no bytes.

        A loss that is on record as MISSING is not the protocol's, and heals by the next upload.
        """
        return any(
            (repository.manifest or self.is_here(state, r)) and not self._has_bytes(state, self.stores[r])
            for r, repository in enumerate(state.repositories)
        )

    def _has_bytes(self, state: State, store: int) -> bool:
        live = self.live_key(state, store)
        if live is None:
            return any(key.object == MISSING and key.store == store for key in state.keys)
        return bool(state.keys[live].bytes)

    def harms(self) -> dict[str, Callable[[State], bool]]:
        """Return what must never be, by what it is called."""
        return {
            LOST: self.loses_content,
            UNREADABLE: has_an_unreadable_manifest,
            ORPHANED: lacks_a_parent,
            EMPTIED: has_an_empty_object,
            DOOMED: has_a_doomed_object,
            LEAKED: leaks,
        }


LOST = "content is lost that a manifest uses, or may use"
UNREADABLE = "a manifest that is not deleted lists a blob that is hidden or not linked"
ORPHANED = "a row refers to a row that is gone"
EMPTIED = "bytes of a live object were deleted"
DOOMED = "the key of an object is in `tombstones` or `uploads` too"
LEAKED = "bytes lie under a key that no row names"


def has_an_unreadable_manifest(state: State) -> bool:
    """Tell whether a client can pull a manifest but not its blob."""
    return any(r.manifest == LIVE and r.link != VISIBLE for r in state.repositories)


def lacks_a_parent(state: State) -> bool:
    """Tell whether a foreign key of the schema points nowhere."""
    if any(r.manifest and not r.link for r in state.repositories):
        return True
    return not state.has_blob and any(item.object for item in state.keys) | any(r.link for r in state.repositories)


def has_an_empty_object(state: State) -> bool:
    """Tell whether an object that nobody marked as missing has no bytes (I3)."""
    return any(key.object == LIVE and not key.bytes for key in state.keys)


def has_a_doomed_object(state: State) -> bool:
    """Tell whether the key of an object has another row (I2)."""
    return any(key.object and (key.tombstone or key.is_upload) for key in state.keys)


def leaks(state: State) -> bool:
    """Tell whether bytes are known to nobody (I4), but for those that a push completed too late."""
    return any(key.bytes == STORED and not key.is_tracked for key in state.keys)


def is_unused(state: State) -> bool:
    """Tell whether no manifest, deleted or not, needs the content."""
    return not any(repository.manifest for repository in state.repositories)


def is_clean(state: State) -> bool:
    """Tell whether nothing is left: no row and no byte."""
    return not state.has_blob and not any(key.bytes or key.is_tracked for key in state.keys)


def with_key(state: State, k: int, **change: Any) -> State:
    """Return `state` with key `k` changed."""
    return state._replace(keys=_with(state.keys, k, state.keys[k]._replace(**change)))


def with_repository(state: State, r: int, **change: Any) -> State:
    """Return `state` with repository `r` changed."""
    return state._replace(repositories=_with(state.repositories, r, state.repositories[r]._replace(**change)))


def with_pusher(state: State, p: int, doing: str = NOTHING, key: int = -1) -> State:
    """Return `state` with pusher `p` at another point."""
    return state._replace(pushers=_with(state.pushers, p, Actor(doing, key)))


def with_collector(state: State, c: int, doing: str = NOTHING, key: int = -1) -> State:
    """Return `state` with collector `c` at another point; collectors are alike, so their order is dropped."""
    return state._replace(collectors=tuple(sorted(_with(state.collectors, c, Actor(doing, key)))))


def _with(items: tuple[Any, ...], index: int, item: Any) -> tuple[Any, ...]:
    return (*items[:index], item, *items[index + 1 :])
