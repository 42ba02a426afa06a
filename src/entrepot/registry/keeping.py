# SPDX-License-Identifier: Apache-2.0
"""Refusing what a hold forbids, and saying what still runs, in the transaction that deletes."""

from collections.abc import Collection
from collections.abc import Mapping

from sqlalchemy import Connection

from entrepot.kernel.access import Action
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import rfc3339
from entrepot.oci.digest import Digest
from entrepot.oci.digest import subject_of_fallback_tag
from entrepot.oci.errors import Denied
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.store import holds
from entrepot.registry.store import placed_holds
from entrepot.registry.store.holds import Hold
from entrepot.registry.store.holds import HoldKind
from entrepot.registry.store.holds import Pin
from entrepot.registry.store.placed_holds import PlacedHold
from entrepot.registry.store.repositories import Repository
from entrepot.registry.store.tags import find

MAX_HOLD_REASON_CHARACTERS = 200
"""So that what is said of a hold is not cut off anywhere."""


class UnderHold(Denied):
    """A hold keeps it."""

    def __init__(self, digest: Digest, hold: Hold, message: str, *, hint: str, detail: Mapping[str, str]) -> None:
        super().__init__(message, hint=hint, detail=dict(detail))
        self.digest = digest
        self.hold = hold


def require_unheld(
    connection: Connection, repository: Repository, digests: Collection[Digest], now: Milliseconds
) -> None:
    """Do nothing if no hold keeps any of `digests`. Raises `UnderHold`, saying which hold it is and who can end it."""
    found = holds.held(connection, repository.id, digests, now)
    if found:
        digest, hold = max(found.items(), key=lambda each: each[1].strength)
        raise _refusal(repository.name, digest, hold)


def require_unheld_namespace(connection: Connection, namespace: str, now: Milliseconds) -> None:
    """Do nothing if no hold is in force in a namespace. Raises `Denied`, naming the oldest."""
    placed = placed_holds.first_in_namespace(connection, namespace, now)
    if placed is not None:
        told = told_of_hold(placed)
        where = placed.repository if placed.digest is None else f"{placed.repository}@{placed.digest}"
        raise Denied(
            f"{where} is under {told}",
            hint=f"entrepot hold list --project {namespace} shows them; nothing there goes before.",
            detail={"repository": placed.repository, "hold": placed.id},
        )


def require_evidence(connection: Connection, repository: Repository, tag: TagName, now: Milliseconds) -> None:
    """Do nothing unless a tag ties a signature, or the like, to what a hold keeps. Raises as `require_unheld`.

    Older clients know what belongs to an artifact by such a tag alone. Any other tag of what is held may be deleted.
    """
    if subject_of_fallback_tag(tag) is None:
        return
    pointing = find(connection, repository.id, tag)
    if pointing is None or pointing.digest is None:
        return
    hold = holds.held(connection, repository.id, [pointing.digest], now).get(pointing.digest)
    if hold is not None:
        raise _refusal(repository.name, pointing.digest, hold)


def still_runs(connection: Connection, repository: Repository, digest: Digest, now: Milliseconds) -> list[str]:
    """Return the warning that a cluster runs what was deleted, if one does."""
    pin = holds.pinned(connection, repository.id, [digest], now).get(digest)
    return [] if pin is None else [told_of_pin(pin)]


def _refusal(name: RepositoryName, digest: Digest, hold: Hold) -> UnderHold:
    what = name if hold.digest is None else hold.digest
    along = "" if hold.digest == digest else f"{digest} is kept with {what}, which is under"
    right = Action.HOLD if hold.kind is HoldKind.LEGAL else Action.DELETE
    return UnderHold(
        digest,
        hold,
        f"{along or f'{digest} is under'} {told_of_hold(hold)}",
        hint=f"Nobody deletes it before that; who has the right to {right} in {name} can end it: "
        f"entrepot hold release {name} {hold.id}",
        detail={"repository": name, "digest": digest, "hold": hold.id, "kind": hold.kind.value},
    )


def told_of_hold(hold: Hold | PlacedHold) -> str:
    """Say which hold it is, in one line."""
    who = hold.who if isinstance(hold, Hold) else hold.placed_by
    ends = "without an end" if hold.expires_at is None else f"until {rfc3339(hold.expires_at)}"
    return f"a {hold.kind} hold by {who} {ends}: {hold.reason}"


def told_of_pin(pin: Pin) -> str:
    """Say which cluster runs something, in one line."""
    return f"the cluster {pin.cluster} said that it runs this, which counts until {rfc3339(pin.until)}"
