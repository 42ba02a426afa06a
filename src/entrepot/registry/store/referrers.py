# SPDX-License-Identifier: Apache-2.0
"""Referrers: manifests by the subject they name."""

from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import select

from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import TagName
from entrepot.registry.tables import manifests
from entrepot.registry.tables import repositories
from entrepot.registry.tables import tags

_LISTED = (
    select(manifests.c.digest, manifests.c.referrer_descriptor)
    .select_from(repositories)
    .join(manifests, manifests.c.repo_id == repositories.c.id)
    .where(
        repositories.c.name == bindparam("name"),
        manifests.c.subject == bindparam("subject"),
        manifests.c.deleted_at.is_(None),
        manifests.c.digest > bindparam("after"),
    )
    .order_by(manifests.c.digest)
    .limit(bindparam("limit"))
)

_FALLBACK = (
    select(manifests.c.payload)
    .select_from(repositories)
    .join(tags, tags.c.repo_id == repositories.c.id)
    .join(
        manifests,
        and_(
            manifests.c.repo_id == tags.c.repo_id,
            manifests.c.digest == tags.c.digest,
            manifests.c.deleted_at.is_(None),
        ),
    )
    .where(repositories.c.name == bindparam("name"), tags.c.name == bindparam("tag"))
)

_PRESENT = (
    select(manifests.c.digest)
    .select_from(repositories)
    .join(manifests, manifests.c.repo_id == repositories.c.id)
    .where(
        repositories.c.name == bindparam("name"),
        manifests.c.deleted_at.is_(None),
        manifests.c.digest.in_(bindparam("digests", expanding=True)),
    )
)


def listed(
    connection: Connection, name: RepositoryName, subject: Digest, after: str, limit: int
) -> list[tuple[Digest, str]]:
    """Return up to `limit` referrers behind `after` in order of digest, each with its descriptor as JSON."""
    values = {"name": name, "subject": subject, "after": after, "limit": limit}
    return [(row.digest, row.referrer_descriptor) for row in connection.execute(_LISTED, values)]


def fallback_index(connection: Connection, name: RepositoryName, tag: TagName) -> bytes | None:
    """Return the index that clients without the referrers API keep under a tag."""
    row = connection.execute(_FALLBACK, {"name": name, "tag": tag}).first()
    return None if row is None else bytes(row[0])


def present(connection: Connection, name: RepositoryName, digests: Sequence[Digest]) -> set[Digest]:
    """Return those of `digests` that are manifests of the repository and not deleted."""
    found: set[Digest] = set()
    for start in range(0, len(digests), 500):
        values = {"name": name, "digests": digests[start : start + 500]}
        found.update(connection.execute(_PRESENT, values).scalars())
    return found
