# SPDX-License-Identifier: Apache-2.0
"""What the registry holds and serves: deltas that are only ever appended, until somebody adds them up."""

from collections.abc import Collection
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select

from entrepot.infra.database.prepared import Prepared
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import manifests
from entrepot.registry.tables import objects
from entrepot.registry.tables import repositories
from entrepot.registry.tables import usage_deltas


class UsageKind(StrEnum):
    """What a delta counts."""

    BLOB = "blob"
    MANIFEST = "manifest"
    PULL = "pull"


@dataclass(frozen=True, slots=True)
class Delta:
    """A change of `bytes` and `count` (negative when something went) by one digest in one repository."""

    kind: UsageKind
    repository: RepositoryName
    repo_id: RepositoryId
    digest: Digest
    bytes: int
    count: int


@dataclass(frozen=True, slots=True)
class TakenDelta:
    """A delta as it is read back: of a repository that may be gone by now, in a project that may be."""

    namespace: str
    repo_id: RepositoryId
    kind: UsageKind
    digest: Digest
    bytes: int
    count: int
    at: Milliseconds


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the whole registry holds: bytes of its objects, manifests outside the bin, repositories that are listed."""

    stored_bytes: int
    artifacts: int
    repositories: int


_COLUMNS = ("namespace", "repo_id", "kind", "digest", "bytes", "count", "at")
_INSERT = Prepared(insert(usage_deltas).values({name: bindparam(name) for name in _COLUMNS}), *_COLUMNS)

_OLDEST = (
    select(usage_deltas.c.id)
    .order_by(usage_deltas.c.id)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(skip_locked=True)
)
_TAKE = (
    delete(usage_deltas)
    .where(usage_deltas.c.id.in_(_OLDEST))
    .returning(*(usage_deltas.c[name] for name in ("namespace", "repo_id", "kind", "digest", "bytes", "count", "at")))
)
_VISIBLE = select(repositories.c.id, repositories.c.name).where(repositories.c.visible_at.is_not(None))
_NAMES_OF = _VISIBLE.where(repositories.c.id.in_(bindparam("ids", expanding=True)))
_IDS_OF = _VISIBLE.where(repositories.c.name.in_(bindparam("names", expanding=True)))
_STORED_BYTES = select(func.coalesce(func.sum(objects.c.stored_size), 0)).where(objects.c.state == "live")
_ARTIFACTS = select(func.count()).select_from(manifests).where(manifests.c.deleted_at.is_(None))
_REPOSITORIES = select(func.count()).select_from(repositories).where(repositories.c.visible_at.is_not(None))


def add(connection: Connection, deltas: Iterable[Delta], now: Milliseconds) -> None:
    """Append deltas."""
    rows = [
        (namespace_of(each.repository), each.repo_id, each.kind.value, each.digest, each.bytes, each.count, now)
        for each in deltas
    ]
    _INSERT.run_all(connection, rows)


def take(connection: Connection, limit: int) -> list[TakenDelta]:
    """Remove the `limit` oldest deltas and return them, for the caller to add up in the same transaction.

    No delta is taken twice: whoever takes at the same time gets others.
    """
    taken = connection.execute(_TAKE, {"limit": limit})
    return [TakenDelta(row[0], row[1], UsageKind(row[2]), *row[3:]) for row in taken]


def holdings(connection: Connection) -> Holdings:
    """Count what the registry holds. Looks at every object: not for a request to wait for."""
    return Holdings(
        connection.execute(_STORED_BYTES).scalar_one(),
        connection.execute(_ARTIFACTS).scalar_one(),
        connection.execute(_REPOSITORIES).scalar_one(),
    )


def names_of(connection: Connection, ids: Collection[RepositoryId]) -> dict[RepositoryId, RepositoryName]:
    """Return the names of those of `ids` that are listed repositories."""
    return {row.id: row.name for row in connection.execute(_NAMES_OF, {"ids": list(ids)})}


def ids_of(connection: Connection, names: Collection[str]) -> dict[RepositoryId, RepositoryName]:
    """Return those of `names` that listed repositories have, by id."""
    return {row.id: row.name for row in connection.execute(_IDS_OF, {"names": list(names)})}
