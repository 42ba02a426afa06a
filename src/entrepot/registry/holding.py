# SPDX-License-Identifier: Apache-2.0
"""Placing, extending and releasing holds, each in the caller's transaction, so that nothing is deleted meanwhile.

Whoever deletes locks the repository (`registry.delete`), and so does the collector before it purges: a hold counts for
all of them from the end of the transaction that places it.
"""

from dataclasses import replace

from sqlalchemy import Connection

from entrepot.kernel.changes import Change
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import Conflict
from entrepot.kernel.errors import InvalidRequest
from entrepot.kernel.errors import NotFound
from entrepot.oci.digest import Digest
from entrepot.oci.errors import ManifestUnknown
from entrepot.oci.errors import NameUnknown
from entrepot.oci.reference import TagName
from entrepot.oci.reference import namespace_of
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.store import manifests
from entrepot.registry.store import placed_holds as store
from entrepot.registry.store import recycle_bin
from entrepot.registry.store import repositories
from entrepot.registry.store import tags
from entrepot.registry.store.holds import HoldKind
from entrepot.registry.store.placed_holds import PlacedHold
from entrepot.registry.store.repositories import Repository

MAX_USER_HOLD_MS = 366 * DAY_MS
"""How long a hold lasts at most that whoever may delete can place."""

MAX_HOLDS = 1_000
"""In one repository, that are in force."""


class HoldInvalid(InvalidRequest):
    """The hold is not valid."""

    code = "hold_invalid"


class HoldUnknown(NotFound):
    """There is no such hold in this repository."""

    code = "hold_unknown"
    default_hint = "entrepot hold list shows those that there are."


class HoldEnded(Conflict):
    """The hold has ended already."""

    code = "hold_ended"
    default_hint = "Place another one, if the artifact is still there."


class TooManyHolds(Conflict):
    """There are as many holds in this repository as there can be."""

    code = "too_many_holds"
    default_hint = "Release some, or hold the whole repository."


def place(connection: Connection, wanted: PlacedHold) -> PlacedHold:
    """Place a hold; return it with what its tag points at.

    Raises `HoldInvalid`, `NameUnknown`, `ManifestUnknown` and `TooManyHolds`.
    """
    _require_end(wanted.kind, wanted.expires_at, wanted.placed_at)
    repository = repositories.lock_whole(connection, wanted.repository)
    if repository is None or not repository.is_visible:
        raise NameUnknown(detail={"name": wanted.repository})
    if store.count(connection, repository.id, wanted.placed_at) >= MAX_HOLDS:
        raise TooManyHolds(f"{MAX_HOLDS} holds of {wanted.repository} are in force, which is the most")
    digest = wanted.digest or (_digest_of(connection, repository, wanted.tag) if wanted.tag else None)
    if digest is not None:
        known = manifests.lock(connection, repository.id, digest)
        if known is None or known.purge_after == recycle_bin.SEALED:
            raise ManifestUnknown(f"{digest} is not in {wanted.repository}", detail={"digest": digest})
    placed = replace(wanted, digest=digest)
    store.add(connection, repository.id, placed)
    announce(connection, Change.HOLD_PLACED, placed.placed_at, _told(placed, None, _terms(placed), placed.reason))
    return placed


def _digest_of(connection: Connection, repository: Repository, tag: TagName) -> Digest:
    found = tags.find(connection, repository.id, tag)
    if found is None or found.digest is None:
        raise ManifestUnknown(f"{repository.name} has no tag {tag}", detail={"tag": tag})
    return found.digest


def extend(connection: Connection, hold: PlacedHold, until: Milliseconds | None, now: Milliseconds) -> PlacedHold:
    """Let a hold end later, or never. Raises `HoldUnknown`, `HoldEnded` and `HoldInvalid`."""
    before = _in_force(connection, hold, now)
    _require_end(before.kind, until, now)
    if before.expires_at is None or (until is not None and until < before.expires_at):
        raise HoldInvalid("a hold is only extended", hint="Release it, and say why, and place another one.")
    store.extend(connection, before.id, until)
    after = replace(before, expires_at=until)
    announce(connection, Change.HOLD_EXTENDED, now, _told(after, _terms(before), _terms(after), after.reason))
    return after


def release(connection: Connection, released: PlacedHold, now: Milliseconds) -> PlacedHold:
    """End a hold, as `released` tells who does so and why. Raises `HoldUnknown` and `HoldEnded`."""
    before = _in_force(connection, released, now)
    why = released.release_reason or ""
    store.release(connection, before.id, now, released.released_by or "", why)
    announce(connection, Change.HOLD_RELEASED, now, _told(before, _terms(before), None, why))
    return replace(before, released_at=now, released_by=released.released_by, release_reason=why)


def _in_force(connection: Connection, hold: PlacedHold, now: Milliseconds) -> PlacedHold:
    """Return a hold as it is now, which nobody else changes until the transaction ends."""
    repository = repositories.lock_whole(connection, hold.repository)
    known = store.find(connection, repository.id, hold.id) if repository else None
    if known is None:
        raise HoldUnknown(f"there is no hold {hold.id} in {hold.repository}")
    if not known.is_in_force(now):
        raise HoldEnded(f"the hold {hold.id} has ended")
    return known


def _require_end(kind: HoldKind, until: Milliseconds | None, now: Milliseconds) -> None:
    if until is None and kind is HoldKind.USER:
        raise HoldInvalid(
            "a hold of a user has an end", hint="Name one within a year; only legal holds are without an end."
        )
    if until is not None and until <= now:
        raise HoldInvalid("a hold ends in the future", hint="Name a later moment.")
    if until is not None and kind is HoldKind.USER and until > now + MAX_USER_HOLD_MS:
        raise HoldInvalid("a hold of a user ends within a year", hint="Name an earlier moment, and extend it then.")


def _terms(hold: PlacedHold) -> dict[str, object]:
    return {
        "id": hold.id,
        "kind": hold.kind.value,
        "digest": hold.digest,
        "tag": hold.tag,
        "reason": hold.reason,
        "expires_at": hold.expires_at,
    }


def _told(hold: PlacedHold, before: object, after: object, reason: str) -> Told:
    where = hold.repository if hold.digest is None else f"{hold.repository}@{hold.digest}"
    return Told(
        object=f"hold:{where}",
        project=namespace_of(hold.repository),
        repository=hold.repository,
        before=before,
        after=after,
        reason=reason,
    )
