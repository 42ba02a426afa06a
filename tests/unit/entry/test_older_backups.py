# SPDX-License-Identifier: Apache-2.0
"""Backups that an older version made: they are brought to today's schema while they are restored."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from alembic import command
from sqlalchemy import Connection
from sqlalchemy import text

from entrepot.entry import restoring
from entrepot.entry.drilling import Extent
from entrepot.entry.drilling import drill
from entrepot.entry.restoring import Place
from entrepot.features.backup.description import FORMAT
from entrepot.features.backup.description import Description
from entrepot.infra.database import backup_file
from entrepot.infra.database import schema
from entrepot.infra.database.engine import Database
from entrepot.infra.database.migrating import alembic_config
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.storage.interface import object_key
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import system_clock
from entrepot.oci.digest import digest_of
from entrepot.oci.reference import TagName
from entrepot.registry.store import backups
from tests.builders.backups import a_place
from tests.builders.backups import a_stored_core
from tests.builders.backups import quiet
from tests.builders.core import EVERYBODY
from tests.builders.core import REPOSITORY
from tests.builders.databases import a_database
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest

FIRST = "0026"
"""The schema of the first version that made backups."""

IMAGE = an_image_manifest()
BLOBS = {digest_of(content): content for content in (A_CONFIG, A_LAYER)}
KEYS = {digest: object_key() for digest in BLOBS}

CONTENT = """
INSERT INTO stores (id, url) VALUES (1, 'file:blobs');
INSERT INTO projects (name, visibility, created_at, created_by, cause)
    VALUES ('team', 'private', 1, 'user:bob', 'push');
INSERT INTO repositories (id, name, namespace, store_id, created_at, visible_at)
    VALUES (1, 'team/app', 'team', 1, 1, 1);
INSERT INTO users (name, password_hash, created_at, password_changed_at) VALUES ('bob', '!', 1, 1);
INSERT INTO backups (id, name, place, taken_by, began_at, expires_at, facts)
    VALUES (1, 'old', '/backup/old.backup', 'bob@host', 5, 9000000000000, '{}')
"""
BLOB = (
    "INSERT INTO blobs (digest, size, first_seen) VALUES (:digest, :size, 1)",
    """INSERT INTO objects (object_key, digest, store_id, state, stored_size, created_at)
    VALUES (:key, :digest, 1, 'live', :size, 1)""",
    "INSERT INTO repo_blobs (repo_id, digest, linked_at, lease_until, leased_by) VALUES (1, :digest, 1, 1, 'user:bob')",
    "INSERT INTO manifest_blobs (repo_id, manifest, digest, link) VALUES (1, :manifest, :digest, :digest)",
)
MANIFEST = """
INSERT INTO manifests (repo_id, digest, media_type, payload, size, pushed_at, pushed_by)
    VALUES (1, :manifest, :media_type, :payload, :length, 1, 'user:bob')
"""
TAG = """
INSERT INTO tags (repo_id, name, version_key, digest, epoch, hlc, region, updated_at, updated_by)
    VALUES (1, 'latest', 'latest', :manifest, 0, 65536, 'r', 1, 'user:bob')
"""


def _fill(connection: Connection) -> None:
    command.upgrade(alembic_config(schema.MIGRATIONS, connection), FIRST)
    for statement in CONTENT.split(";"):
        connection.execute(text(statement))
    image = {"manifest": IMAGE.digest, "media_type": IMAGE.media_type, "payload": IMAGE.payload}
    connection.execute(text(MANIFEST), {**image, "length": len(IMAGE.payload)})
    for digest, content in BLOBS.items():
        values = {"digest": digest, "size": len(content), "key": KEYS[digest], "manifest": IMAGE.digest}
        for statement in BLOB:
            connection.execute(text(statement), values)
    connection.execute(text(TAG), {"manifest": IMAGE.digest})


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """The file of a backup with an image that has a tag, as that version wrote it."""
    path, moment = tmp_path / "old.backup", Milliseconds(5)
    path.touch()
    with closing(SqliteDatabase(tmp_path / "old.db")) as source:
        source.change_schema(_fill)
        backup_file.write(source, path, lambda _progress: None)
    said = Description(
        format=FORMAT,
        name="old",
        version="0.1",
        revision=FIRST,
        taken_at=moment,
        expires_at=Milliseconds(9_000_000_000_000),
        newest_object=Milliseconds(1),
        objects=len(BLOBS),
        object_bytes=sum(map(len, BLOBS.values())),
        manifests=1,
        tags=1,
        tables=backup_file.checksums(path, lambda _table, _rows: None),
    )
    backup_file.describe(path, msgspec.json.encode(said))
    return path


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Where to restore to: its storage has the bytes."""
    place = a_place(tmp_path / "new")
    asyncio.run(_put(place))
    return place


async def _put(place: Place) -> None:
    for digest, content in BLOBS.items():
        writer = await place.storage.create(KEYS[digest])
        await writer.write(content)
        await writer.flush()
        await writer.commit()


@pytest.fixture
def target(place: Place) -> Iterator[Database]:
    """A database without a row, of the engine that the tests run on."""
    with closing(a_database(place.data_dir)) as database:
        yield database


def test_a_backup_of_an_older_schema_is_restored(backup: Path, target: Database, place: Place) -> None:
    """Into today's schema; everything can be pulled, and the backup is known as what it is."""
    found = restoring.restore(backup, target, place, system_clock, quiet)

    assert (found.revision_before, schema.needed_revision() > FIRST) == (FIRST, True)
    assert schema.state(target).current == schema.needed_revision()
    [known] = target.snapshot_now(backups.newest_first)
    assert (known.state, known.taken_at) == ("kept", 5)
    assert restoring.verify(target, place.storage, quiet).outcome.lost_count == 0
    with a_stored_core(place.data_dir) as running:
        pulled = asyncio.run(running.pull.manifest(EVERYBODY, REPOSITORY, TagName("latest"), is_head=False))
        assert pulled.payload == IMAGE.payload


def test_a_backup_of_an_older_schema_is_tried(backup: Path, place: Place) -> None:
    """The file stays as it was: the copy is upgraded."""
    before = backup_file.sha256_of(backup)

    found = drill(backup, place, system_clock, Extent(tags=0, is_deep=True), quiet)

    assert (found.failures, found.tags_pulled, found.objects_lost) == ([], 1, 0)
    assert backup_file.sha256_of(backup) == before
