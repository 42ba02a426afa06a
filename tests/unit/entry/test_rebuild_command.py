# SPDX-License-Identifier: Apache-2.0
"""`entrepot rebuild`: a lost database comes back where it was, or nothing happens."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner
from typer.testing import Result

from entrepot.entry.cli import application
from entrepot.entry.configuration import DATABASE_FILE
from entrepot.features.archive.errors import NotEmpty
from entrepot.features.garbage.models import Pause
from entrepot.features.garbage.run import PAUSED
from entrepot.features.roles import SYSTEM
from entrepot.features.roles import SystemRole
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.storage.filesystem import FilesystemStorage
from entrepot.infra.storage.folder_documents import FolderDocuments
from entrepot.registry.store import collection_marks
from tests.builders.core import a_core
from tests.builders.manifests import an_image_manifest
from tests.builders.sqlite import a_sqlite_database
from tests.unit.features.archive.archived import Archived
from tests.unit.features.archive.archived import add_row
from tests.unit.features.archive.archived import state

DATA = Path("data")
FILE = DATA / DATABASE_FILE
ADMINISTRATOR = {
    "users": {"name": "alice", "password_hash": "x", "created_at": 1, "password_changed_at": 1},
    "grants": {
        "principal": "user:alice",
        "path_pattern": SYSTEM,
        "role": SystemRole.ADMINISTRATOR.value,
        "created_at": 1,
        "created_by": "x",
    },
}


def run(*arguments: str) -> Result:
    """Run `entrepot rebuild`."""
    return CliRunner().invoke(application, ["rebuild", "--data", str(DATA), *arguments])


@pytest.fixture
def lost() -> dict[str, object]:
    """What a database held that is lost; its bytes and its archive are there."""
    storage = FilesystemStorage.open(DATA / "blobs")

    async def fill(archived: Archived) -> None:
        for table, row in ADMINISTRATOR.items():
            await add_row(archived.running, table, row)
        await archived.write_base()
        await archived.running.put_image(an_image_manifest(), "1")
        await archived.archive()

    with a_core(DATA, storage, open_database=lambda folder: a_sqlite_database(folder / DATABASE_FILE)) as running:
        asyncio.run(fill(Archived(running, FolderDocuments(DATA / "blobs"))))
        held = running.database.snapshot_now(state)
    for file in DATA.glob(f"{DATABASE_FILE}*"):
        file.unlink()
    return held


def test_a_lost_database_comes_back(lost: dict[str, object]) -> None:
    """With all that it held, collection that stands still, and a password for an administrator."""
    result = run("--json")

    assert result.exit_code == 0, result.output
    database = SqliteDatabase(FILE)
    assert database.snapshot_now(state) == lost
    assert database.snapshot_now(collection_marks.find, PAUSED, Pause) is not None
    database.close()
    assert json.loads(result.stdout)["administrator"] == "alice"
    assert (DATA / "initial-admin-password").read_text().strip()
    assert not list(DATA.glob("rebuilding*"))


@pytest.mark.usefixtures("lost")
def test_a_database_that_holds_something_is_left_alone() -> None:
    """Nothing is ever overwritten."""
    run()
    before = FILE.read_bytes()

    result = run()

    assert isinstance(result.exception, NotEmpty)
    assert FILE.read_bytes() == before


@pytest.mark.usefixtures("lost")
def test_what_lacks_is_told_by_the_exit_status() -> None:
    """A person reads what, and a program sees that."""
    for file in (DATA / "blobs" / "objects").glob("*/*"):
        file.unlink()

    result = run()

    assert result.exit_code == 3
    assert "blobs whose bytes are missing" in result.stdout


@pytest.mark.usefixtures("lost")
def test_bytes_are_enough_where_they_are_asked_for() -> None:
    """Then images come back by digest."""
    result = run("--from-bytes")

    assert result.exit_code == 0, result.output
    assert "Images are in recovered/images" in result.stdout
