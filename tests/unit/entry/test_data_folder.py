# SPDX-License-Identifier: Apache-2.0
"""Opening the data folder for a command."""

from pathlib import Path

import pytest

from entrepot.entry.configuration import DATABASE_FILE
from entrepot.entry.data_folder import open_data_folder
from entrepot.infra.database import schema
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.kernel.errors import NotFound
from tests.builders.databases import sqlite_of


def test_the_configured_folder_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a flag it is the one of the configuration."""
    monkeypatch.setenv("ENTREPOT_DATA_DIR", "kept")
    Path("kept").mkdir()
    database = SqliteDatabase(Path("kept") / DATABASE_FILE)
    schema.upgrade(database)
    database.close()

    with open_data_folder(None) as folder:
        assert (folder.path, sqlite_of(folder.database).path) == (Path("kept"), Path("kept") / DATABASE_FILE)


def test_a_missing_database_is_not_made() -> None:
    """A flag that names the wrong folder makes nothing there."""
    with (
        pytest.raises(NotFound, match="there is no database at elsewhere/"),
        open_data_folder(Path("elsewhere")),
    ):
        pass

    assert not Path("elsewhere").exists()


def test_an_outdated_database_is_refused() -> None:
    """A command works on the schema that this version knows."""
    Path("data").mkdir()
    (Path("data") / DATABASE_FILE).touch()

    with pytest.raises(schema.SchemaOutdated), open_data_folder(None):
        pass
