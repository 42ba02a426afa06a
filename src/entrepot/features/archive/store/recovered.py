# SPDX-License-Identifier: Apache-2.0
"""Statements on a database that is made of bytes alone: a SQLite file that nobody else reads, without foreign keys."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection

from entrepot.features.archive.store.rebuilt import NAMED
from entrepot.features.archive.store.rebuilt import PAGE_ROWS
from entrepot.features.archive.store.rebuilt import EmptyManifest
from entrepot.features.archive.store.rebuilt import Lost
from entrepot.features.archive.store.rebuilt import fill
from entrepot.infra.storage.interface import StoredObject
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import Digest
from entrepot.oci.digest import encoded_of
from entrepot.oci.manifest import Manifest
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import namespace_of
from entrepot.oci.version_order import version_key

WHO = "internal:entrepot"
"""Who pushed what was recovered."""

REGION = "recovered"
SHORT_CHARACTERS = 12
"""How much of its digest names a tag, unless another one begins so too."""


class Place(NamedTuple):
    """Where everything goes that is recovered."""

    store_id: int
    repo_id: int
    now: Milliseconds


class FoundManifest(NamedTuple):
    """Bytes that are a manifest, and whether they were recovered."""

    rowid: int
    digest: Digest
    payload: bytes


_TABLES = (
    """CREATE TEMPORARY TABLE found (digest TEXT NOT NULL UNIQUE, payload BLOB NOT NULL, is_index INTEGER NOT NULL,
       is_taken INTEGER NOT NULL DEFAULT 0)""",
    "CREATE TEMPORARY VIEW living AS SELECT digest FROM objects WHERE state = 'live'",
)
_PROJECT = "INSERT INTO projects (name, visibility, created_at, created_by, cause) VALUES (?, 'private', ?, ?, 'push')"
_REPOSITORY = """INSERT INTO repositories (name, namespace, store_id, created_at, visible_at) VALUES (?, ?, ?, ?, ?)
    RETURNING id"""
_OBJECT = """INSERT OR IGNORE INTO objects (object_key, digest, store_id, state, stored_size, created_at)
    VALUES (?, ?, ?, 'live', ?, ?)"""
_LINK = """INSERT OR IGNORE INTO repo_blobs (repo_id, digest, linked_at, lease_until, leased_by)
    VALUES (?, ?, ?, ?, ?)"""
_BURY = """INSERT OR IGNORE INTO tombstones (object_key, store_id, digest, size, state, delete_after, attempts, reason)
    VALUES (?, ?, ?, ?, 'pending', ?, 0, 'duplicate')"""
_MANIFEST = """INSERT INTO manifests (repo_id, digest, media_type, artifact_type, payload, size, subject, pushed_at,
    pushed_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING rowid"""
_PAGE = """SELECT rowid, digest, payload FROM found WHERE rowid > ? AND is_index = ? AND is_taken = 0
    ORDER BY rowid LIMIT ?"""
_LED_TO = """SELECT m.digest FROM manifests m WHERE m.repo_id = ?
    AND NOT EXISTS (SELECT 1 FROM manifest_children c WHERE c.repo_id = m.repo_id AND c.child = m.digest)
    AND NOT EXISTS (SELECT 1 FROM manifests s WHERE s.repo_id = m.repo_id AND s.digest = m.subject)
    ORDER BY m.digest"""
_TAG = """INSERT INTO tags (repo_id, name, digest, epoch, hlc, region, updated_at, updated_by, version_key)
    VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?)"""
_HISTORY = """INSERT INTO tag_history (repo_id, name, digest, epoch, hlc, region, changed_at, changed_by, cause)
    VALUES (?, ?, ?, 0, ?, ?, ?, ?, 'user')"""


def begin(connection: Connection, store_id: int, name: RepositoryName, now: Milliseconds) -> Place:
    """Make the repository for what is recovered, in a project of its own that only administrators see."""
    for statement in _TABLES:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(_PROJECT, (namespace_of(name), now, WHO))
    made = connection.exec_driver_sql(_REPOSITORY, (name, namespace_of(name), store_id, now, now))
    return Place(store_id, made.scalar_one(), now)


def add_object(connection: Connection, place: Place, stored: StoredObject, digest: Digest, until: Milliseconds) -> bool:
    """Record an object and the blob that it is; False if another object is the same blob."""
    given = (stored.key, digest, place.store_id, stored.size, stored.modified_ms)
    if connection.exec_driver_sql(_OBJECT, given).rowcount < 1:
        return False
    blob = (digest, stored.size, stored.modified_ms)
    connection.exec_driver_sql("INSERT OR IGNORE INTO blobs (digest, size, first_seen) VALUES (?, ?, ?)", blob)
    connection.exec_driver_sql(_LINK, (place.repo_id, digest, place.now, until, WHO))
    return True


def bury_duplicate(
    connection: Connection, place: Place, stored: StoredObject, digest: Digest, until: Milliseconds
) -> None:
    """Let an object go in time that is a blob which another object is too."""
    given = (stored.key, place.store_id, digest, stored.size, until)
    connection.exec_driver_sql(_BURY, given)


def note_manifest(connection: Connection, digest: Digest, payload: bytes, *, is_index: bool) -> None:
    """Note that these bytes are a manifest."""
    statement = "INSERT OR IGNORE INTO found (digest, payload, is_index) VALUES (?, ?, ?)"
    connection.exec_driver_sql(statement, (digest, payload, is_index))


def not_taken(connection: Connection, *, is_index: bool) -> Iterator[list[FoundManifest]]:
    """Yield what was noted and is not taken, indexes or the others, some at a time."""
    place = 0
    while rows := connection.exec_driver_sql(_PAGE, (place, is_index, PAGE_ROWS)).fetchall():
        yield [FoundManifest(row[0], row[1], bytes(row[2])) for row in rows]
        place = rows[-1][0]


def is_anything(connection: Connection) -> bool:
    """Tell whether there is an object or a manifest."""
    statement = "SELECT 1 FROM objects UNION ALL SELECT 1 FROM found LIMIT 1"
    return connection.exec_driver_sql(statement).fetchone() is not None


def is_blob(connection: Connection, digest: Digest) -> bool:
    """Tell whether there are bytes of that digest."""
    return connection.exec_driver_sql("SELECT 1 FROM living WHERE digest = ?", (digest,)).fetchone() is not None


def is_taken(connection: Connection, digest: Digest) -> bool:
    """Tell whether there is a manifest of that digest."""
    statement = "SELECT 1 FROM found WHERE digest = ? AND is_taken = 1"
    return connection.exec_driver_sql(statement, (digest,)).fetchone() is not None


def take(connection: Connection, place: Place, found: FoundManifest, manifest: Manifest) -> None:
    """Recover a manifest."""
    subject = manifest.subject.digest if manifest.subject else None
    size = len(found.payload)
    values = (place.repo_id, found.digest, manifest.media_type, manifest.effective_artifact_type, found.payload, size)
    rowid = connection.exec_driver_sql(_MANIFEST, (*values, subject, place.now, WHO)).scalar_one()
    row = EmptyManifest(rowid, place.repo_id, found.digest, manifest.media_type)
    fill(connection, row, found.payload, manifest)
    connection.exec_driver_sql("UPDATE found SET is_taken = 1 WHERE rowid = ?", (found.rowid,))


def left_out(connection: Connection) -> Lost:
    """Return the manifests that were not recovered."""
    count = connection.exec_driver_sql("SELECT count(*) FROM found WHERE is_taken = 0").scalar_one()
    rows = connection.exec_driver_sql("SELECT digest FROM found WHERE is_taken = 0 LIMIT ?", (NAMED,)).fetchall()
    return Lost(int(count), sorted(row[0] for row in rows))


def tag_what_nothing_leads_to(connection: Connection, place: Place) -> None:
    """Tag manifests that neither an index lists nor are about another one, by how their digests begin."""
    digests = [row[0] for row in connection.exec_driver_sql(_LED_TO, (place.repo_id,)).fetchall()]
    used: set[str] = set()
    for digest in digests:
        short = encoded_of(digest)[:SHORT_CHARACTERS]
        name = encoded_of(digest) if short in used else short
        used.add(name)
        hlc = place.now << 16
        made = (place.repo_id, name, digest, hlc, REGION, place.now, WHO)
        connection.exec_driver_sql(_TAG, (*made, version_key(name)))
        connection.exec_driver_sql(_HISTORY, made)
