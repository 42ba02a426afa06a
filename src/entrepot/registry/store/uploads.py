# SPDX-License-Identifier: Apache-2.0
"""Upload sessions, and the memory of those that ended well."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from entrepot.infra.database.prepared import Prepared
from entrepot.infra.storage.interface import ObjectKey
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import Ulid
from entrepot.oci.digest import Digest
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store.repositories import RepositoryId
from entrepot.registry.store.repositories import StoreId
from entrepot.registry.tables import finished_uploads
from entrepot.registry.tables import repositories
from entrepot.registry.tables import uploads


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload session. `offset` counts the bytes that were acknowledged.

    Until `writing_until` a request that brings bytes may be under way, on whichever node; short ones do not say so.
    """

    id: Ulid
    repo_id: RepositoryId
    store_id: StoreId
    object_key: ObjectKey
    owner: str
    algorithm: str
    offset: int
    hash_state: bytes
    writer_state: bytes
    version: int
    created_at: Milliseconds
    expires_at: Milliseconds
    writing_until: Milliseconds | None = None


_COLUMNS = [uploads.c[field] for field in Upload.__slots__]

_FIND = Prepared(
    select(*_COLUMNS)
    .join(repositories, repositories.c.id == uploads.c.repo_id)
    .where(uploads.c.id == bindparam("upload_id"), repositories.c.name == bindparam("name")),
    "upload_id",
    "name",
)

_SAVE = Prepared(
    update(uploads)
    .where(uploads.c.id == bindparam("upload_id"), uploads.c.version == bindparam("known"))
    .values(
        object_key=bindparam("new_object_key"),
        offset=bindparam("new_offset"),
        hash_state=bindparam("new_hash_state"),
        writer_state=bindparam("new_writer_state"),
        expires_at=bindparam("new_expires_at"),
        writing_until=bindparam("new_writing_until"),
        version=uploads.c.version + 1,
    ),
    "upload_id",
    "known",
    "new_object_key",
    "new_offset",
    "new_hash_state",
    "new_writer_state",
    "new_expires_at",
    "new_writing_until",
)

_NOTE = Prepared(
    update(uploads)
    .where(uploads.c.id == bindparam("upload_id"), uploads.c.version == bindparam("known"))
    .values(writing_until=bindparam("until")),
    "until",
    "upload_id",
    "known",
)

_FINISHED = Prepared(
    select(finished_uploads.c.digest)
    .join(repositories, repositories.c.id == finished_uploads.c.repo_id)
    .where(finished_uploads.c.id == bindparam("upload_id"), repositories.c.name == bindparam("name")),
    "upload_id",
    "name",
)

_INSERT = Prepared(insert(uploads), *Upload.__slots__)
_REMOVE = Prepared(delete(uploads).where(uploads.c.id == bindparam("upload_id")), "upload_id")
_REMOVE_UNCHANGED = Prepared(
    delete(uploads).where(uploads.c.id == bindparam("upload_id"), uploads.c.version == bindparam("known")),
    "upload_id",
    "known",
)
_INSERT_FINISHED = Prepared(insert(finished_uploads), "id", "repo_id", "digest", "expires_at")


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an upload stands, and where its object will be; `writing_until` if the chunk goes on."""

    object_key: ObjectKey
    offset: int
    hash_state: bytes
    writer_state: bytes
    expires_at: Milliseconds
    writing_until: Milliseconds | None = None


def add(connection: Connection, upload: Upload) -> None:
    """Record a new session."""
    _INSERT.run(connection, *(getattr(upload, field) for field in Upload.__slots__))


def find(connection: Connection, name: RepositoryName, upload_id: Ulid) -> Upload | None:
    """Return the session of that id in that repository."""
    row = _FIND.first(connection, upload_id, name)
    return None if row is None else Upload(*row)


def save(connection: Connection, upload: Upload, progress: Progress) -> bool:
    """Record progress, unless another request changed the session since it was read; tell whether it was."""
    new = (getattr(progress, field) for field in Progress.__slots__)
    return _SAVE.run(connection, upload.id, upload.version, *new) == 1


def note_writing(connection: Connection, upload: Upload, until: Milliseconds) -> None:
    """Record that bytes are on their way, unless another request changed the session since it was read."""
    _NOTE.run(connection, until, upload.id, upload.version)


def remove(connection: Connection, upload_id: Ulid) -> bool:
    """Forget a session; tell whether it was there."""
    return _REMOVE.run(connection, upload_id) == 1


def remove_unchanged(connection: Connection, upload: Upload) -> bool:
    """Forget a session unless another request changed it since it was read; tell whether it was."""
    return _REMOVE_UNCHANGED.run(connection, upload.id, upload.version) == 1


def finish(connection: Connection, upload: Upload, digest: Digest, until: Milliseconds) -> bool:
    """Forget the session and remember until `until` what it became; False if it is gone or another request's."""
    if not remove_unchanged(connection, upload):
        return False
    _INSERT_FINISHED.run(connection, upload.id, upload.repo_id, digest, until)
    return True


def finished(connection: Connection, name: RepositoryName, upload_id: Ulid) -> Digest | None:
    """Return what a session that ended well became, while that is remembered."""
    row = _FINISHED.first(connection, upload_id, name)
    return None if row is None else Digest(row[0])


def expired(connection: Connection, now: Milliseconds, limit: int, spared: Collection[str] = ()) -> list[Upload]:
    """Return up to `limit` sessions whose time is over, none of the namespaces `spared`."""
    query = select(*_COLUMNS).where(uploads.c.expires_at < now).order_by(uploads.c.expires_at).limit(limit)
    if spared:
        query = query.where(
            uploads.c.repo_id.not_in(select(repositories.c.id).where(repositories.c.namespace.in_(spared)))
        )
    return [Upload(*row) for row in connection.execute(query)]


def count(connection: Connection) -> int:
    """Return how many sessions are open."""
    return connection.scalars(select(func.count()).select_from(uploads)).one()


def forget_finished(connection: Connection, now: Milliseconds) -> None:
    """Drop what is no longer remembered."""
    connection.execute(delete(finished_uploads).where(finished_uploads.c.expires_at < now))
