# SPDX-License-Identifier: Apache-2.0
"""The collector's queue and its walk over leases, as seen by one digest: nothing that may go is ever forgotten.

`model.py` lets the collector see at once what nobody uses. Here it sees only what
was queued for it, and leases that its walk has come to. Transactions of the
collector are taken apart where another one can come in between: what one has
not committed is invisible to all others, and a row that one has locked makes
others wait.
"""

from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from typing import NamedTuple

from tests.model.search import Exploration
from tests.model.search import explore

NOTHING, LIVE, BINNED = "", "live", "binned"
AHEAD, PASSED = "ahead", "passed"
"""A lease that the walk will come to, and one that it has left behind."""
TAKEN, FREE, HELD = "taken", "free", "held"
"""A link that was taken from the queue, and what was found about it then."""


class Repository(NamedTuple):
    """What a repository says of the digest, and how far the collector is with it."""

    lease: str = NOTHING
    """Of the link: AHEAD or PASSED; NOTHING without a link."""
    manifest: str = NOTHING
    """A manifest that holds the link: LIVE or BINNED."""
    is_queued: bool = False
    unlinking: str = NOTHING
    """A transaction that removes the link, or forgets it: TAKEN, then FREE or HELD."""
    is_purging: bool = False
    """A transaction has removed the manifest and not yet queued the link."""

    @property
    def is_locked(self) -> bool:
        """Whether whoever needs the link has to wait."""
        return self.unlinking in {FREE, HELD}


class State(NamedTuple):
    """Everything at one moment."""

    has_blob: bool
    is_blob_queued: bool
    repositories: tuple[Repository, ...]


Steps = Iterator[tuple[str, State]]
Rule = Callable[[State], Steps]

START = State(has_blob=False, is_blob_queued=False, repositories=(Repository(), Repository()))


def push_blob(state: State) -> Steps:
    """An upload, a mount or a HEAD: the link is there, under a lease. It waits for whoever is removing the link."""
    for r, repository in enumerate(state.repositories):
        if not repository.is_locked:
            yield f"push: a lease in {r}", _with(state._replace(has_blob=True), r, lease=AHEAD)


def push_manifest(state: State) -> Steps:
    """A manifest holds the link, which it locks first; one that is being purged is waited for."""
    for r, repository in enumerate(state.repositories):
        if repository.lease and not repository.is_locked and not repository.is_purging:
            yield f"push: a manifest in {r}", _with(state, r, manifest=LIVE)


def delete_manifest(state: State) -> Steps:
    """Into the bin."""
    for r, repository in enumerate(state.repositories):
        if repository.manifest == LIVE:
            yield f"delete: the manifest of {r}", _with(state, r, manifest=BINNED)


def begin_purge(state: State) -> Steps:
    """The manifest is locked and removed, which nobody else sees yet."""
    for r, repository in enumerate(state.repositories):
        if repository.manifest == BINNED and not repository.is_purging:
            yield f"purge: begins in {r}", _with(state, r, is_purging=True)


def end_purge(state: State) -> Steps:
    """The link is queued, once nobody has locked its row in the queue, and all of it is committed."""
    for r, repository in enumerate(state.repositories):
        if repository.is_purging and not (repository.is_queued and repository.unlinking):
            yield f"purge: ends in {r}", _with(state, r, is_purging=False, manifest=NOTHING, is_queued=True)


def find_unused(state: State) -> Steps:
    """The walk passes a lease that has ended, and queues its link if no manifest holds it."""
    for r, repository in enumerate(state.repositories):
        is_waiting = not repository.manifest and repository.is_queued and repository.unlinking
        if repository.lease == AHEAD and not is_waiting:
            is_queued = repository.is_queued or not repository.manifest
            yield f"walk: passes the lease of {r}", _with(state, r, lease=PASSED, is_queued=is_queued)


def take_link(state: State) -> Steps:
    """A link is taken from the queue, where its row is locked."""
    for r, repository in enumerate(state.repositories):
        if repository.is_queued and not repository.unlinking:
            yield f"unlink: takes {r}", _with(state, r, unlinking=TAKEN)


def judge_link(state: State) -> Steps:
    """The link is locked, and in another statement it is asked who needs it: a manifest, or a lease that may go on."""
    for r, repository in enumerate(state.repositories):
        if repository.unlinking == TAKEN:
            if repository.manifest or repository.lease == AHEAD:
                yield f"unlink: {r} is held", _with(state, r, unlinking=HELD)
            if not repository.manifest:
                yield f"unlink: {r} is free", _with(state, r, unlinking=FREE)


