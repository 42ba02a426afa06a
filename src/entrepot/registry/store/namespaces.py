# SPDX-License-Identifier: Apache-2.0
"""Namespaces: the first segments of repository names, as the repositories tell of them."""

from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from entrepot.kernel.clock import Milliseconds
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store import recycle_bin
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repositories


@dataclass(frozen=True, slots=True)
class FirstPush:
    """When the oldest repository of a namespace was first seen, and who pushed its oldest manifest (`user:alice`)."""

    at: Milliseconds
    by: str


@dataclass(frozen=True, slots=True)
class Occupancy:
    """How many repositories of a namespace hold artifacts, and the names of the first of them."""

    count: int
    names: list[RepositoryName]


_VISIBLE = (repositories.c.namespace == bindparam("of_namespace"), repositories.c.visible_at.is_not(None))
_HOLDS_ARTIFACTS = exists().where(manifests.c.repo_id == repositories.c.id, manifests.c.deleted_at.is_(None))

_FIRST_PUSH = (
    select(repositories.c.visible_at, manifests.c.pushed_by)
    .select_from(manifests)
    .join(repositories, repositories.c.id == manifests.c.repo_id)
    .where(*_VISIBLE)
    .order_by(repositories.c.visible_at, manifests.c.pushed_at, manifests.c.digest)
    .limit(1)
)
_OCCUPIED = select(func.count()).select_from(repositories).where(*_VISIBLE, _HOLDS_ARTIFACTS)
_OCCUPIED_NAMES = (
    select(repositories.c.name)
    .where(*_VISIBLE, _HOLDS_ARTIFACTS)
    .order_by(repositories.c.name)
    .limit(bindparam("limit"))
)
_LOCK = (
    select(repositories.c.id)
    .where(repositories.c.namespace == bindparam("of_namespace"))
    .order_by(repositories.c.id)
    .with_for_update(key_share=True)
)
_SEAL = (
    update(manifests)
    .where(
        manifests.c.repo_id.in_(select(repositories.c.id).where(repositories.c.namespace == bindparam("of_namespace"))),
        manifests.c.deleted_at.is_not(None),
    )
    .values(purge_after=recycle_bin.SEALED)
)
_CONCEAL = update(repositories).where(*_VISIBLE).values(visible_at=None)


def first_push(connection: Connection, namespace: str) -> FirstPush | None:
    """Return who pushed first into the repositories that can be seen now, None when there is none."""
    row = connection.execute(_FIRST_PUSH, {"of_namespace": namespace}).first()
    return None if row is None else FirstPush(*row)


def lock_repositories(connection: Connection, namespace: str) -> None:
    """Let nobody else change what the repositories of the namespace hold until the transaction ends."""
    connection.execute(_LOCK, {"of_namespace": namespace})


def occupancy(connection: Connection, namespace: str, limit: int) -> Occupancy:
    """Tell which repositories hold artifacts that are not deleted; name at most `limit`."""
    count = connection.execute(_OCCUPIED, {"of_namespace": namespace}).scalar_one()
    names = connection.execute(_OCCUPIED_NAMES, {"of_namespace": namespace, "limit": limit}).scalars()
    return Occupancy(count, list(names))


def seal_bin(connection: Connection, namespace: str) -> None:
    """Let nothing that is in the bin of the namespace be restored."""
    connection.execute(_SEAL, {"of_namespace": namespace})


def conceal(connection: Connection, namespace: str) -> None:
    """Take every repository out of listings, as it was before its first manifest; its next one reveals it."""
    connection.execute(_CONCEAL, {"of_namespace": namespace})
