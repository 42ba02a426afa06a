# SPDX-License-Identifier: Apache-2.0
"""Repositories and the stores their bytes live in."""

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from typing import NewType

from sqlalchemy import CompoundSelect
from sqlalchemy import Connection
from sqlalchemy import Select
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import union_all
from sqlalchemy import update

from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.spans import Span
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.tables import repositories
from entrepot.registry.tables import stores

RepositoryId = NewType("RepositoryId", int)
StoreId = NewType("StoreId", int)

MAX_SPANS = 64
"""How many stretches of names one statement looks at."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A row of `repositories`. It is visible from its first manifest on."""

    id: RepositoryId
    name: RepositoryName
    store_id: StoreId
    is_visible: bool


_FIND = select(
    repositories.c.id, repositories.c.name, repositories.c.store_id, repositories.c.visible_at.is_not(None)
).where(repositories.c.name == bindparam("name"))

_GET = select(
    repositories.c.id, repositories.c.name, repositories.c.store_id, repositories.c.visible_at.is_not(None)
).where(repositories.c.id == bindparam("repo_id"))

_VISIBLE = select(repositories.c.name).where(repositories.c.visible_at.is_not(None))
_VISIBLE_AMONG = _VISIBLE.where(repositories.c.name.in_(bindparam("names", expanding=True)))


def find(connection: Connection, name: RepositoryName) -> Repository | None:
    """Return the repository of that name, visible or not."""
    row = connection.execute(_FIND, {"name": name}).first()
    return None if row is None else Repository(*row)


def get(connection: Connection, repo_id: RepositoryId) -> Repository:
    """Return the repository of an id that a foreign key vouches for."""
    return Repository(*connection.execute(_GET, {"repo_id": repo_id}).one())


def ensure(connection: Connection, name: RepositoryName, store_id: StoreId, now: Milliseconds) -> Repository:
    """Return the repository of that name, making it in `store_id` when it is new."""
    found = find(connection, name)
    if found is not None:
        return found
    values = {"name": name, "namespace": namespace_of(name), "store_id": store_id, "created_at": now}
    insert_if_absent(connection, repositories, values)
    row = connection.execute(_FIND, {"name": name}).one()
    return Repository(*row)


def reveal(connection: Connection, repo_id: RepositoryId, now: Milliseconds) -> None:
    """Make the repository visible in listings from now on."""
    hidden = (repositories.c.id == repo_id, repositories.c.visible_at.is_(None))
    connection.execute(update(repositories).where(*hidden).values(visible_at=now))


def names_within(connection: Connection, spans: Sequence[Span], limit: int) -> list[RepositoryName]:
    """Return up to `limit` names of visible repositories in spans that do not overlap, in bytewise order.

    `MAX_SPANS` at most, and at least one.
    """
    values: dict[str, object] = {"limit": limit}
    for number, span in enumerate(spans):
        values |= {f"first_{number}": span.first, f"end_{number}": span.end}
    return list(connection.execute(_names_within(len(spans)), values).scalars())


def visible_among(connection: Connection, names: Collection[str]) -> list[RepositoryName]:
    """Return those of `names` that visible repositories have, in no order."""
    return list(connection.execute(_VISIBLE_AMONG, {"names": list(names)}).scalars())


@cache
def _names_within(count: int) -> Select[Any] | CompoundSelect[Any]:
    """Merge the spans, each of which the index gives in order, so that no more is read than is returned."""
    name = repositories.c.name
    some = [_VISIBLE.where(name >= bindparam(f"first_{n}"), name < bindparam(f"end_{n}")) for n in range(count)]
    merged = some[0].order_by(name) if count == 1 else union_all(*some).order_by(name.name)
    return merged.limit(bindparam("limit"))


def find_store(connection: Connection, url: str) -> StoreId | None:
    """Return the id of the store at `url`, None when it is not recorded."""
    return connection.execute(select(stores.c.id).where(stores.c.url == url)).scalar()


def ensure_store(connection: Connection, url: str) -> StoreId:
    """Return the id of the store at `url`, recording it when it is new."""
    insert_if_absent(connection, stores, {"url": url})
    return StoreId(connection.execute(select(stores.c.id).where(stores.c.url == url)).scalar_one())
