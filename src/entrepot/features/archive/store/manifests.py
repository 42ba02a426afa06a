# SPDX-License-Identifier: Apache-2.0
"""Which manifests there are, whatever repositories they are in."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import Select
from sqlalchemy import String
from sqlalchemy import bindparam
from sqlalchemy import func
from sqlalchemy import select

from entrepot.oci.digest import Digest
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repositories


def _each(*, is_deleted: bool) -> Select[Any]:
    """Select digests with a repository each; which is deleted and which not is said apart, for there is an index."""
    state = manifests.c.deleted_at.is_not(None) if is_deleted else manifests.c.deleted_at.is_(None)
    return (
        select(manifests.c.digest, func.min(repositories.c.name))
        .join(repositories, repositories.c.id == manifests.c.repo_id)
        .where(state)
        .group_by(manifests.c.digest)
    )


_BEHIND = (
    _each(is_deleted=False)
    .where(manifests.c.digest > bindparam("after", type_=String))
    .order_by(manifests.c.digest)
    .limit(bindparam("limit", type_=Integer))
)
_IN_BIN = _each(is_deleted=True)
_AMONG = [
    _each(is_deleted=is_deleted).where(manifests.c.digest.in_(bindparam("digests", expanding=True)))
    for is_deleted in (False, True)
]


def behind(connection: Connection, after: str, limit: int) -> list[tuple[Digest, str]]:
    """Return manifests behind the digest `after` that are not deleted, in order, each with a repository that has it."""
    return [(row[0], row[1]) for row in connection.execute(_BEHIND, {"after": after, "limit": limit})]


def in_bin(connection: Connection) -> list[tuple[Digest, str]]:
    """Return those that are deleted and may be restored, likewise."""
    return sorted((row[0], row[1]) for row in connection.execute(_IN_BIN))


def among(connection: Connection, digests: Collection[Digest]) -> dict[Digest, str]:
    """Return those of `digests` that some repository has, deleted or not, each with one."""
    return {row[0]: row[1] for statement in _AMONG for row in connection.execute(statement, {"digests": list(digests)})}
