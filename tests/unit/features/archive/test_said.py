# SPDX-License-Identifier: Apache-2.0
"""What people said of artifacts and repositories comes back with them."""

import asyncio
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import RowMapping
from sqlalchemy import insert
from sqlalchemy import select

from entrepot.features.labels.models import Label
from entrepot.features.labels.models import Note
from entrepot.features.labels.store import add_note
from entrepot.features.labels.store import put
from entrepot.features.labels.store import remove
from entrepot.infra.database.metadata import metadata
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.kernel.changes import Change
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.announcing import Told
from entrepot.registry.announcing import announce
from entrepot.registry.store import repositories
from tests.builders.core import REPOSITORY
from tests.builders.manifests import an_image_manifest
from tests.unit.features.archive.archived import Archived
from tests.unit.features.archive.archived import an_archived_core

IMAGE = an_image_manifest()
NOW = Milliseconds(1)
BY = "user:alice"


@pytest.fixture
def archived(tmp_path: Path) -> Iterator[Archived]:
    """A registry that archives, with a base of nothing."""
    with an_archived_core(tmp_path / "data") as found:
        yield found


def say(connection: Connection) -> None:
    """Put labels and a note on the image, and describe its repository."""
    found = repositories.find(connection, REPOSITORY)
    assert found is not None
    put(connection, found.id, IMAGE.digest, [Label("stage", "test", NOW, BY), Label("team", "a", NOW, BY)])
    add_note(connection, found.id, IMAGE.digest, Note("1", "fine", BY, NOW, NOW))
    words = {"summary": "", "text": "Our app", "owner": "", "revision": 1, "changed_at": NOW, "changed_by": BY}
    row = {"kind": "repository", "name": REPOSITORY, "project": "team", **words}
    connection.execute(insert(metadata.tables["descriptions"]).values(row))
    for change in (Change.ARTIFACT_LABELLED, Change.NOTE_WRITTEN, Change.DESCRIPTION_CHANGED):
        announce(connection, change, NOW, Told(object="", project="team", repository=REPOSITORY, digest=IMAGE.digest))


def take_back(connection: Connection) -> None:
    """Remove a label."""
    found = repositories.find(connection, REPOSITORY)
    assert found is not None
    remove(connection, found.id, IMAGE.digest, ["team"])
    told = Told(object="", project="team", repository=REPOSITORY, digest=IMAGE.digest)
    announce(connection, Change.ARTIFACT_LABELLED, NOW, told)


def rows_of(file: Path) -> dict[str, Sequence[RowMapping]]:
    """Return the rows of a rebuilt database. Blocks."""
    rebuilt = SqliteDatabase(file)
    try:
        names = ("artifact_labels", "artifact_notes", "descriptions")
        return {name: rebuilt.snapshot_now(rows_in, name) for name in names}
    finally:
        rebuilt.close()


def rows_in(connection: Connection, name: str) -> Sequence[RowMapping]:
    """Return the rows of a table."""
    return connection.execute(select(metadata.tables[name])).mappings().all()


@pytest.mark.sqlite
@pytest.mark.anyio
async def test_what_was_said_comes_back_as_it_was_last(archived: Archived, tmp_path: Path) -> None:
    """What was taken back since does not."""
    await archived.write_base()
    await archived.running.put_image(IMAGE, "1.0")
    for change in (say, take_back):
        await archived.running.database.write(change)
        await archived.archive()
    await archived.rebuild(tmp_path / "rebuilt.db")

    found = await asyncio.to_thread(rows_of, tmp_path / "rebuilt.db")
    assert [(row["key"], row["value"]) for row in found["artifact_labels"]] == [("stage", "test")]
    assert [row["text"] for row in found["artifact_notes"]] == ["fine"]
    assert [(row["name"], row["text"]) for row in found["descriptions"]] == [(REPOSITORY, "Our app")]
