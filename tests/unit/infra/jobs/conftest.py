# SPDX-License-Identifier: Apache-2.0
"""A worker on a real table, at a time that the test sets."""

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from entrepot.infra.database.engine import Database
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.jobs.worker import JobKind
from entrepot.infra.jobs.worker import Worker
from entrepot.infra.jobs.worker import WorkerSettings
from tests.builders.databases import a_database
from tests.builders.job_table import LEASE_MS
from tests.builders.job_table import JobTable
from tests.fakes.settable_clock import SettableClock
from tests.unit.infra.jobs.stage import Stage

MakeWorker = Callable[..., Worker]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Make a database with empty tables."""
    database = a_database(tmp_path)
    yield database
    database.close()


@pytest.fixture
def table(database: Database) -> JobTable:
    """Make the table that the worker serves."""
    return JobTable(database, SettableClock())


@pytest.fixture
def doorbell() -> Doorbell:
    """Make the doorbell of the jobs."""
    return Doorbell()


@pytest.fixture
def make_worker(table: JobTable, doorbell: Doorbell) -> MakeWorker:
    """Make workers: give kinds, and settings that differ. They hear nothing but the doorbell, and lose no time."""

    def make(*kinds: JobKind[Any], **settings: Any) -> Worker:
        chosen = {"lease_ms": LEASE_MS, "cancel_grace_seconds": 0.01, "poll_seconds": 600.0} | settings
        return Worker(table.database, list(kinds), doorbell, table.clock, WorkerSettings(**chosen))

    return make


@pytest.fixture
def stage() -> Stage:
    """Make a stage."""
    return Stage()
