# SPDX-License-Identifier: Apache-2.0
"""The data folder, for commands that work on it while servers may run on it too."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot.entry.configuration import load
from entrepot.entry.configuration import override
from entrepot.entry.opening import open_existing_database
from entrepot.entry.opening import require_keys
from entrepot.infra.database import schema
from entrepot.registry.platform import DataFolder


@contextmanager
def open_data_folder(data: Path | None) -> Iterator[DataFolder]:
    """Hold the configured data folder, or `data`. Raises `AppError` unless there is a database of this version."""
    override(data_dir=data)
    settings = load()
    database = open_existing_database(settings)
    try:
        require_keys(settings, database)
        schema.require_current(database)
        yield DataFolder(settings.data_dir, database, settings.keys)
    finally:
        database.close()
