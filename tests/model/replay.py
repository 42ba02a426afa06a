# SPDX-License-Identifier: Apache-2.0
"""Takes the model's steps on a real database: each step is the transaction that makes the rows those of the model."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import Table
from sqlalchemy import and_
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import update

from entrepot.infra.database.metadata import metadata
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.registry import tables
from tests.model.model import BINNED
from tests.model.model import DELETING
from tests.model.model import HIDDEN
from tests.model.model import NAMELESS
from tests.model.model import State
from tests.model.model import World

Row = Mapping[str, object]

NOW = 1_800_000_000_000
BLOB = "sha256:" + "b" * 64
MANIFEST = "sha256:" + "a" * 64

LEASE = {"linked_at": NOW, "lease_until": NOW, "leased_by": "user:pusher"}
PUSHED = {"media_type": "application/vnd.oci.image.manifest.v1+json", "payload": b"{}", "size": 2, "pushed_at": NOW}
SESSION = {"owner": "user:pusher", "algorithm": "sha256", "offset": 0, "hash_state": b"", "writer_state": b""}
SESSION_TIMES = {"version": 0, "created_at": NOW, "expires_at": NOW}


def prepare(database: SqliteDatabase, world: World) -> None:
    """Create the schema, and the stores and repositories of `world`."""
    metadata.create_all(database.engine)
    for store in set(world.stores):
        row = {"id": store, "url": f"memory://{store}"}
        database.write_now(_insert, tables.stores, row)
    for r, store in enumerate(world.stores):
        row = {"id": r, "name": f"demo/{r}", "namespace": "demo", "store_id": store, "created_at": NOW}
        database.write_now(_insert, tables.repositories, row)


def take(connection: Connection, before: State, after: State) -> None:
    """Take one step. Raises `IntegrityError` when the schema refuses it."""
    old, new = _rows(before), _rows(after)
    for table in reversed(metadata.sorted_tables):
        for row in _missing_from(new.get(table, []), old.get(table, []), table):
            connection.execute(delete(table).where(_is(table, row)))
    for table in metadata.sorted_tables:
        added = _missing_from(old.get(table, []), new.get(table, []), table)
        for row in new.get(table, []):
            if row in added:
                _insert(connection, table, row)
            elif row not in old[table]:
                connection.execute(update(table).where(_is(table, row)).values(**row))


def _rows(state: State) -> dict[Table, list[Row]]:
    """Return the rows that the model's state stands for."""
    rows: dict[Table, list[Row]] = {
        tables.blobs: [{"digest": BLOB, "size": 3, "first_seen": NOW}] if state.has_blob else [],
        tables.manifests: [],
        tables.manifest_blobs: [],
    }
    for r, repository in enumerate(state.repositories):
        if repository.link:
            hidden_at = NOW if repository.link == HIDDEN else None
            link = {"repo_id": r, "digest": BLOB, "hidden_at": hidden_at, **LEASE}
            rows.setdefault(tables.repo_blobs, []).append(link)
        if repository.manifest:
            deleted_at = NOW if repository.manifest == BINNED else None
            manifest = {
                "repo_id": r,
                "digest": MANIFEST,
                "deleted_at": deleted_at,
                "pushed_by": "user:pusher",
                **PUSHED,
            }
            rows[tables.manifests].append(manifest)
            rows[tables.manifest_blobs].append({"repo_id": r, "manifest": MANIFEST, "digest": BLOB, "link": BLOB})
    for k, key in enumerate(state.keys):
        place = {"object_key": f"key-{k}", "store_id": key.store}
        if key.is_upload:
            session = {"id": f"upload-{k}", "repo_id": 0, **place, **SESSION, **SESSION_TIMES}
            rows.setdefault(tables.uploads, []).append(session)
        if key.object:
            kept = {"digest": BLOB, "state": key.object, "stored_size": 3, "created_at": NOW, **place}
            rows.setdefault(tables.objects, []).append(kept)
        if key.tombstone:
            digest = None if key.tombstone == NAMELESS else BLOB
            progress = "deleting" if key.tombstone == DELETING else "pending"
            buried = {"digest": digest, "size": 3, "state": progress, "delete_after": NOW, **place}
            rows.setdefault(tables.tombstones, []).append(buried)
    return rows


def _missing_from(some: list[Row], others: list[Row], table: Table) -> list[Row]:
    """Return those of `others` whose primary key is not among `some`."""
    known = {tuple(row[column.name] for column in table.primary_key) for row in some}
    return [row for row in others if tuple(row[column.name] for column in table.primary_key) not in known]


def _is(table: Table, row: Row) -> ColumnElement[bool]:
    return and_(*(column == row[column.name] for column in table.primary_key))


def _insert(connection: Connection, table: Table, row: Row) -> None:
    connection.execute(insert(table), dict(row))
