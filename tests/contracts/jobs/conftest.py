# SPDX-License-Identifier: Apache-2.0
"""What the job table promises, run against every database engine."""

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.infra.database.engine import Database
from entrepot.infra.database.metadata import metadata
from entrepot.infra.jobs.tables import jobs
from entrepot.infra.jobs.tables import schedules
from tests.builders.job_table import JobTable
from tests.fakes.settable_clock import SettableClock

ENGINES: dict[str, Callable[[Path], Database]] = {
    "sqlite": lambda folder: Database(folder / "jobs.db"),
}


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Make a database with empty tables."""
    database = ENGINES[request.param](tmp_path)
    metadata.create_all(database.engine, [jobs, schedules])
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
