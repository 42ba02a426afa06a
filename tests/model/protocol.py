# SPDX-License-Identifier: Apache-2.0
"""The order that Entrepot keeps: what pushers, users, collectors and disks may do, one rule each.

A pusher that finds nothing to mount in its store is answered 202 and uploads,
so a mount across stores has no rule of its own. HEAD changes only what the
client believes.
"""

from collections.abc import Mapping
from types import MappingProxyType

from tests.model.model import BINNED
from tests.model.model import DELETING
from tests.model.model import HIDDEN
from tests.model.model import LATE
from tests.model.model import LIVE
from tests.model.model import MISSING
from tests.model.model import NAMELESS
from tests.model.model import NOTHING
from tests.model.model import PENDING
from tests.model.model import STORED
from tests.model.model import VISIBLE
from tests.model.model import Key
from tests.model.model import Rule
from tests.model.model import State
from tests.model.model import Steps
from tests.model.model import World
from tests.model.model import with_collector
from tests.model.model import with_key
from tests.model.model import with_pusher
from tests.model.model import with_repository

SENDING, SENT, SURE = "sending", "sent", "sure"
"""A pusher that sends bytes, has sent them all, or believes that its repository has the blob."""
CLAIMED, DELETED = "claimed", "deleted"
"""A collector that is about to delete a key's bytes, or has."""


def start_upload(world: World, state: State) -> Steps:
    """POST: the upload's row names a key that was never used before, ahead of any byte."""
    for p in idle_pushers(state):
        k = len(state.keys)
        if k < world.keys:
            begun = state._replace(keys=(*state.keys, Key(world.stores[world.pushers[p]])))
            yield f"push {p} starts an upload to key {k}", with_pusher(begun, p, SENDING, k)


def send_bytes(world: World, state: State) -> Steps:
    """PATCH: the bytes become complete, even if the upload has been collected meanwhile."""
    for p, k in pushers(state, SENDING):
        stored = STORED if state.keys[k].is_upload else LATE
        yield f"push {p} completes the bytes of key {k}", with_pusher(with_key(state, k, bytes=stored), p, SENT, k)


def close_upload(world: World, state: State) -> Steps:
    """PUT of a blob: object, or tombstone when there is a live one; link; the upload's row goes. All or nothing."""
    for p, k in pushers(state, SENT):
        if not state.keys[k].is_upload:
            yield f"push {p} hears 404: its upload is gone", with_pusher(state, p)
            continue
        if world.live_key(state, state.keys[k].store) is None:
            kept, what = with_key(state, k, is_upload=False, object=LIVE), "is the live object"
        else:
            kept, what = with_key(state, k, is_upload=False, tombstone=PENDING), "was not needed"
        linked = with_repository(kept._replace(has_blob=True), world.pushers[p], link=VISIBLE)
        yield f"push {p} closes its upload: key {k} {what}", with_pusher(linked, p, SURE)


def head(world: World, state: State) -> Steps:
    """HEAD with the right to push: the client learns that it need not upload."""
    for p in idle_pushers(state):
        if world.is_here(state, world.pushers[p]):
            yield f"push {p} asks by HEAD and hears that the blob is here", with_pusher(state, p, SURE)


def mount(world: World, state: State) -> Steps:
    """POST with `mount`: a link, if another repository of the store has the blob."""
    for p in idle_pushers(state):
        target = world.pushers[p]
        for source, store in enumerate(world.stores):
            if source != target and store == world.stores[target] and world.is_here(state, source):
                linked = with_repository(state, target, link=VISIBLE)
                yield f"push {p} mounts the blob from repository {source}", with_pusher(linked, p, SURE)


def put_manifest(world: World, state: State) -> Steps:
    """PUT of a manifest: refused unless its blob is here; a deleted one comes back."""
    for p, _ in pushers(state, SURE):
        r = world.pushers[p]
        if world.is_here(state, r):
            yield f"push {p} puts its manifest", with_pusher(with_repository(state, r, manifest=LIVE), p)
        else:
            yield f"push {p} hears that the manifest's blob is unknown", with_pusher(state, p)


def delete_blob(world: World, state: State) -> Steps:
    """DELETE of a blob that no live manifest uses: the link is hidden."""
    for r, repository in enumerate(state.repositories):
        if world.is_here(state, r) and repository.manifest != LIVE:
            yield f"a user deletes the blob from repository {r}", with_repository(state, r, link=HIDDEN)


def delete_manifest(world: World, state: State) -> Steps:
    """DELETE of a manifest: into the bin, with all it refers to."""
    for r, repository in enumerate(state.repositories):
        if repository.manifest == LIVE:
            yield f"a user deletes the manifest of repository {r}", with_repository(state, r, manifest=BINNED)


def restore_manifest(world: World, state: State) -> Steps:
    """Undelete: out of the bin, and what it lists is no longer hidden."""
    for r, repository in enumerate(state.repositories):
        if repository.manifest == BINNED:
            restored = with_repository(state, r, manifest=LIVE, link=VISIBLE)
            yield f"a user restores the manifest of repository {r}", restored


def purge_manifest(world: World, state: State) -> Steps:
    """G2: the row goes, and its references with it."""
    for r, repository in enumerate(state.repositories):
        if repository.manifest == BINNED:
            yield f"G2 purges the manifest of repository {r}", with_repository(state, r, manifest=NOTHING)


def collect_link(world: World, state: State) -> Steps:
    """G3: a link that no manifest uses goes."""
    for r, repository in enumerate(state.repositories):
        if repository.link and not repository.manifest:
            yield f"G3 removes the link of repository {r}", with_repository(state, r, link=NOTHING)


