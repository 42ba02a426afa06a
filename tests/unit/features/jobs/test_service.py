# SPDX-License-Identifier: Apache-2.0
"""How jobs are found among many."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from entrepot.infra.database.metadata import metadata
from entrepot.infra.database.sqlite import SqliteDatabase
from entrepot.infra.jobs import queue
from entrepot.infra.jobs import store
from entrepot.infra.jobs.tables import JobState
from entrepot.infra.jobs.tables import jobs
from entrepot.infra.jobs.tables import schedules


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteDatabase]:
    """Hold empty tables."""
    database = SqliteDatabase(tmp_path / "jobs.db")
    metadata.create_all(database.engine, [jobs, schedules])
    yield database
    database.close()


def plan_of(connection: Connection, statements: list[str]) -> str:
    """Tell how the one statement finds its rows."""
    [statement] = statements
    return str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all())


@pytest.mark.parametrize(
    ("state", "kind", "index"),
    [
        (None, None, "sqlite_autoindex_jobs_1"),
        (JobState.DEAD, None, "ix_jobs_state_id"),
        (None, "scan", "ix_jobs_kind_id"),
        (JobState.DEAD, "scan", "ix_jobs_kind_state_id"),
    ],
)
def test_every_list_of_jobs_follows_an_index(
    database: SqliteDatabase, state: JobState | None, kind: str | None, index: str
) -> None:
    """In its order, from where the page begins; no other row is read."""
    with database.reading() as connection:
        driver: Any = connection.connection.dbapi_connection
        statements: list[str] = []
        driver.set_trace_callback(statements.append)
        queue.list_jobs(connection, 10, state=state, kind=kind, before="01")
        driver.set_trace_callback(None)
        plan = plan_of(connection, statements)

    assert f"SEARCH jobs USING INDEX {index} " in plan
    assert "TEMP" not in plan


def test_schedules_are_listed_behind_a_name(database: SqliteDatabase) -> None:
    """By name, at most as many as were asked for."""
    with database.reading() as connection:
        assert store.list_schedules(connection, "", 10) == []
