# SPDX-License-Identifier: Apache-2.0
"""Every SQL statement about tags that expire."""

from dataclasses import dataclass

from sqlalchemy import BigInteger
from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import select

from entrepot.features.retention.tables import tag_expiries as expiries
from entrepot.features.retention.tables import tag_warnings as warnings
from entrepot.infra.database.upsert import dialect_insert
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.reference import TagName
from entrepot.registry.store.repositories import RepositoryId


@dataclass(frozen=True, slots=True)
class Expiry:
    """When a tag goes as somebody has said, None for never."""

    digest: Digest
    expires_at: Milliseconds | None
    set_by: str
    set_at: Milliseconds

    def is_about(self, digest: Digest | None, tag_set_at: Milliseconds) -> bool:
        """Tell whether it counts for a tag: until that points elsewhere, or comes back from where it went."""
        return self.digest == digest and tag_set_at <= self.set_at


_OF_REPOSITORY = select(expiries).where(expiries.c.repo_id == bindparam("repo_id", type_=BigInteger))
_ONE = _OF_REPOSITORY.where(expiries.c.tag == bindparam("of_tag"))
_UNTIL = select(expiries.c.repo_id).distinct().where(expiries.c.expires_at <= bindparam("until", type_=BigInteger))
_WARNED = select(warnings).where(warnings.c.repo_id == bindparam("repo_id", type_=BigInteger))


def expiries_of(connection: Connection, repo_id: RepositoryId) -> dict[TagName, Expiry]:
    """Return what was said of the tags of a repository."""
    rows = connection.execute(_OF_REPOSITORY, {"repo_id": repo_id})
    return {TagName(row.tag): _expiry(row) for row in rows}


def find(connection: Connection, repo_id: RepositoryId, tag: TagName) -> Expiry | None:
    """Return what was said of a tag."""
    row = connection.execute(_ONE, {"repo_id": repo_id, "of_tag": tag}).one_or_none()
    return None if row is None else _expiry(row)


def put(connection: Connection, repo_id: RepositoryId, tag: TagName, expiry: Expiry) -> None:
    """Let a tag expire, in place of what was said of it before."""
    values = {
        "digest": expiry.digest,
        "expires_at": expiry.expires_at,
        "set_by": expiry.set_by,
        "set_at": expiry.set_at,
    }
    statement = dialect_insert(connection, expiries).values(repo_id=repo_id, tag=tag, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["repo_id", "tag"], set_=values))


def remove(connection: Connection, repo_id: RepositoryId, tag: TagName) -> None:
    """Forget what was said of a tag."""
    connection.execute(delete(expiries).where(expiries.c.repo_id == repo_id, expiries.c.tag == tag))


def repositories_until(connection: Connection, until: Milliseconds) -> list[RepositoryId]:
    """Return the repositories in which something was said to go until then."""
    return list(connection.execute(_UNTIL, {"until": until}).scalars())


def warned_of(connection: Connection, repo_id: RepositoryId) -> dict[TagName, tuple[Digest, Milliseconds]]:
    """Return of which tags of a repository it was told that they go, what they pointed at, and when they would."""
    rows = connection.execute(_WARNED, {"repo_id": repo_id})
    return {TagName(row.tag): (Digest(row.digest), Milliseconds(row.expires_at)) for row in rows}


def note_warned(connection: Connection, repo_id: RepositoryId, tag: TagName, what: tuple[Digest, Milliseconds]) -> None:
    """Note that it was told of a tag."""
    values = {"digest": what[0], "expires_at": what[1]}
    statement = dialect_insert(connection, warnings).values(repo_id=repo_id, tag=tag, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["repo_id", "tag"], set_=values))


def forget(connection: Connection, repo_id: RepositoryId, tags: set[TagName]) -> None:
    """Forget what was said and told of tags of a repository."""
    for tag in sorted(tags):
        for table in (expiries, warnings):
            connection.execute(delete(table).where(table.c.repo_id == repo_id, table.c.tag == tag))


def _expiry(row: Row[tuple[object, ...]]) -> Expiry:
    expires_at = None if row.expires_at is None else Milliseconds(row.expires_at)
    return Expiry(Digest(row.digest), expires_at, row.set_by, Milliseconds(row.set_at))
