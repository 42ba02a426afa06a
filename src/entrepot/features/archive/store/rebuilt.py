# SPDX-License-Identifier: Apache-2.0
"""Statements on a database that is being rebuilt: always a SQLite file that nobody else reads, without foreign keys."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from entrepot.infra.storage.interface import ObjectKey
from entrepot.infra.storage.interface import StoredObject
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.manifest import Manifest
from entrepot.registry.store.manifests import large_config

NAMED = 100
"""How many of what is lost are named; all are counted."""

PAGE_ROWS = 500


class EmptyManifest(NamedTuple):
    """A manifest whose bytes are not there yet."""

    rowid: int
    repo_id: int
    digest: Digest
    media_type: str


@dataclass(frozen=True, slots=True)
class Lost:
    """How many of something were lost, and the names of the first."""

    count: int
    named: list[str]


_VIEWS = (
    "CREATE TEMPORARY TABLE listed (key TEXT PRIMARY KEY, size INTEGER) WITHOUT ROWID",
    "CREATE TEMPORARY VIEW living AS SELECT digest FROM objects WHERE state = 'live'",
)
_SETTLING = (
    """DELETE FROM manifest_children WHERE NOT EXISTS (SELECT 1 FROM manifests m
       WHERE m.repo_id = manifest_children.repo_id AND m.digest = manifest_children.parent)""",
    """INSERT OR IGNORE INTO manifest_blobs (repo_id, manifest, digest) SELECT repo_id, parent, child_digest
       FROM manifest_children c WHERE EXISTS (SELECT 1 FROM repo_blobs l
       WHERE l.repo_id = c.repo_id AND l.digest = c.child_digest)""",
    """UPDATE manifest_children SET child = child_digest WHERE EXISTS (SELECT 1 FROM manifests m
       WHERE m.repo_id = manifest_children.repo_id AND m.digest = manifest_children.child_digest)""",
    """DELETE FROM repo_blobs WHERE NOT EXISTS (SELECT 1 FROM blobs b WHERE b.digest = repo_blobs.digest)
       OR NOT EXISTS (SELECT 1 FROM repositories r WHERE r.id = repo_blobs.repo_id)
       OR (NOT EXISTS (SELECT 1 FROM living o WHERE o.digest = repo_blobs.digest) AND NOT EXISTS
       (SELECT 1 FROM manifest_blobs u WHERE u.repo_id = repo_blobs.repo_id AND u.digest = repo_blobs.digest))""",
    """UPDATE manifest_blobs SET link = digest WHERE EXISTS (SELECT 1 FROM repo_blobs l
       WHERE l.repo_id = manifest_blobs.repo_id AND l.digest = manifest_blobs.digest)""",
    """DELETE FROM objects WHERE state = 'missing' AND (EXISTS (SELECT 1 FROM living o WHERE o.digest = objects.digest)
       OR NOT EXISTS (SELECT 1 FROM repo_blobs l WHERE l.digest = objects.digest))""",
    """DELETE FROM blobs WHERE NOT EXISTS (SELECT 1 FROM objects o WHERE o.digest = blobs.digest)
       AND NOT EXISTS (SELECT 1 FROM repo_blobs l WHERE l.digest = blobs.digest)""",
)
_LOOSE = """CREATE TEMPORARY TABLE loose AS SELECT t.rowid AS tag, r.name || ':' || t.name AS named,
    (SELECT h.digest FROM tag_history h JOIN manifests m ON m.repo_id = h.repo_id AND m.digest = h.digest
     WHERE h.repo_id = t.repo_id AND h.name = t.name AND m.deleted_at IS NULL ORDER BY h.id DESC LIMIT 1) AS earlier
    FROM tags t JOIN repositories r ON r.id = t.repo_id WHERE t.digest IS NOT NULL AND NOT EXISTS
    (SELECT 1 FROM manifests m WHERE m.repo_id = t.repo_id AND m.digest = t.digest AND m.deleted_at IS NULL)"""
_SET_BACK = """UPDATE tags SET digest = (SELECT earlier FROM loose WHERE loose.tag = tags.rowid)
    WHERE rowid IN (SELECT tag FROM loose)"""
_COUNT_USAGE = (
    """INSERT INTO usage_deltas (namespace, repo_id, kind, digest, bytes, count, at)
       SELECT r.namespace, m.repo_id, 'manifest', m.digest, m.size, 1, m.pushed_at
       FROM manifests m JOIN repositories r ON r.id = m.repo_id""",
    """INSERT INTO usage_deltas (namespace, repo_id, kind, digest, bytes, count, at)
       SELECT r.namespace, l.repo_id, 'blob', l.digest, b.size, 1, l.linked_at
       FROM repo_blobs l JOIN repositories r ON r.id = l.repo_id JOIN blobs b ON b.digest = l.digest""",
)
_NAME_CONFIG = "UPDATE manifest_blobs SET large_config = digest WHERE repo_id = ? AND manifest = ? AND digest = ?"
_CANDIDATES = """SELECT key, size FROM listed WHERE NOT EXISTS (SELECT 1 FROM objects o WHERE o.object_key = listed.key)
    AND size IN (SELECT b.size FROM blobs b WHERE NOT EXISTS (SELECT 1 FROM living o WHERE o.digest = b.digest))"""
_ADOPT = """INSERT INTO objects (object_key, digest, store_id, state, stored_size, created_at)
    SELECT ?, b.digest, ?, 'live', b.size, ? FROM blobs b
    WHERE b.digest = ? AND NOT EXISTS (SELECT 1 FROM living o WHERE o.digest = b.digest)"""
_EMPTY = """SELECT r.name || '@' || m.digest FROM manifests m LEFT JOIN repositories r ON r.id = m.repo_id
    WHERE m.payload = x''"""
_MISSING = """SELECT r.name || '@' || l.digest FROM repo_blobs l JOIN repositories r ON r.id = l.repo_id
    WHERE NOT EXISTS (SELECT 1 FROM living o WHERE o.digest = l.digest)"""
_BURY = """INSERT INTO tombstones (object_key, store_id, size, state, delete_after, attempts, reason)
    SELECT key, ?, size, 'pending', ?, 0, 'orphan' FROM listed
    WHERE NOT EXISTS (SELECT 1 FROM objects o WHERE o.object_key = listed.key)"""
_UNKNOWN = "SELECT key FROM listed WHERE NOT EXISTS (SELECT 1 FROM objects o WHERE o.object_key = listed.key)"


def name_store(connection: Connection, url: str) -> bool:
    """Let the only store be the one of that address, which the archive was found in; tell whether it is the only one.

    Where there is none, there is one afterwards.
    """
    ids = connection.exec_driver_sql("SELECT id FROM stores ORDER BY id").fetchall()
    if not ids:
        connection.exec_driver_sql("INSERT INTO stores (url) VALUES (?)", (url,))
    elif len(ids) == 1:
        connection.exec_driver_sql("UPDATE stores SET url = ?", (url,))
    return len(ids) <= 1


def store_of(connection: Connection, url: str) -> int | None:
    """Return the id of the store of that address."""
    row = connection.exec_driver_sql("SELECT id FROM stores WHERE url = ?", (url,)).fetchone()
    return None if row is None else int(row[0])


def empty_manifests(connection: Connection) -> Iterator[list[EmptyManifest]]:
    """Yield the manifests whose bytes are not there yet, some at a time, however many get theirs meanwhile."""
    place = 0
    statement = (
        "SELECT rowid, repo_id, digest, media_type FROM manifests WHERE rowid > ? AND payload = x'' "
        "ORDER BY rowid LIMIT ?"
    )
    while found := connection.exec_driver_sql(statement, (place, PAGE_ROWS)).fetchall():
        yield [EmptyManifest(*row) for row in found]
        place = found[-1][0]


def fill(connection: Connection, row: EmptyManifest, payload: bytes, manifest: Manifest) -> None:
    """Give a manifest its bytes, and record what it lists; what of that is here is found out by `settle_content`."""
    descriptor = None
    if manifest.subject is not None:
        descriptor = msgspec.json.encode(manifest.referrer_descriptor(row.digest, len(payload))).decode()
    connection.exec_driver_sql(
        "UPDATE manifests SET payload = ?, referrer_descriptor = ? WHERE rowid = ?", (payload, descriptor, row.rowid)
    )
    blobs = {each.digest for each in (*manifest.required_blobs, *manifest.optional_blobs)}
    _insert_each(connection, "manifest_blobs (repo_id, manifest, digest)", row, blobs)
    connection.exec_driver_sql(_NAME_CONFIG, (row.repo_id, row.digest, large_config(manifest)))
    _insert_each(
        connection,
        "manifest_children (repo_id, parent, child_digest)",
        row,
        {each.digest for each in manifest.children},
    )


def _insert_each(connection: Connection, into: str, row: EmptyManifest, digests: Iterable[Digest]) -> None:
    rows = [(row.repo_id, row.digest, digest) for digest in sorted(digests)]
    if rows:
        connection.exec_driver_sql(f"INSERT OR IGNORE INTO {into} VALUES (?, ?, ?)", rows)  # noqa: S608 - of our own


def drop_empty_manifests(connection: Connection) -> Lost:
    """Remove manifests whose bytes nobody has."""
    lost = _lost(connection, _EMPTY)
    connection.exec_driver_sql("DELETE FROM manifests WHERE payload = x''")
    return lost


def prepare_listing(connection: Connection) -> None:
    """Make the table of what the storage has, which is gone with the connection."""
    for statement in _VIEWS:
        connection.exec_driver_sql(statement)


def note_listed(connection: Connection, found: Sequence[StoredObject]) -> None:
    """Note objects that the storage has."""
    if found:
        rows = [(each.key, each.size) for each in found]
        connection.exec_driver_sql("INSERT OR REPLACE INTO listed (key, size) VALUES (?, ?)", rows)


def adopted(connection: Connection, tree: str) -> list[ObjectKey]:
    """Return the objects in the tree of another registry, which no storage lists."""
    found = connection.exec_driver_sql(
        "SELECT object_key FROM objects WHERE substr(object_key, 1, ?) = ?", (len(tree), tree)
    )
    return [ObjectKey(row[0]) for row in found]


def mark_missing(connection: Connection, store_id: int) -> None:
    """Mark objects of a store that the storage does not have, or not of that size."""
    connection.exec_driver_sql(
        "UPDATE objects SET state = 'missing' WHERE state = 'live' AND store_id = ? AND NOT EXISTS "
        "(SELECT 1 FROM listed WHERE listed.key = objects.object_key AND listed.size = objects.stored_size)",
        (store_id,),
    )


def candidates(connection: Connection) -> list[tuple[ObjectKey, int]]:
    """Return objects that no row names and that may be the bytes of a blob that has none: they are as long."""
    return [(ObjectKey(row[0]), row[1]) for row in connection.exec_driver_sql(_CANDIDATES).fetchall()]


def adopt(connection: Connection, key: ObjectKey, digest: Digest, store_id: int, now: Milliseconds) -> bool:
    """Let an object be the bytes of a blob that has none; False if it is not that of one."""
    return connection.exec_driver_sql(_ADOPT, (key, store_id, now, digest)).rowcount > 0


def settle_content(connection: Connection) -> None:
    """Link what is here, and remove what nothing uses and nobody has the bytes of."""
    for statement in _SETTLING:
        connection.exec_driver_sql(statement)


def settle_tags(connection: Connection) -> tuple[Lost, Lost]:
    """Set tags of manifests that are not there back to the last one that is, or remove them; return both."""
    connection.exec_driver_sql(_LOOSE)
    back = _lost(connection, "SELECT named FROM loose WHERE earlier IS NOT NULL")
    gone = _lost(connection, "SELECT named FROM loose WHERE earlier IS NULL")
    connection.exec_driver_sql(_SET_BACK)
    return back, gone


def missing_blobs(connection: Connection) -> Lost:
    """Return the blobs that manifests list and whose bytes are nowhere."""
    return _lost(connection, _MISSING)


def unknown_objects(connection: Connection) -> Lost:
    """Return the objects of the storage that no row names."""
    return _lost(connection, _UNKNOWN)


def bury_unknown(connection: Connection, store_id: int, until: Milliseconds) -> None:
    """Let the objects that no row names go once that time has come, and collection goes on."""
    connection.exec_driver_sql(_BURY, (store_id, until))


def count_usage(connection: Connection) -> None:
    """Have what the registry holds counted anew, as of when it was pushed."""
    for statement in _COUNT_USAGE:
        connection.exec_driver_sql(statement)


def count_rows(connection: Connection, table: str) -> int:
    """Count the rows of a table."""
    quoted = connection.dialect.identifier_preparer.quote(table)
    return int(connection.exec_driver_sql(f"SELECT count(*) FROM {quoted}").scalar_one())  # noqa: S608


def _lost(connection: Connection, named: str) -> Lost:
    count = int(connection.exec_driver_sql(f"SELECT count(*) FROM ({named})").scalar_one())  # noqa: S608
    found = connection.exec_driver_sql(f"{named} LIMIT {NAMED}").fetchall() if count else []
    return Lost(count, sorted(str(row[0]) for row in found))
