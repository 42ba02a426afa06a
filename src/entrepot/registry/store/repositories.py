# SPDX-License-Identifier: Apache-2.0
"""Repositories and the stores their bytes live in."""

from dataclasses import dataclass
from typing import NewType

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import update

from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.registry.tables import repositories
from entrepot.registry.tables import stores

RepositoryId = NewType("RepositoryId", int)
StoreId = NewType("StoreId", int)


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

_PAGE = (
    select(repositories.c.name)
    .where(repositories.c.visible_at.is_not(None), repositories.c.name > bindparam("after"))
    .order_by(repositories.c.name)
    .limit(bindparam("limit"))
)


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


def names_after(connection: Connection, after: str, limit: int) -> list[RepositoryName]:
    """Return up to `limit` names of visible repositories behind `after`, in bytewise order."""
    return list(connection.execute(_PAGE, {"after": after, "limit": limit}).scalars())


def find_store(connection: Connection, url: str) -> StoreId | None:
    """Return the id of the store at `url`, None when it is not recorded."""
    return connection.execute(select(stores.c.id).where(stores.c.url == url)).scalar()


def ensure_store(connection: Connection, url: str) -> StoreId:
    """Return the id of the store at `url`, recording it when it is new."""
    insert_if_absent(connection, stores, {"url": url})
    return StoreId(connection.execute(select(stores.c.id).where(stores.c.url == url)).scalar_one())
