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
from sqlalchemy import exists
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import union_all
from sqlalchemy import update

from entrepot.infra.database.containing import Contains
from entrepot.infra.database.containing import containing
from entrepot.infra.database.upsert import insert_if_absent
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import AppError
from entrepot.kernel.spans import Span
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.oci.reference import namespace_of
from entrepot.registry.store import windows
from entrepot.registry.tables import manifests
from entrepot.registry.tables import objects
from entrepot.registry.tables import repositories
from entrepot.registry.tables import stores
from entrepot.registry.tables import tags
from entrepot.registry.tables import tombstones

_STORES = select(
    stores.c.id,
    stores.c.url,
    or_(
        exists().where(objects.c.store_id == stores.c.id),
        exists().where(tombstones.c.store_id == stores.c.id),
    ).label("is_used"),
).order_by(stores.c.id)

RepositoryId = NewType("RepositoryId", int)
StoreId = NewType("StoreId", int)

MAX_SPANS = 64
"""How many stretches of names one statement looks at."""

NAMES_PER_STATEMENT = 500


class StoreElsewhere(AppError):
    """The bytes that the database names are in another place than the configured one."""

    code = "store_elsewhere"
    default_hint = (
        "Configure that place again. To move away from it, name it in [storage.second] as well: everything is found "
        "there, and entrepot storage move brings it here; also where you have copied the bytes by other means."
    )


@dataclass(frozen=True, slots=True)
class Repository:
    """A row of `repositories`. It is visible from its first manifest on."""

    id: RepositoryId
    name: RepositoryName
    store_id: StoreId
    is_visible: bool
    undelete_days: int | None = None
    """For how long its project keeps what is deleted; None where that is as configured."""


@dataclass(frozen=True, slots=True)
class ListedRepository:
    """A visible repository; `updated_at` is when what is there now was last pushed, or a tag set or moved."""

    name: RepositoryName
    created_at: Milliseconds
    updated_at: Milliseconds
    latest_tag: TagName | None


