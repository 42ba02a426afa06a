# SPDX-License-Identifier: Apache-2.0
"""The lock of counting, the walk over all that could be counted, and what came of the last one."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import Table
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import tuple_
from sqlalchemy import update

from entrepot.features.quotas.store.truth import Place
from entrepot.features.quotas.tables import quota_checks
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repositories
from entrepot.registry.tables import tags

_ONE_ROW = 1
_NEVER = Milliseconds(0)


@dataclass(frozen=True, slots=True)
class Check:
    """One time that everything was counted anew. `repaired` rows were wrong, by `drift_bytes` altogether."""

    started_at: Milliseconds
    finished_at: Milliseconds | None = None
    looked_at: int = 0
    repaired: int = 0
    drift_bytes: int = 0


_COLUMNS = ("started_at", "finished_at", "looked_at", "repaired", "drift_bytes")
_LAST = select(*(quota_checks.c[name] for name in _COLUMNS))
_LOCK = select(quota_checks.c.id).with_for_update()
_ROOMS = (
    select(repositories.c.id)
    .where(repositories.c.id > bindparam("after", type_=BigInteger))
    .order_by(repositories.c.id)
    .limit(bindparam("limit", type_=Integer))
)


def _walk(table: Table, key: str) -> Any:
    place = tuple_(table.c.repo_id, table.c[key])
    return (
        select(table.c.repo_id, table.c[key])
        .where(place > tuple_(bindparam("repo", type_=BigInteger), bindparam("key")))
        .order_by(table.c.repo_id, table.c[key])
        .limit(bindparam("limit", type_=Integer))
    )


_MANIFESTS, _TAGS = _walk(manifests, "digest"), _walk(tags, "name")


def lock(connection: Connection) -> None:
    """Let nobody else count until this transaction ends."""
    if connection.execute(_LOCK).first() is None:
        values = {"id": _ONE_ROW, "started_at": _NEVER, "looked_at": 0, "repaired": 0, "drift_bytes": 0}
        insert_if_absent(connection, quota_checks, values)
        connection.execute(_LOCK).one()


def last(connection: Connection) -> Check | None:
    """Return what came of the last time that everything was counted, None before the first."""
    row = connection.execute(_LAST).first()
    return None if row is None or row.started_at == _NEVER else Check(*row)


def note(connection: Connection, check: Check) -> None:
    """Put a check in the place of the last."""
    lock(connection)
    connection.execute(update(quota_checks).values({name: getattr(check, name) for name in _COLUMNS}))


def rooms_behind(connection: Connection, after: int, limit: int) -> list[int]:
    """Return the ids of up to `limit` repositories."""
    return list(connection.execute(_ROOMS, {"after": after, "limit": limit}).scalars())


def manifests_behind(connection: Connection, after: Place, limit: int) -> list[Place]:
    """Return up to `limit` manifests, in the bin or not."""
    return _places(connection, _MANIFESTS, after, limit)


def tags_behind(connection: Connection, after: Place, limit: int) -> list[Place]:
    """Return up to `limit` tags, set or not."""
    return _places(connection, _TAGS, after, limit)


def _places(connection: Connection, statement: Any, after: Place, limit: int) -> list[Place]:
    values = {"repo": after[0], "key": after[1], "limit": limit}
    return [(row[0], row[1]) for row in connection.execute(statement, values)]
