# SPDX-License-Identifier: Apache-2.0
"""Orders that must not be kept. Each is a sound order with one rule done wrong, and does a harm that is known."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.model.model import DELETING
from tests.model.model import DOOMED
from tests.model.model import EMPTIED
from tests.model.model import LEAKED
from tests.model.model import LIVE
from tests.model.model import LOST
from tests.model.model import NOTHING
from tests.model.model import ORPHANED
from tests.model.model import PENDING
from tests.model.model import UNREADABLE
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
from tests.model.protocol import SENDING
from tests.model.protocol import SENT
from tests.model.protocol import SOUND
from tests.model.protocol import SURE
from tests.model.protocol import bury
from tests.model.protocol import close_upload
from tests.model.protocol import collectors
from tests.model.protocol import idle_collectors
from tests.model.protocol import idle_pushers
from tests.model.protocol import pushers
from tests.model.protocol import sweep

CHECKED, CLEARED = "checked", "cleared"


def delete_bytes_before_rows(world: World, state: State) -> Steps:
    """G4 checks, deletes the bytes, checks again and deletes the rows."""
    live = world.live_key(state, 0)
    for c in idle_collectors(state):
        if not is_linked(state) and live is not None:
            yield f"G4 sees that nobody links key {live}", with_collector(state, c, CHECKED, live)
    for c, k in collectors(state, CHECKED):
        yield f"G4 deletes the bytes of key {k}", with_collector(with_key(state, k, bytes=NOTHING), c, CLEARED, k)
    for c, k in collectors(state, CLEARED):
        done = state if is_linked(state) else with_key(state, k, object=NOTHING)._replace(has_blob=False)
        yield f"G4 deletes the rows of key {k} unless they are linked again", with_collector(done, c)


def name_keys_by_digest(world: World, state: State) -> Steps:
    """POST: there is one key for the content. One push at a time uses it, and takes it back from its tombstone."""
    if any(pusher.key == 0 for pusher in state.pushers):
        return
    for p in idle_pushers(state):
        if not state.keys:
            yield f"push {p} starts an upload to key 0", with_pusher(state._replace(keys=(Key(0),)), p, SENDING, 0)
        elif not state.keys[0].is_upload and not state.keys[0].object:
            again = with_key(state, 0, is_upload=True, tombstone=NOTHING)
            yield f"push {p} starts an upload to key 0 again", with_pusher(again, p, SENDING, 0)


def put_manifest_unchecked(world: World, state: State) -> Steps:
    """PUT of a manifest: the client was told before that its blobs are here."""
    for p, _ in pushers(state, SURE):
        put = with_repository(state, world.pushers[p], manifest=LIVE)
        yield f"push {p} puts its manifest, and nobody checks again", with_pusher(put, p)


def check_link_then_delete(world: World, state: State) -> Steps:
    """G3: the check and the deletion are two transactions."""
    repository = state.repositories[0]
    for c in idle_collectors(state):
        if repository.link and not repository.manifest:
            yield "G3 sees that no manifest uses the link", with_collector(state, c, CHECKED)
    for c, _ in collectors(state, CHECKED):
        yield "G3 removes the link", with_collector(with_repository(state, 0, link=NOTHING), c)


def check_blob_then_delete(world: World, state: State) -> Steps:
    """G4: the check and the deletion are two transactions."""
    for c in idle_collectors(state):
        if state.has_blob and not is_linked(state):
            yield "G4 sees that no repository links the blob", with_collector(state, c, CHECKED)
    for c, _ in collectors(state, CHECKED):
        done = bury(state, 0)._replace(has_blob=False)
        yield "G4 turns the blob and its objects into tombstones", with_collector(done, c)


def loser_deletes_by_digest(world: World, state: State) -> Steps:
    """PUT of a blob: whoever comes second cleans up what is stored of that digest."""
    for p, k in pushers(state, SENT):
        live = world.live_key(state, state.keys[k].store)
        if state.keys[k].is_upload and live is not None:
            closed = with_key(with_key(state, k, is_upload=False, tombstone=PENDING), live, bytes=NOTHING)
            linked = with_repository(closed, world.pushers[p], link=VISIBLE)
            yield f"push {p} comes second and deletes the bytes of key {live}", with_pusher(linked, p, SURE)
            return
    yield from close_upload(world, state)


def resurrect_claimed(world: World, state: State) -> Steps:
    """A tombstone comes back though a collector has claimed it."""
    for k, key in enumerate(state.keys):
        if key.tombstone in (PENDING, DELETING) and world.live_key(state, key.store) is None:
            revived = with_key(state, k, tombstone=NOTHING, object=LIVE)
            yield f"key {k} comes back from its tombstone", revived._replace(has_blob=True)


def delete_blob_row_alone(world: World, state: State) -> Steps:
    """G4: the blob's row goes, and its objects are left to somebody else."""
    if state.has_blob and not is_linked(state):
        yield "G4 deletes the row in `blobs` and no other", state._replace(has_blob=False)


