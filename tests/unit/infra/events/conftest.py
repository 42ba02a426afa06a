# SPDX-License-Identifier: Apache-2.0
"""A database with an outbox."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.infra.database.engine import Database
from entrepot.infra.database.metadata import metadata
from entrepot.infra.events.tables import outbox
from entrepot.infra.events.tables import outbox_consumers


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Make an empty outbox in a file of its own."""
    database = Database(tmp_path / "outbox.db")
    metadata.create_all(database.engine, [outbox, outbox_consumers])
    yield database
    database.close()
