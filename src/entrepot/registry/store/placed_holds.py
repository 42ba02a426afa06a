# SPDX-License-Identifier: Apache-2.0
"""The holds that people placed: storing, listing, extending and releasing them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import Select
from sqlalchemy import String
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.store import lineage
from entrepot.registry.store.hold_tables import placed_holds
from entrepot.registry.store.holds import HoldKind
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.tables import repositories

LAST = "~"
"""Behind every id: where a list begins, which has the newest first."""


@dataclass(frozen=True, slots=True)
class PlacedHold:
    """A hold, in force or not. Without a digest it is on the whole repository; `tag` is how that was named.

    `expires_at` is None for one without an end. Who placed or released it is such as `user:alice`.
    """

    id: str
    repository: RepositoryName
    digest: Digest | None
    tag: TagName | None
    kind: HoldKind
    reason: str
    placed_at: Milliseconds
    placed_by: str
    expires_at: Milliseconds | None
    released_at: Milliseconds | None = None
    released_by: str | None = None
    release_reason: str | None = None

    def is_in_force(self, now: Milliseconds) -> bool:
        """Tell whether it keeps anything."""
        return self.released_at is None and (self.expires_at is None or now < self.expires_at)


_NOW = bindparam("now", type_=BigInteger)
_REPO = bindparam("of_repo", type_=BigInteger)
_ROW = select(
    placed_holds.c.id,
    repositories.c.name,
    placed_holds.c.digest,
    placed_holds.c.tag,
    placed_holds.c.kind,
    placed_holds.c.reason,
    placed_holds.c.placed_at,
    placed_holds.c.placed_by,
    placed_holds.c.expires_at,
    placed_holds.c.released_at,
    placed_holds.c.released_by,
    placed_holds.c.release_reason,
).join(repositories, repositories.c.id == placed_holds.c.repo_id)
_FIND = _ROW.where(placed_holds.c.repo_id == _REPO, placed_holds.c.id == bindparam("hold_id"))
_PAGE = (
    _ROW.where(placed_holds.c.id < bindparam("before"))
    .order_by(placed_holds.c.id.desc())
    .limit(bindparam("limit", type_=Integer))
)
_PAGE_OF_REPOSITORY = _PAGE.where(placed_holds.c.repo_id == _REPO)
_PAGE_OF_NAMESPACE = _PAGE.where(repositories.c.namespace == bindparam("of_namespace"))
_IS_IN_FORCE = (
    placed_holds.c.released_at.is_(None),
    or_(placed_holds.c.expires_at.is_(None), placed_holds.c.expires_at > _NOW),
)
_ON = _ROW.where(placed_holds.c.repo_id == _REPO, *_IS_IN_FORCE)
_ON_SOME = _ON.where(placed_holds.c.digest.in_(bindparam("some", expanding=True)))
_ON_WHOLE = _ON.where(placed_holds.c.digest.is_(None))
_COUNT = select(func.count()).select_from(placed_holds).where(placed_holds.c.repo_id == _REPO, *_IS_IN_FORCE)
_IN_NAMESPACE = (
    _ROW.where(repositories.c.namespace == bindparam("of_namespace"), *_IS_IN_FORCE)
    .order_by(placed_holds.c.id)
    .limit(1)
)
_ADD = insert(placed_holds)
_EXTEND = update(placed_holds).where(placed_holds.c.id == bindparam("hold_id")).values(expires_at=bindparam("until"))
_RELEASE = (
    update(placed_holds)
    .where(placed_holds.c.id == bindparam("hold_id"))
    .values(released_at=bindparam("at"), released_by=bindparam("by"), release_reason=bindparam("why"))
)
_BEFORE = bindparam("before", type_=BigInteger)
_ENDED = (
    select(placed_holds.c.id)
    .where(or_(placed_holds.c.released_at < _BEFORE, placed_holds.c.expires_at < _BEFORE))
    .limit(bindparam("limit", type_=Integer))
)
_DROP = delete(placed_holds).where(placed_holds.c.id.in_(bindparam("ids", type_=String, expanding=True)))


_REMOVE_WITHIN = delete(placed_holds).where(
    placed_holds.c.repo_id.in_(select(repositories.c.id).where(repositories.c.namespace == bindparam("of_namespace")))
)


def find(connection: Connection, repo_id: RepositoryId, hold_id: str) -> PlacedHold | None:
    """Return a hold of a repository."""
    return next(iter(_read(connection, _FIND, of_repo=repo_id, hold_id=hold_id)), None)


def add(connection: Connection, repo_id: RepositoryId, hold: PlacedHold) -> None:
    """Store a hold."""
    row = {
        "id": hold.id,
        "repo_id": repo_id,
        "digest": hold.digest,
        "tag": hold.tag,
        "kind": hold.kind.value,
        "reason": hold.reason,
        "placed_at": hold.placed_at,
        "placed_by": hold.placed_by,
        "expires_at": hold.expires_at,
    }
    connection.execute(_ADD, row)


def extend(connection: Connection, hold_id: str, until: Milliseconds | None) -> None:
    """Let a hold end at another time, or never."""
    connection.execute(_EXTEND, {"hold_id": hold_id, "until": until})


def release(connection: Connection, hold_id: str, at: Milliseconds, by: str, why: str) -> None:
    """End a hold."""
    connection.execute(_RELEASE, {"hold_id": hold_id, "at": at, "by": by, "why": why})


def count(connection: Connection, repo_id: RepositoryId, now: Milliseconds) -> int:
    """Return how many holds of a repository are in force."""
    return connection.execute(_COUNT, {"of_repo": repo_id, "now": now}).scalar_one()


def page(connection: Connection, before: str, limit: int) -> list[PlacedHold]:
    """Return up to `limit` holds, in force or not, the newest first, behind the one `before`."""
    return _read(connection, _PAGE, before=before, limit=limit)


def page_of_repository(connection: Connection, repo_id: RepositoryId, before: str, limit: int) -> list[PlacedHold]:
    """Return the same of one repository."""
    return _read(connection, _PAGE_OF_REPOSITORY, of_repo=repo_id, before=before, limit=limit)


def page_of_namespace(connection: Connection, namespace: str, before: str, limit: int) -> list[PlacedHold]:
    """Return the same of one namespace."""
    return _read(connection, _PAGE_OF_NAMESPACE, of_namespace=namespace, before=before, limit=limit)


def first_in_namespace(connection: Connection, namespace: str, now: Milliseconds) -> PlacedHold | None:
    """Return the oldest hold in a namespace that is in force."""
    return next(iter(_read(connection, _IN_NAMESPACE, of_namespace=namespace, now=now)), None)


def keeping(
    connection: Connection, repo_id: RepositoryId, digest: Digest, now: Milliseconds, limit: int
) -> list[PlacedHold]:
    """Return up to `limit` holds that keep a manifest: those on it, on what is above it, and on all."""
    found = _read(connection, _ON_WHOLE, of_repo=repo_id, now=now)
    for some in lineage.portions(lineage.above(connection, repo_id, [digest])):
        found += _read(connection, _ON_SOME, of_repo=repo_id, now=now, some=some)
    return sorted(found, key=lambda hold: hold.id, reverse=True)[:limit]


def drop_ended(connection: Connection, before: Milliseconds, limit: int) -> int:
    """Forget holds that ended before a moment; return how many."""
    ids: Sequence[str] = connection.execute(_ENDED, {"before": before, "limit": limit}).scalars().all()
    if ids:
        connection.execute(_DROP, {"ids": list(ids)})
    return len(ids)


def remove_within(connection: Connection, namespace: str) -> None:
    """Forget the holds of a namespace, in force or not."""
    connection.execute(_REMOVE_WITHIN, {"of_namespace": namespace})


def _placed(hold_id: str, repository: str, digest: str | None, tag: str | None, kind: str, *rest: Any) -> PlacedHold:
    named = RepositoryName(repository), Digest(digest) if digest else None, TagName(tag) if tag else None
    return PlacedHold(hold_id, *named, HoldKind(kind), *rest)


def _read(connection: Connection, statement: Select[Any], **values: object) -> list[PlacedHold]:
    return [_placed(*row) for row in connection.execute(statement, values)]
