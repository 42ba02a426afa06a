# SPDX-License-Identifier: Apache-2.0
"""What the job table promises, whichever engine it is on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.infra.database.engine import Database
from tests.builders.databases import a_database
from tests.builders.job_table import JobTable
from tests.fakes.settable_clock import SettableClock


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Make an empty database."""
    database = a_database(tmp_path)
    yield database
    database.close()


@pytest.fixture
def clock() -> SettableClock:
    """Make a clock that stands still."""
    return SettableClock()


@pytest.fixture
def table(database: Database, clock: SettableClock) -> JobTable:
    """Make an empty job table."""
    return JobTable(database, clock)
