# SPDX-License-Identifier: Apache-2.0
"""What clusters say they run: each said one set at last, which counts until a moment that it named."""

from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import BigInteger
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import String
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import tuple_

from entrepot.infra.database.prepared import Prepared
from entrepot.infra.database.upsert import InsertOrUpdate
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store.hold_tables import in_use_clusters
from entrepot.registry.store.hold_tables import in_use_pins
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repositories


class Presence(StrEnum):
    """Whether what runs is in this registry."""

    HERE = "here"
    DELETED = "deleted"
    """It is in the bin, and can be restored."""
    UNKNOWN = "unknown"


class Running(NamedTuple):
    """Something that runs."""

    repository: RepositoryName
    digest: Digest


BEGINNING = Running(RepositoryName(""), Digest(""))


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster, who said what it runs, and until when that counts."""

    name: str
    reported_at: Milliseconds
    reported_by: str
    until: Milliseconds


@dataclass(frozen=True, slots=True)
class Listed:
    """Something that a cluster runs, and whether it is here."""

    running: Running
    presence: Presence


_NAME = bindparam("the_cluster", type_=String)
_LIMIT = bindparam("limit", type_=Integer)
_COLUMNS = (
    in_use_clusters.c.cluster,
    in_use_clusters.c.reported_at,
    in_use_clusters.c.reported_by,
    in_use_clusters.c.until,
)
_FIND = select(*_COLUMNS).where(in_use_clusters.c.cluster == _NAME)
_LOCK = _FIND.with_for_update()
_PAGE = (
    select(*_COLUMNS)
    .where(in_use_clusters.c.cluster > bindparam("after"))
    .order_by(in_use_clusters.c.cluster)
    .limit(_LIMIT)
)
_COUNT = select(func.count()).select_from(in_use_clusters)
_COUNT_BY = _COUNT.where(in_use_clusters.c.reported_by == bindparam("by"))
_SIZES = (
    select(in_use_pins.c.cluster, func.count())
    .where(in_use_pins.c.cluster.in_(bindparam("clusters", type_=String, expanding=True)))
    .group_by(in_use_pins.c.cluster)
)
_PUT = InsertOrUpdate(
    in_use_clusters,
    ("cluster", "reported_at", "reported_by", "until"),
    ("cluster",),
    lambda new: {"reported_at": new["reported_at"], "reported_by": new["reported_by"], "until": new["until"]},
)
_PINS = select(in_use_pins.c.repository, in_use_pins.c.digest).where(in_use_pins.c.cluster == _NAME)
_PIN = Prepared(insert(in_use_pins), "cluster", "repository", "digest")
_UNPIN = delete(in_use_pins).where(
    in_use_pins.c.cluster == _NAME,
    in_use_pins.c.repository == bindparam("the_repository"),
    in_use_pins.c.digest.in_(bindparam("digests", type_=String, expanding=True)),
)
_REMOVE = delete(in_use_clusters).where(in_use_clusters.c.cluster == _NAME)
_LISTED = (
    select(in_use_pins.c.repository, in_use_pins.c.digest, manifests.c.digest, manifests.c.deleted_at)
    .outerjoin(repositories, repositories.c.name == in_use_pins.c.repository)
    .outerjoin(manifests, and_(manifests.c.repo_id == repositories.c.id, manifests.c.digest == in_use_pins.c.digest))
    .where(
        in_use_pins.c.cluster == _NAME,
        tuple_(in_use_pins.c.repository, in_use_pins.c.digest) > tuple_(bindparam("repository"), bindparam("digest")),
    )
    .order_by(in_use_pins.c.repository, in_use_pins.c.digest)
    .limit(_LIMIT)
)
_MISSING = (
    select(in_use_pins.c.repository, in_use_pins.c.digest)
    .outerjoin(repositories, repositories.c.name == in_use_pins.c.repository)
    .outerjoin(
        manifests,
        and_(
            manifests.c.repo_id == repositories.c.id,
            manifests.c.digest == in_use_pins.c.digest,
            manifests.c.deleted_at.is_(None),
        ),
    )
    .where(in_use_pins.c.cluster == _NAME, manifests.c.digest.is_(None))
    .order_by(in_use_pins.c.repository, in_use_pins.c.digest)
    .limit(_LIMIT)
)
_ENDED = (
    select(in_use_clusters.c.cluster)
    .where(in_use_clusters.c.until < bindparam("before", type_=BigInteger))
    .limit(_LIMIT)
)
DIGESTS_PER_STATEMENT = 500


def find(connection: Connection, name: str) -> Cluster | None:
    """Return a cluster."""
    row = connection.execute(_FIND, {"the_cluster": name}).first()
    return None if row is None else Cluster(*row)


def lock(connection: Connection, name: str) -> Cluster | None:
    """Return a cluster, which nobody else changes until the transaction ends."""
    row = connection.execute(_LOCK, {"the_cluster": name}).first()
    return None if row is None else Cluster(*row)


def page(connection: Connection, after: str, limit: int) -> list[Cluster]:
    """Return up to `limit` clusters behind `after`, by name."""
    return [Cluster(*row) for row in connection.execute(_PAGE, {"after": after, "limit": limit})]


def count(connection: Connection) -> int:
    """Return how many clusters there are."""
    return connection.execute(_COUNT).scalar_one()


def count_by(connection: Connection, reporter: str) -> int:
    """Return for how many clusters somebody reported last."""
    return connection.execute(_COUNT_BY, {"by": reporter}).scalar_one()


def sizes(connection: Connection, clusters: Collection[str]) -> dict[str, int]:
    """Return how much each of the clusters runs."""
    found = connection.execute(_SIZES, {"clusters": list(clusters)})
    return {row[0]: row[1] for row in found}


def replace(connection: Connection, cluster: Cluster, running: Collection[Running]) -> None:
    """Put what a cluster runs in the place of what it ran. Writes no more than what has changed."""
    _PUT.run_all(connection, [(cluster.name, cluster.reported_at, cluster.reported_by, cluster.until)])
    before = {Running(*row) for row in connection.execute(_PINS, {"the_cluster": cluster.name})}
    wanted = set(running)
    gone: dict[RepositoryName, list[Digest]] = {}
    for each in before - wanted:
        gone.setdefault(each.repository, []).append(each.digest)
    for repository, digests in gone.items():
        for some in _portions(digests):
            connection.execute(_UNPIN, {"the_cluster": cluster.name, "the_repository": repository, "digests": some})
    _PIN.run_all(connection, [(cluster.name, each.repository, each.digest) for each in sorted(wanted - before)])


def remove(connection: Connection, name: str) -> None:
    """Forget a cluster and what it runs."""
    connection.execute(_REMOVE, {"the_cluster": name})


def listed(connection: Connection, name: str, after: Running, limit: int) -> list[Listed]:
    """Return up to `limit` of what a cluster runs, behind `after`, by name."""
    values = {"the_cluster": name, "repository": after.repository, "digest": after.digest, "limit": limit}
    return [
        Listed(
            Running(repository, digest),
            Presence.UNKNOWN if known is None else Presence.HERE if deleted_at is None else Presence.DELETED,
        )
        for repository, digest, known, deleted_at in connection.execute(_LISTED, values)
    ]


def missing(connection: Connection, name: str, limit: int) -> list[Running]:
    """Return up to `limit` of what a cluster runs that is not in this registry, or is deleted, by name."""
    return [Running(*row) for row in connection.execute(_MISSING, {"the_cluster": name, "limit": limit})]


def drop_ended(connection: Connection, before: Milliseconds, limit: int) -> int:
    """Forget clusters whose last word ended to count before a moment; return how many."""
    names: Sequence[str] = connection.execute(_ENDED, {"before": before, "limit": limit}).scalars().all()
    for name in names:
        remove(connection, name)
    return len(names)


def _portions(digests: Sequence[Digest]) -> Iterable[list[Digest]]:
    return (
        list(digests[start : start + DIGESTS_PER_STATEMENT]) for start in range(0, len(digests), DIGESTS_PER_STATEMENT)
    )
