# SPDX-License-Identifier: Apache-2.0
"""What is kept whatever anybody wants: manifests under a hold that people placed, and those that clusters run.

A hold counts for what is below a manifest too (`store.lineage`), and one of a whole repository for all in it. What a
cluster runs counts for the indexes that hold it as well, since clusters say one digest or the other.
"""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from typing import TypeVar

from sqlalchemy import BigInteger
from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import or_
from sqlalchemy import select

from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.registry.store import lineage
from entrepot.registry.store.hold_tables import in_use_clusters
from entrepot.registry.store.hold_tables import in_use_pins
from entrepot.registry.store.hold_tables import placed_holds
from entrepot.registry.store.lineage import Edges
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repositories

WITHOUT_END = 2**63


class HoldKind(StrEnum):
    """Who may place and release a hold. Values never change: they are stored."""

    LEGAL = "legal"
    """Evidence: it takes a right of its own, and need not end."""
    USER = "user"
    """What somebody who may delete wants nobody to delete for a while."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold that is in force. `digest` is what it was placed on, which may be above what it keeps; None for all.

    `who` is such as `user:alice`; `expires_at` is None for one without an end.
    """

    id: str
    kind: HoldKind
    reason: str
    who: str
    placed_at: Milliseconds
    expires_at: Milliseconds | None
    digest: Digest | None

    @property
    def strength(self) -> tuple[bool, int, str]:
        """How it compares with others: of those that keep something, the greatest is told of."""
        ends = WITHOUT_END if self.expires_at is None else self.expires_at
        return self.kind is HoldKind.LEGAL, ends, self.id


@dataclass(frozen=True, slots=True)
class Pin:
    """That a cluster runs something, and until when what it said counts."""

    cluster: str
    until: Milliseconds

    @property
    def strength(self) -> tuple[int, str]:
        """How it compares with others: of those that keep something, the greatest is told of."""
        return self.until, self.cluster


KeeperT = TypeVar("KeeperT", Hold, Pin)

_REPO = bindparam("repo_id", type_=BigInteger)
_NOW = bindparam("now", type_=BigInteger)
_IN_FORCE = select(
    placed_holds.c.id,
    placed_holds.c.kind,
    placed_holds.c.reason,
    placed_holds.c.placed_by,
    placed_holds.c.placed_at,
    placed_holds.c.expires_at,
    placed_holds.c.digest,
).where(
    placed_holds.c.repo_id == _REPO,
    placed_holds.c.released_at.is_(None),
    or_(placed_holds.c.expires_at.is_(None), placed_holds.c.expires_at > _NOW),
)
_SOME_IN_FORCE = _IN_FORCE.where(placed_holds.c.digest.in_(bindparam("some", expanding=True)))
_OF_WHOLE = _IN_FORCE.where(placed_holds.c.digest.is_(None))
_ANY = _IN_FORCE.limit(1)
_PINS = (
    select(in_use_pins.c.digest, in_use_pins.c.cluster, in_use_clusters.c.until)
    .join(in_use_clusters, in_use_clusters.c.cluster == in_use_pins.c.cluster)
    .join(repositories, and_(repositories.c.name == in_use_pins.c.repository, repositories.c.id == _REPO))
    .where(in_use_clusters.c.until > _NOW)
)
_SOME_PINS = _PINS.where(in_use_pins.c.digest.in_(bindparam("some", expanding=True)))
_ALL = select(manifests.c.digest).where(manifests.c.repo_id == _REPO)


def held(
    connection: Connection, repo_id: RepositoryId, digests: Collection[Digest], now: Milliseconds
) -> dict[Digest, Hold]:
    """Return those of `digests`, in the bin or not, that a hold keeps which is in force, with the strongest one."""
    values = {"repo_id": repo_id, "now": now}
    if not digests or connection.execute(_ANY, values).first() is None:
        return {}
    edges = lineage.above(connection, repo_id, digests)
    found: dict[Digest, Hold] = {}
    for some in lineage.portions(edges):
        for row in connection.execute(_SOME_IN_FORCE, {**values, "some": some}):
            hold = _hold(row)
            _keep(found, [row.digest], hold)
    inherited = _inherited(found, lineage.upside_down(edges))
    kept = {digest: inherited[digest] for digest in digests if digest in inherited}
    for row in connection.execute(_OF_WHOLE, values):
        _keep(kept, digests, _hold(row))
    return kept


