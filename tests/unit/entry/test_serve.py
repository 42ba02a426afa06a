# SPDX-License-Identifier: Apache-2.0
"""What `entrepot serve` prepares before it serves."""

from pathlib import Path

import pytest

from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import StorageSettings
from entrepot.entry.serve import prepare
from entrepot.infra.database import schema
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.storage.interface import StorageUnavailable


def test_the_first_start_makes_everything(tmp_path: Path) -> None:
    """Folder, schema, storage and administrator are made, readable by their owner only."""
    data = tmp_path / "deep" / "data"
    administrator = prepare(Settings(data_dir=data))
    database = SqliteDatabase(data / "entrepot.db")
    schema.require_current(database)
    database.close()

    assert administrator is not None
    assert (data / "blobs" / "objects").is_dir()
    assert data.stat().st_mode & 0o777 == 0o700
    assert administrator.password_file is not None
    assert administrator.password_file.stat().st_mode & 0o777 == 0o600


def test_the_second_start_makes_nothing(tmp_path: Path) -> None:
    """There is an administrator already, and a schema, and a storage."""
    settings = Settings(data_dir=tmp_path / "data")
    prepare(settings)
    before = sorted(settings.data_dir.rglob("*"))

    assert prepare(settings) is None
    assert sorted(settings.data_dir.rglob("*")) == before


def test_another_folder_may_hold_the_bytes(tmp_path: Path) -> None:
    """`storage.url` names it."""
    elsewhere = tmp_path / "elsewhere"
    prepare(Settings(data_dir=tmp_path / "data", storage=StorageSettings(url=f"file://{elsewhere}")))

    assert (elsewhere / "objects").is_dir()
    assert not (tmp_path / "data" / "blobs").exists()


def test_a_storage_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    """A file where the folder should be is told before anything is served, and no administrator is made."""
    settings = Settings(data_dir=tmp_path / "data")
    settings.data_dir.mkdir()
    (settings.data_dir / "blobs").write_text("in the way")

    with pytest.raises(StorageUnavailable):
        prepare(settings)
    assert not (settings.data_dir / "initial-admin-password").exists()
