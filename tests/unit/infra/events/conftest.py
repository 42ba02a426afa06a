# SPDX-License-Identifier: Apache-2.0
"""A database with an outbox."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.infra.database.engine import Database
from tests.builders.databases import a_database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Make an empty outbox."""
    database = a_database(tmp_path)
    yield database
    database.close()