def collect_blob(world: World, state: State) -> Steps:
    """G4: a blob without links goes with its objects, whose keys become tombstones. All or nothing."""
    if state.has_blob and not any(repository.link for repository in state.repositories):
        buried = state
        for store in set(world.stores):
            buried = bury(buried, store)
        yield "G4 turns the blob and its objects into tombstones", buried._replace(has_blob=False)


def collect_objects(world: World, state: State) -> Steps:
    """G4 in one store: objects go where no repository of the store has a link, though others elsewhere do."""
    for store in set(world.stores):
        is_linked = any(r.link for r, of in zip(state.repositories, world.stores, strict=True) if of == store)
        if not is_linked and any(key.object and key.store == store for key in state.keys):
            yield f"G4 turns the objects of store {store} into tombstones", bury(state, store)


def claim_tombstone(world: World, state: State) -> Steps:
    """G5, first transaction: the tombstone is `deleting` from now on; one that was left so is claimed again."""
    for c in idle_collectors(state):
        for k, key in enumerate(state.keys):
            if key.tombstone:
                claimed = with_key(state, k, tombstone=DELETING if key.tombstone == PENDING else key.tombstone)
                yield f"G5 claims the tombstone of key {k}", with_collector(claimed, c, CLAIMED, k)


def delete_bytes(world: World, state: State) -> Steps:
    """G5, in the storage: idempotent, and perhaps much later than the claim."""
    for c, k in collectors(state, CLAIMED):
        yield f"G5 deletes the bytes of key {k}", with_collector(with_key(state, k, bytes=NOTHING), c, DELETED, k)


def drop_tombstone(world: World, state: State) -> Steps:
    """G5, second transaction: the tombstone's row goes, if it is still there."""
    for c, k in collectors(state, DELETED):
        yield f"G5 drops the tombstone of key {k}", with_collector(with_key(state, k, tombstone=NOTHING), c)


def crash_collector(world: World, state: State) -> Steps:
    """A collector dies and starts anew, knowing nothing."""
    for c, collector in enumerate(state.collectors):
        if collector.doing:
            yield f"the collector dies that has {collector.doing} key {collector.key}", with_collector(state, c)


def expire_upload(world: World, state: State) -> Steps:
    """G6: the upload's row becomes a tombstone, for its bytes may be complete already."""
    for k, key in enumerate(state.keys):
        if key.is_upload:
            yield f"G6 ends the upload to key {k}", with_key(state, k, is_upload=False, tombstone=NAMELESS)


def sweep(world: World, state: State) -> Steps:
    """G7: bytes that no row names get a tombstone."""
    for k, key in enumerate(state.keys):
        if key.bytes and not key.is_tracked:
            yield f"G7 finds key {k} in the storage only", with_key(state, k, tombstone=NAMELESS)


def resurrect(world: World, state: State) -> Steps:
    """A tombstone that nobody has claimed becomes the live object again (optional, and safe)."""
    for k, key in enumerate(state.keys):
        if key.tombstone == PENDING and world.live_key(state, key.store) is None:
            revived = with_key(state, k, tombstone=NOTHING, object=LIVE)
            yield f"key {k} comes back from its tombstone", revived._replace(has_blob=True)


def lose_object(world: World, state: State) -> Steps:
    """A disk fails or is away for a while, and the object is marked missing; the next upload heals it."""
    if state.losses < world.losses:
        for k, key in enumerate(state.keys):
            if key.object == LIVE:
                marked = with_key(state._replace(losses=state.losses + 1), k, object=MISSING)
                yield f"the disk with key {k} is away, and the object marked missing", marked
                yield f"the disk with key {k} dies, and the object is marked missing", with_key(marked, k, bytes="")


def bury(state: State, store: int) -> State:
    """Turn every object of `store` into a tombstone; that of a missing one names no digest."""
    for k, key in enumerate(state.keys):
        if key.object and key.store == store:
            state = with_key(state, k, object=NOTHING, tombstone=PENDING if key.object == LIVE else NAMELESS)
    return state


def idle_pushers(state: State) -> list[int]:
    """Return the pushers that are about to begin."""
    return [p for p, pusher in enumerate(state.pushers) if not pusher.doing]


def pushers(state: State, doing: str) -> list[tuple[int, int]]:
    """Return the pushers at that point, each with its key."""
    return [(p, pusher.key) for p, pusher in enumerate(state.pushers) if pusher.doing == doing]


def idle_collectors(state: State) -> list[int]:
    """Return a collector that is free, if there is one: they are alike."""
    return [c for c, collector in enumerate(state.collectors) if not collector.doing][:1]


def collectors(state: State, doing: str) -> list[tuple[int, int]]:
    """Return the collectors at that point, each with its key."""
    return [(c, collector.key) for c, collector in enumerate(state.collectors) if collector.doing == doing]


COLLECTION: Mapping[str, Rule] = MappingProxyType(
    {
        rule.__name__: rule
        for rule in (
            drop_tombstone,
            delete_bytes,
            claim_tombstone,
            collect_link,
            collect_blob,
            collect_objects,
            expire_upload,
            sweep,
            crash_collector,
        )
    }
)
"""What collectors do, in the order in which one that nobody disturbs gets everything done."""

SOUND: Mapping[str, Rule] = MappingProxyType(
    {
        rule.__name__: rule
        for rule in (
            start_upload,
            send_bytes,
            close_upload,
            head,
            mount,
            put_manifest,
            delete_blob,
            delete_manifest,
            restore_manifest,
            purge_manifest,
            *COLLECTION.values(),
            resurrect,
            lose_object,
        )
    }
)
"""Every rule, by name."""