_ROW = select(
    repositories.c.id,
    repositories.c.name,
    repositories.c.store_id,
    repositories.c.visible_at.is_not(None),
    windows.days_of(repositories.c.namespace),
)
_FIND = _ROW.where(repositories.c.name == bindparam("name"))
_LOCK = _FIND.with_for_update(key_share=True)
_LOCK_SEEN = (
    select(repositories.c.visible_at).where(repositories.c.name == bindparam("name")).with_for_update(key_share=True)
)
_FIND_BY_ID = _ROW.where(repositories.c.id == bindparam("repo_id"))
_LOCK_BY_ID = _FIND_BY_ID.with_for_update(key_share=True)
_LOCK_WHOLE = _FIND.with_for_update()
_LOCK_SHARED = (
    select(repositories.c.id)
    .where(repositories.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(repositories.c.id)
    .with_for_update(read=True, key_share=True)
)

_LAST_PUSH = (
    select(manifests.c.pushed_at)
    .where(manifests.c.repo_id == repositories.c.id, manifests.c.deleted_at.is_(None))
    .order_by(manifests.c.pushed_at.desc(), manifests.c.digest.desc())
    .limit(1)
)
_LAST_TAG = (
    select(tags.c.name)
    .where(tags.c.repo_id == repositories.c.id, tags.c.digest.is_not(None))
    .order_by(tags.c.updated_at.desc(), tags.c.name.desc())
    .limit(1)
)
_LISTED = select(
    repositories.c.name,
    repositories.c.created_at,
    _LAST_PUSH.scalar_subquery(),
    _LAST_TAG.with_only_columns(tags.c.updated_at).scalar_subquery(),
    _LAST_TAG.scalar_subquery(),
).where(repositories.c.name.in_(bindparam("names", expanding=True)), repositories.c.visible_at.is_not(None))

_VISIBLE = select(repositories.c.name).where(repositories.c.visible_at.is_not(None))
_VISIBLE_AMONG = _VISIBLE.where(repositories.c.name.in_(bindparam("names", expanding=True)))


def find(connection: Connection, name: RepositoryName) -> Repository | None:
    """Return the repository of that name, visible or not."""
    row = connection.execute(_FIND, {"name": name}).first()
    return None if row is None else Repository(*row)


def find_by_id(connection: Connection, repo_id: RepositoryId) -> Repository | None:
    """Return the repository of that id, if it is still there."""
    row = connection.execute(_FIND_BY_ID, {"repo_id": repo_id}).first()
    return None if row is None else Repository(*row)


def lock(connection: Connection, name: RepositoryName) -> Repository | None:
    """Return the repository of that name, visible or not; others who ask so wait until the transaction ends.

    Whoever links content to a repository, names it or takes it out begins with this,
    but for the collector, which locks the single rows that it removes.
    """
    row = connection.execute(_LOCK, {"name": name}).first()
    return None if row is None else Repository(*row)


def lock_seen(connection: Connection, name: RepositoryName) -> Milliseconds | None:
    """Return since when the repository is visible, None if it is not; it stays so until the transaction ends."""
    return connection.execute(_LOCK_SEEN, {"name": name}).scalar_one_or_none()


def lock_by_id(connection: Connection, repo_id: RepositoryId) -> Repository:
    """Do what `lock` does for an id that a foreign key vouches for."""
    return Repository(*connection.execute(_LOCK_BY_ID, {"repo_id": repo_id}).one())


def lock_whole(connection: Connection, name: RepositoryName) -> Repository | None:
    """Do what `lock` does; the collector waits too, and purges nothing of it until the transaction ends."""
    row = connection.execute(_LOCK_WHOLE, {"name": name}).first()
    return None if row is None else Repository(*row)


def let_purge(connection: Connection, ids: Collection[RepositoryId]) -> None:
    """Wait for those who do `lock_whole` with one of them, and let nobody do so until the transaction ends."""
    connection.execute(_LOCK_SHARED, {"ids": sorted(ids)})


def lock_or_make(connection: Connection, name: RepositoryName, store_id: StoreId, now: Milliseconds) -> Repository:
    """Do what `lock` does, making the repository in `store_id` when it is new."""
    return lock(connection, name) or _make(connection, name, store_id, now)


def ensure(connection: Connection, name: RepositoryName, store_id: StoreId, now: Milliseconds) -> Repository:
    """Return the repository of that name, making it in `store_id` when it is new."""
    return find(connection, name) or _make(connection, name, store_id, now)


def _make(connection: Connection, name: RepositoryName, store_id: StoreId, now: Milliseconds) -> Repository:
    """Make a repository unless somebody else does; return it locked."""
    values = {"name": name, "namespace": namespace_of(name), "store_id": store_id, "created_at": now}
    insert_if_absent(connection, repositories, values)
    row = connection.execute(_LOCK, {"name": name}).one()
    return Repository(*row)


def reveal(connection: Connection, repo_id: RepositoryId, now: Milliseconds) -> None:
    """Make the repository visible in listings from now on."""
    hidden = (repositories.c.id == repo_id, repositories.c.visible_at.is_(None))
    connection.execute(update(repositories).where(*hidden).values(visible_at=now))


def names_within(connection: Connection, spans: Sequence[Span], limit: int, text: str = "") -> list[RepositoryName]:
    """Return up to `limit` names of visible repositories in spans that do not overlap, in bytewise order.

    Of spans `MAX_SPANS` at most, and at least one. Of names those that contain `text`.
    """
    values: dict[str, object] = {"limit": limit, "pattern": containing(text)}
    for number, span in enumerate(spans):
        values |= {f"first_{number}": span.first, f"end_{number}": span.end}
    return list(connection.execute(_names_within(len(spans)), values).scalars())


def visible_among(connection: Connection, names: Collection[str]) -> list[RepositoryName]:
    """Return those of `names` that visible repositories have, in no order."""
    return list(connection.execute(_VISIBLE_AMONG, {"names": list(names)}).scalars())


def listed(connection: Connection, names: Sequence[RepositoryName]) -> list[ListedRepository]:
    """Return the visible repositories among `names`, in bytewise order, each after three searches of an index."""
    found: list[ListedRepository] = []
    for start in range(0, len(names), NAMES_PER_STATEMENT):
        values = {"names": names[start : start + NAMES_PER_STATEMENT]}
        for name, created_at, pushed_at, tagged_at, tag in connection.execute(_LISTED, values):
            found.append(ListedRepository(name, created_at, max(created_at, pushed_at or 0, tagged_at or 0), tag))
    return sorted(found, key=lambda each: each.name)


@cache
def _names_within(count: int) -> Select[Any] | CompoundSelect[Any]:
    """Merge the spans, each of which the index gives in order, so that no more is read than is returned."""
    name = repositories.c.name
    found = _VISIBLE.where(Contains(name, bindparam("pattern")))
    some = [found.where(name >= bindparam(f"first_{n}"), name < bindparam(f"end_{n}")) for n in range(count)]
    merged = some[0].order_by(name) if count == 1 else union_all(*some).order_by(name.name)
    return merged.limit(bindparam("limit"))


def find_store(connection: Connection, *urls: str) -> StoreId | None:
    """Return the id of the store at any of `urls`, first the one that holds anything; None when none is recorded."""
    known = {row.url: row for row in connection.execute(_STORES)}
    found = sorted((known[url] for url in urls if url in known), key=lambda row: not row.is_used)
    return StoreId(found[0].id) if found else None


def settle_store(connection: Connection, urls: Sequence[str]) -> StoreId:
    """Return the id of the store at any of `urls`; where none is recorded, it is the one at the first of them.

    Raises `StoreElsewhere` where another store holds anything: its bytes would not be found.
    """
    known = find_store(connection, *urls)
    if known is not None:
        return known
    others = connection.execute(_STORES).all()
    if used := next((row.url for row in others if row.is_used), None):
        raise StoreElsewhere(f"the bytes are recorded at {used}, and the configured storage is {urls[0]}")
    if not others:
        return ensure_store(connection, urls[0])
    connection.execute(update(stores).where(stores.c.id == others[0].id).values(url=urls[0]))
    return StoreId(others[0].id)


def ensure_store(connection: Connection, url: str) -> StoreId:
    """Return the id of the store at `url`, recording it when it is new."""
    insert_if_absent(connection, stores, {"url": url})
    return StoreId(connection.execute(select(stores.c.id).where(stores.c.url == url)).scalar_one())