def settle_link(state: State) -> Steps:
    """A link that is held is forgotten, a free one removed and its blob queued."""
    for r, repository in enumerate(state.repositories):
        if repository.unlinking == HELD:
            yield f"unlink: forgets {r}", _with(state, r, unlinking=NOTHING, is_queued=False)
        if repository.unlinking == FREE:
            removed = _with(state, r, unlinking=NOTHING, is_queued=False, lease=NOTHING)
            yield f"unlink: removes {r}", removed._replace(is_blob_queued=True)


def remove_blob(state: State) -> Steps:
    """A queued blob goes unless a repository links it; then it is forgotten."""
    if state.is_blob_queued:
        is_linked = any(repository.lease for repository in state.repositories)
        yield "remove: the blob", state._replace(is_blob_queued=False, has_blob=state.has_blob and is_linked)


COLLECTOR: Mapping[str, Rule] = MappingProxyType(
    {
        rule.__name__: rule
        for rule in (settle_link, judge_link, take_link, end_purge, find_unused, remove_blob, begin_purge)
    }
)
"""What the collector does, in the order in which one that nobody disturbs gets everything done."""

QUEUE: Mapping[str, Rule] = MappingProxyType(
    {"push_blob": push_blob, "push_manifest": push_manifest, "delete_manifest": delete_manifest, **COLLECTOR}
)
"""Every rule, by name."""


@dataclass(frozen=True, slots=True)
class Forgetful:
    """A rule done wrong, so that something is forgotten or lost."""

    replaced: str
    rule: Rule


def purge_without_queueing(state: State) -> Steps:
    """The manifest goes, and nobody is told of its link."""
    for r, repository in enumerate(state.repositories):
        if repository.is_purging:
            yield f"purge: ends in {r}", _with(state, r, is_purging=False, manifest=NOTHING)


def purge_beside_an_unlinker(state: State) -> Steps:
    """The unlinker has not locked the row in the queue: queueing again changes nothing, and is then forgotten."""
    for r, repository in enumerate(state.repositories):
        if repository.is_purging:
            yield f"purge: ends in {r}", _with(state, r, is_purging=False, manifest=NOTHING, is_queued=True)


def walk_past_used_leases_only(state: State) -> Steps:
    """The walk passes a lease whose link nobody uses, without queueing it."""
    for r, repository in enumerate(state.repositories):
        if repository.lease == AHEAD and not repository.unlinking:
            yield f"walk: passes the lease of {r}", _with(state, r, lease=PASSED)


def prolong_behind_the_walk(state: State) -> Steps:
    """A lease is prolonged where the walk has been already."""
    for r, repository in enumerate(state.repositories):
        if not repository.is_locked:
            yield f"push: a lease in {r}", _with(state._replace(has_blob=True), r, lease=repository.lease or PASSED)


def unlink_without_queueing(state: State) -> Steps:
    """The link goes, and nobody is told of its blob."""
    for step, after in settle_link(state):
        yield step, after._replace(is_blob_queued=state.is_blob_queued)


def push_without_locking(state: State) -> Steps:
    """A manifest comes to hold a link that is being removed."""
    for r, repository in enumerate(state.repositories):
        if repository.lease and not repository.is_purging:
            yield f"push: a manifest in {r}", _with(state, r, manifest=LIVE)


FORGETFUL = {
    "a purge that queues nothing": Forgetful("end_purge", purge_without_queueing),
    "a queue whose rows are not locked": Forgetful("end_purge", purge_beside_an_unlinker),
    "a walk that queues nothing": Forgetful("find_unused", walk_past_used_leases_only),
    "a lease that begins behind the walk": Forgetful("push_blob", prolong_behind_the_walk),
    "a link whose blob is not queued": Forgetful("settle_link", unlink_without_queueing),
}
LOSING = {"a push that locks nothing": Forgetful("push_manifest", push_without_locking)}


def search(rules: Mapping[str, Rule]) -> Exploration[State]:
    """Search everything that can happen for a manifest without its link, or a link without its blob."""
    return explore(START, successors(rules), {"a row refers to a row that is gone": lacks_a_parent}, _same)


def successors(rules: Mapping[str, Rule]) -> Callable[[State], Steps]:
    """Return what takes every step that any rule allows."""
    return lambda state: (step for rule in rules.values() for step in rule(state))


def lacks_a_parent(state: State) -> bool:
    """Tell whether content is lost that somebody names."""
    return any((r.manifest and not r.lease) or (r.lease and not state.has_blob) for r in state.repositories)


def is_unused(state: State) -> bool:
    """Tell whether no manifest, deleted or not, needs the content."""
    return not any(repository.manifest for repository in state.repositories)


def is_gone(state: State) -> bool:
    """Tell whether nothing is left."""
    return state == START


def _same(state: State) -> Hashable:
    return state


def _with(state: State, r: int, **change: Any) -> State:
    changed = state.repositories[r]._replace(**change)
    return state._replace(repositories=(*state.repositories[:r], changed, *state.repositories[r + 1 :]))
