# SPDX-License-Identifier: Apache-2.0
"""The collector's queue: links and blobs that may have lost their last use."""

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update

from entrepot.infra.database.prepared import Prepared
from entrepot.infra.database.upsert import InsertOrUpdate
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


_COLUMNS = collection_queue.c
_ENQUEUE = InsertOrUpdate(
    collection_queue,
    ("kind", "repo_id", "digest", "not_before", "reason"),
    ("kind", "repo_id", "digest"),
    lambda new: {
        "not_before": case((_COLUMNS.not_before <= new["not_before"], _COLUMNS.not_before), else_=new["not_before"])
    },
)
_DUE = (
    select(_COLUMNS.repo_id, _COLUMNS.digest, _COLUMNS.reason)
    .where(_COLUMNS.kind == bindparam("kind"), _COLUMNS.not_before <= bindparam("now", type_=BigInteger))
    .order_by(_COLUMNS.not_before)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(skip_locked=True)
)
_TAKE = Prepared(_DUE, "kind", "now", "limit")
_TAKE_SOME = _DUE.where(_COLUMNS.digest.in_(bindparam("digests", expanding=True)))
_FORGET = Prepared(
    delete(collection_queue).where(
        _COLUMNS.kind == bindparam("of_kind"),
        _COLUMNS.repo_id == bindparam("in_repo"),
        _COLUMNS.digest == bindparam("of_digest"),
    ),
    "of_kind",
    "in_repo",
    "of_digest",
)
_POSTPONE = (
    update(collection_queue)
    .where(
        _COLUMNS.kind == bindparam("of_kind"),
        _COLUMNS.repo_id == bindparam("in_repo"),
        _COLUMNS.digest == bindparam("of_digest"),
    )
    .values(not_before=bindparam("until"))
)


def enqueue(connection: Connection, kind: str, queued: Sequence[Queued], now: Milliseconds) -> None:
    """Have the collector look at these; one that is queued already is looked at when it is due first."""
    rows = [
        (kind, each.repo_id, each.digest, now, each.reason.value)
        for each in sorted(queued, key=lambda each: (each.repo_id, each.digest))
    ]
    _ENQUEUE.run_all(connection, rows)


def take(
    connection: Connection, kind: str, now: Milliseconds, limit: int, among: Collection[Digest] | None = None
) -> list[Queued]:
    """Return what is due, those of `among` only if given; nobody else takes it until the transaction ends."""
    if among is None:
        found = _TAKE.all(connection, kind, now, limit)
    else:
        values = {"kind": kind, "now": now, "limit": limit, "digests": list(among)}
        found = [tuple(row) for row in connection.execute(_TAKE_SOME, values)]
    return [Queued(repo_id, digest, Reason(reason)) for repo_id, digest, reason in found]


def forget(connection: Connection, kind: str, queued: Queued) -> None:
    """Take something from the queue: it is gone, or somebody needs it and says so when that ends."""
    _FORGET.run(connection, kind, queued.repo_id, queued.digest)


def postpone(connection: Connection, kind: str, queued: Queued, until: Milliseconds) -> None:
    """Look at something again later."""
    values = {"of_kind": kind, "in_repo": queued.repo_id, "of_digest": queued.digest, "until": until}
    connection.execute(_POSTPONE, values)
