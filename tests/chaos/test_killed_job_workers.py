# SPDX-License-Identifier: Apache-2.0
"""Workers are killed with SIGKILL again and again while a thousand jobs run."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlalchemy import select

from entrepot.infra.database.engine import Database
from entrepot.infra.jobs import queue
from entrepot.infra.jobs.tables import JobState
from entrepot.infra.jobs.tables import jobs
from entrepot.kernel.clock import system_clock
from tests.builders.databases import a_database
from tests.builders.job_table import Task
from tests.chaos.job_workers import Nursery
from tests.chaos.job_workers import effects
from tests.chaos.job_workers import effects_metadata

JOBS = 1_000
WORKERS = 4
LONGEST_RUN_SECONDS = 120
LEAST_KILLS = 10


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Make a table with a thousand jobs."""
    database = a_database(tmp_path)
    database.change_schema(effects_metadata.create_all)
    database.write_now(
        lambda connection: [queue.enqueue(connection, "chaos", Task(), system_clock()) for _ in range(JOBS)]
    )
    yield database
    database.close()


def unfinished(database: Database) -> int:
    """Count the jobs that are not over."""
    asked = select(func.count()).where(jobs.c.finished_at.is_(None))
    return database.snapshot_now(lambda connection: connection.scalar(asked)) or 0


def kill_until_done(database: Database) -> int:
    """Kill a random worker every few hundred milliseconds, replacing it, until no job is left; return how many."""
    kills = 0
    give_up_at = time.monotonic() + LONGEST_RUN_SECONDS
    with Nursery(database) as nursery:
        for _ in range(WORKERS):
            nursery.start()
        while unfinished(database) and time.monotonic() < give_up_at:
            time.sleep(random.uniform(0.1, 0.4))
            nursery.kill(random.choice(nursery.workers))
            nursery.start()
            kills += 1
    return kills


def test_no_job_is_lost_or_stuck(database: Database) -> None:
    """Every job succeeds, the run that succeeded left its effect, and every lost run was counted once."""
    kills = kill_until_done(database)

    found = database.snapshot_now(queue.list_jobs, 2 * JOBS)
    written = database.snapshot_now(lambda connection: connection.execute(select(effects)).all())
    with_effect = {(effect.job, effect.claim) for effect in written}
    assert kills >= LEAST_KILLS
    assert [job.state for job in found] == [JobState.SUCCEEDED] * JOBS
    assert {(job.id, job.claims) for job in found} <= with_effect
    assert all(job.failures == job.claims - 1 for job in found)
    assert any(job.failures for job in found)