def close_expired_upload(world: World, state: State) -> Steps:
    """PUT of a blob: nobody looks whether the upload's row is still there."""
    yield from close_upload(world, state)
    for p, k in pushers(state, SENT):
        if not state.keys[k].is_upload and world.live_key(state, state.keys[k].store) is None:
            closed = with_key(state._replace(has_blob=True), k, object=LIVE)
            linked = with_repository(closed, world.pushers[p], link=VISIBLE)
            yield f"push {p} closes its upload, which is gone: key {k} is the live object", with_pusher(linked, p, SURE)


def forget_empty_upload(world: World, state: State) -> Steps:
    """G6: an upload without complete bytes goes without a tombstone, and the look at the bytes is a step of its own."""
    for k, key in enumerate(state.keys):
        for c in idle_collectors(state):
            if key.is_upload and not key.bytes:
                yield f"G6 sees no complete bytes of key {k}", with_collector(state, c, CHECKED, k)
    for c, k in collectors(state, CHECKED):
        yield f"G6 forgets the upload to key {k}", with_collector(with_key(state, k, is_upload=False), c)


def store_bytes_before_rows(world: World, state: State) -> Steps:
    """A blob in one request: no row names the key until the blob is recorded, after its bytes."""
    for p in idle_pushers(state):
        k = len(state.keys)
        if k < world.keys:
            begun = state._replace(keys=(*state.keys, Key(world.stores[world.pushers[p]], is_upload=False)))
            yield f"push {p} sends a whole blob to key {k}", with_pusher(begun, p, SENDING, k)
    for p, k in pushers(state, SENT):
        is_first = world.live_key(state, state.keys[k].store) is None
        kept = with_key(state, k, object=LIVE) if is_first else with_key(state, k, tombstone=PENDING)
        linked = with_repository(kept._replace(has_blob=True), world.pushers[p], link=VISIBLE)
        what = "is the live object" if is_first else "was not needed"
        yield f"push {p} records its blob: key {k} {what}", with_pusher(linked, p, SURE)


def sweep_patiently(world: World, state: State) -> Steps:
    """G7 with an age limit that no request outlives: bytes that a push is about to record are left alone."""
    pushed = {pusher.key for pusher in state.pushers}
    for step, after in sweep(world, state):
        if not any(after.keys[k] != state.keys[k] for k in pushed if k >= 0):
            yield step, after


def is_linked(state: State) -> bool:
    """Tell whether a repository has the blob."""
    return any(repository.link for repository in state.repositories)


@dataclass(frozen=True, slots=True)
class BrokenOrder:
    """A rule that is done wrong."""

    name: str
    replaced: str
    """The sound rule in whose place it stands."""
    rule: Rule
    harm: str
    guarded: str | None
    """What is left of the harm when foreign keys are enforced."""

    def world(self, *, has_foreign_keys: bool = False) -> World:
        """Return a small world in which this rule holds."""
        rules: Mapping[str, Rule] = {**SOUND, self.replaced: self.rule}
        return World(rules, keys=2, has_foreign_keys=has_foreign_keys)


BROKEN_ORDERS = (
    BrokenOrder("bytes are deleted before rows", "collect_blob", delete_bytes_before_rows, LOST, LOST),
    BrokenOrder("a key is used again", "start_upload", name_keys_by_digest, LOST, LOST),
    BrokenOrder("a manifest's blobs are not checked", "put_manifest", put_manifest_unchecked, LOST, UNREADABLE),
    BrokenOrder("a link is checked, later deleted", "collect_link", check_link_then_delete, LOST, None),
    BrokenOrder("a blob is checked, later deleted", "collect_blob", check_blob_then_delete, LOST, None),
    BrokenOrder("the second upload deletes the first", "close_upload", loser_deletes_by_digest, LOST, LOST),
    BrokenOrder("a claimed tombstone comes back", "resurrect", resurrect_claimed, EMPTIED, EMPTIED),
    BrokenOrder("a blob's row goes before its objects", "collect_blob", delete_blob_row_alone, ORPHANED, None),
    BrokenOrder("an upload is closed that had ended", "close_upload", close_expired_upload, DOOMED, DOOMED),
    BrokenOrder("bytes are stored before a row names them", "start_upload", store_bytes_before_rows, LOST, LOST),
    BrokenOrder("an ended upload leaves no tombstone", "expire_upload", forget_empty_upload, LEAKED, LEAKED),
)
