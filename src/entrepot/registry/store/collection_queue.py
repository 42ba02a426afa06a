# SPDX-License-Identifier: Apache-2.0
"""The collector's queue: links and blobs that may have lost their last use."""

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from entrepot.infra.database.prepared import Prepared
from entrepot.infra.database.upsert import dialect_insert
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.store.tombstones import Reason
from entrepot.registry.tables import collection_queue

NOWHERE = RepositoryId(0)
"""Where a blob is queued, which belongs to no repository."""


@dataclass(frozen=True, slots=True)
class Queued:
    """Something that may have lost its last use."""

    repo_id: RepositoryId
    digest: Digest
    reason: Reason


_NOW = bindparam("now", type_=BigInteger)
_TAKE = (
    select(collection_queue.c.repo_id, collection_queue.c.digest, collection_queue.c.reason)
    .where(
        collection_queue.c.kind == bindparam("kind"),
        collection_queue.c.not_before <= bindparam("now", type_=BigInteger),
    )
    .order_by(collection_queue.c.not_before)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(skip_locked=True)
)
_TAKE_SOME = _TAKE.where(collection_queue.c.digest.in_(bindparam("digests", expanding=True)))
_FORGET = Prepared(
    delete(collection_queue).where(
        collection_queue.c.kind == bindparam("of_kind"),
        collection_queue.c.repo_id == bindparam("in_repo"),
        collection_queue.c.digest == bindparam("of_digest"),
    ),
    "of_kind",
    "in_repo",
    "of_digest",
)
_POSTPONE = (
    update(collection_queue)
    .where(
        collection_queue.c.kind == bindparam("of_kind"),
        collection_queue.c.repo_id == bindparam("in_repo"),
        collection_queue.c.digest == bindparam("of_digest"),
    )
    .values(not_before=bindparam("until"))
)


def enqueue(connection: Connection, kind: str, queued: Sequence[Queued], now: Milliseconds) -> None:
    """Have the collector look at these; one that is queued already is looked at when it is due first."""
    if not queued:
        return
    statement = dialect_insert(connection, collection_queue)
    earliest = func.min if connection.dialect.name == "sqlite" else func.least
    sooner = earliest(collection_queue.c.not_before, statement.excluded.not_before)
    upsert = statement.on_conflict_do_update(index_elements=["kind", "repo_id", "digest"], set_={"not_before": sooner})
    rows = [
        {"kind": kind, "repo_id": each.repo_id, "digest": each.digest, "not_before": now, "reason": each.reason}
        for each in sorted(queued, key=lambda each: (each.repo_id, each.digest))
    ]
    connection.execute(upsert, rows)


def take(
    connection: Connection, kind: str, now: Milliseconds, limit: int, among: Collection[Digest] | None = None
) -> list[Queued]:
    """Return what is due, those of `among` only if given; nobody else takes it until the transaction ends."""
    values = {"kind": kind, "now": now, "limit": limit}
    if among is not None:
        found = connection.execute(_TAKE_SOME, values | {"digests": list(among)})
    else:
        found = connection.execute(_TAKE, values)
    return [Queued(row.repo_id, row.digest, Reason(row.reason)) for row in found]


def forget(connection: Connection, kind: str, queued: Queued) -> None:
    """Take something from the queue: it is gone, or somebody needs it and says so when that ends."""
    _FORGET.run(connection, kind, queued.repo_id, queued.digest)


def postpone(connection: Connection, kind: str, queued: Queued, until: Milliseconds) -> None:
    """Look at something again later."""
    values = {"of_kind": kind, "in_repo": queued.repo_id, "of_digest": queued.digest, "until": until}
    connection.execute(_POSTPONE, values)
