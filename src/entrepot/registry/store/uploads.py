# SPDX-License-Identifier: Apache-2.0
"""Upload sessions, and the memory of those that ended well."""

from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

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
    """An upload session. `offset` counts the bytes that were acknowledged."""

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


_COLUMNS = [uploads.c[field] for field in Upload.__slots__]

_FIND = (
    select(*_COLUMNS)
    .join(repositories, repositories.c.id == uploads.c.repo_id)
    .where(uploads.c.id == bindparam("upload_id"), repositories.c.name == bindparam("name"))
)

_SAVE = (
    update(uploads)
    .where(uploads.c.id == bindparam("upload_id"), uploads.c.version == bindparam("known"))
    .values(
        offset=bindparam("new_offset"),
        hash_state=bindparam("new_hash_state"),
        writer_state=bindparam("new_writer_state"),
        expires_at=bindparam("new_expires_at"),
        version=uploads.c.version + 1,
    )
)

_FINISHED = (
    select(finished_uploads.c.digest)
    .join(repositories, repositories.c.id == finished_uploads.c.repo_id)
    .where(finished_uploads.c.id == bindparam("upload_id"), repositories.c.name == bindparam("name"))
)

_INSERT = insert(uploads)
_INSERT_FINISHED = insert(finished_uploads)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an upload stands after a chunk."""

    offset: int
    hash_state: bytes
    writer_state: bytes
    expires_at: Milliseconds


def add(connection: Connection, upload: Upload) -> None:
    """Record a new session."""
    connection.execute(_INSERT, {field: getattr(upload, field) for field in Upload.__slots__})


def find(connection: Connection, name: RepositoryName, upload_id: Ulid) -> Upload | None:
    """Return the session of that id in that repository."""
    row = connection.execute(_FIND, {"upload_id": upload_id, "name": name}).first()
    return None if row is None else Upload(*row)


def save(connection: Connection, upload: Upload, progress: Progress) -> bool:
    """Record progress, unless another request changed the session since it was read; tell whether it was."""
    result = connection.execute(
        _SAVE,
        {
            "upload_id": upload.id,
            "known": upload.version,
            "new_offset": progress.offset,
            "new_hash_state": progress.hash_state,
            "new_writer_state": progress.writer_state,
            "new_expires_at": progress.expires_at,
        },
    )
    return result.rowcount == 1


def remove(connection: Connection, upload_id: Ulid) -> bool:
    """Forget a session; tell whether it was there."""
    return connection.execute(delete(uploads).where(uploads.c.id == upload_id)).rowcount == 1


def finish(connection: Connection, upload: Upload, digest: Digest, until: Milliseconds) -> bool:
    """Forget the session and remember until `until` what it became; False if it was no longer there."""
    if not remove(connection, upload.id):
        return False
    values = {"id": upload.id, "repo_id": upload.repo_id, "digest": digest, "expires_at": until}
    connection.execute(_INSERT_FINISHED, values)
    return True


def finished(connection: Connection, name: RepositoryName, upload_id: Ulid) -> Digest | None:
    """Return what a session that ended well became, while that is remembered."""
    row = connection.execute(_FINISHED, {"upload_id": upload_id, "name": name}).first()
    return None if row is None else Digest(row[0])


def expired(connection: Connection, now: Milliseconds, limit: int) -> list[Upload]:
    """Return up to `limit` sessions whose time is over."""
    query = select(*_COLUMNS).where(uploads.c.expires_at < now).order_by(uploads.c.expires_at).limit(limit)
    return [Upload(*row) for row in connection.execute(query)]


def forget_finished(connection: Connection, now: Milliseconds) -> None:
    """Drop what is no longer remembered."""
    connection.execute(delete(finished_uploads).where(finished_uploads.c.expires_at < now))