def all_held(connection: Connection, repo_id: RepositoryId, now: Milliseconds) -> dict[Digest, Hold]:
    """Return all manifests of a repository, in the bin or not, that a hold keeps, with the strongest one."""
    holds = [_hold(row) for row in connection.execute(_IN_FORCE, {"repo_id": repo_id, "now": now})]
    found: dict[Digest, Hold] = {}
    for hold in holds:
        if hold.digest is not None:
            _keep(found, [hold.digest], hold)
    kept = _inherited(found, lineage.below(connection, repo_id, found)) if found else {}
    whole = [hold for hold in holds if hold.digest is None]
    if whole:
        strongest = max(whole, key=lambda hold: hold.strength)
        _keep(kept, connection.execute(_ALL, {"repo_id": repo_id}).scalars(), strongest)
    return kept


def pinned(
    connection: Connection, repo_id: RepositoryId, digests: Collection[Digest], now: Milliseconds
) -> dict[Digest, Pin]:
    """Return those of `digests` that a cluster runs, by its last word, with the one that says so for longest.

    Indexes that hold what runs count as running, and so does what is below anything that runs.
    """
    values = {"repo_id": repo_id, "now": now}
    if not digests or connection.execute(_PINS.limit(1), values).first() is None:
        return {}
    up = lineage.above(connection, repo_id, digests)
    down = lineage.children_of(connection, repo_id, up)
    found: dict[Digest, Pin] = {}
    for some in lineage.portions(down):
        for digest, cluster, until in connection.execute(_SOME_PINS, {**values, "some": some}):
            _keep(found, [digest], Pin(cluster, until))
    running = _inherited(found, lineage.upside_down(down))
    kept = _inherited(running, lineage.upside_down(up))
    return {digest: kept[digest] for digest in digests if digest in kept}


def all_pinned(connection: Connection, repo_id: RepositoryId, now: Milliseconds) -> dict[Digest, Pin]:
    """Return all manifests of a repository for which `pinned` would tell a cluster; others may be among them."""
    found: dict[Digest, Pin] = {}
    for digest, cluster, until in connection.execute(_PINS, {"repo_id": repo_id, "now": now}):
        _keep(found, [digest], Pin(cluster, until))
    if not found:
        return {}
    running = _inherited(found, lineage.indexes_of(connection, repo_id, found))
    return _inherited(running, lineage.below(connection, repo_id, running))


def pins_of(connection: Connection, repo_id: RepositoryId, digest: Digest, now: Milliseconds) -> list[Pin]:
    """Return every cluster for which `pinned` would tell that it runs a manifest, by name."""
    values = {"repo_id": repo_id, "now": now}
    if connection.execute(_PINS.limit(1), values).first() is None:
        return []
    family = lineage.children_of(connection, repo_id, lineage.above(connection, repo_id, [digest]))
    clusters: dict[str, Milliseconds] = {}
    for some in lineage.portions(family):
        found = connection.execute(_SOME_PINS, {**values, "some": some})
        clusters |= {cluster: until for _, cluster, until in found}
    return [Pin(cluster, clusters[cluster]) for cluster in sorted(clusters)]


def _hold(row: Any) -> Hold:
    return Hold(
        id=row.id,
        kind=HoldKind(row.kind),
        reason=row.reason,
        who=row.placed_by,
        placed_at=row.placed_at,
        expires_at=row.expires_at,
        digest=row.digest,
    )


def _keep(found: dict[Digest, KeeperT], digests: Iterable[Digest], keeper: KeeperT) -> None:
    """Note what keeps manifests, unless something stronger does."""
    for digest in digests:
        before = found.get(digest)
        if before is None or before.strength < keeper.strength:
            found[digest] = keeper


def _inherited(found: Mapping[Digest, KeeperT], edges: Edges) -> dict[Digest, KeeperT]:
    """Return what keeps each manifest, where it goes on from `found` along `edges`."""
    kept: dict[Digest, KeeperT] = {}
    for digest, keeper in sorted(found.items(), key=lambda each: each[1].strength, reverse=True):
        waiting = [digest]
        while waiting:
            one = waiting.pop()
            if one not in kept:
                kept[one] = keeper
                waiting += edges.get(one, ())
    return kept
