# SPDX-License-Identifier: Apache-2.0
"""Work that comes due by the clock: one job for one due time, whoever fires it."""

import pytest
from sqlalchemy import select

from entrepot.infra.events.pacing import InvalidSchedule
from entrepot.infra.jobs import queue
from entrepot.infra.jobs.tables import schedules
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import MINUTE_MS
from tests.builders.job_table import JobTable
from tests.builders.job_table import Task


def declare(table: JobTable, cron: str, text: str = "") -> None:
    """Declare the schedule `hourly`."""
    hourly = queue.Schedule("scan", cron, Task(text), "hourly")
    table.database.write_now(queue.declare_schedules, [hourly], table.clock())


def fire(table: JobTable) -> None:
    """Do what every worker does when a schedule is due."""
    table.database.write_now(queue.fire_due_schedules, table.clock())


def times(table: JobTable) -> tuple[int, int | None]:
    """Return when the only schedule is due, and when it was last."""
    row = table.database.write_now(lambda connection: connection.execute(select(schedules)).one())
    return row.next_run_at - table.clock(), row.last_run_at


@pytest.fixture(autouse=True)
def on_the_hour(table: JobTable) -> None:
    """Begin at a full hour."""
    table.clock.now -= table.clock.now % HOUR_MS


def test_a_due_time_makes_one_job(table: JobTable) -> None:
    """It has the payload of the schedule, and whoever comes second finds the time used up."""
    declare(table, "0 * * * *", "hello")
    fire(table)
    assert table.claim() == []
    table.clock.advance(HOUR_MS)
    assert table.pending("scan") == (False, True)
    fire(table)
    fire(table)

    assert [job.payload for job in table.claim(slots=9)] == ['{"text":"hello"}']
    assert times(table) == (HOUR_MS, table.clock())


def test_every_due_time_makes_a_job(table: JobTable) -> None:
    """As long as jobs end, each hour brings one."""
    declare(table, "0 * * * *")
    for _ in range(3):
        table.clock.advance(HOUR_MS)
        fire(table)
        (job,) = table.claim(slots=9)
        table.settle(job)

    assert len(table.database.write_now(queue.list_jobs, 9)) == 3


def test_times_missed_while_nothing_ran_count_as_one(table: JobTable) -> None:
    """A night without workers does not bring a flood in the morning."""
    declare(table, "0 * * * *")
    table.clock.advance(10 * HOUR_MS + MINUTE_MS)
    fire(table)

    assert len(table.claim(slots=99)) == 1
    assert times(table)[0] == HOUR_MS - MINUTE_MS


def test_runs_never_pile_up(table: JobTable) -> None:
    """While the last job is unfinished no second one is added."""
    declare(table, "0 * * * *")
    for _ in range(3):
        table.clock.advance(HOUR_MS)
        fire(table)

    assert len(table.claim(slots=9)) == 1


def test_declaring_the_same_again_keeps_the_time(table: JobTable) -> None:
    """A restart does not put the work off; the payload follows the declaration."""
    declare(table, "0 * * * *", "before")
    table.clock.advance(HOUR_MS + 1)
    declare(table, "0 * * * *", "after")
    fire(table)

    assert [job.payload for job in table.claim(slots=9)] == ['{"text":"after"}']


def test_another_cron_makes_another_time(table: JobTable) -> None:
    """A changed schedule is due by its new rule."""
    declare(table, "0 * * * *")
    declare(table, "30 * * * *")

    assert times(table) == (30 * MINUTE_MS, None)


def test_those_declared_together_have_their_own_times(table: JobTable) -> None:
    """And where one has changed the others keep theirs."""
    wanted = [queue.Schedule("scan", cron, Task(name), name) for name, cron in (("b", "0 * * * *"), ("a", "5 * * * *"))]
    table.database.write_now(queue.declare_schedules, wanted, table.clock())
    table.clock.advance(HOUR_MS + MINUTE_MS)
    changed = [queue.Schedule("scan", "7 * * * *", Task("c"), "a"), wanted[0]]
    table.database.write_now(queue.declare_schedules, changed, table.clock())
    table.database.write_now(queue.declare_schedules, [], table.clock())

    rows = table.database.write_now(lambda connection: connection.execute(select(schedules)).all())
    due = {row.name: (row.next_run_at - table.clock(), row.payload) for row in rows}
    assert due == {"a": (6 * MINUTE_MS, '{"text":"c"}'), "b": (-MINUTE_MS, '{"text":"b"}')}


def test_a_removed_schedule_never_fires(table: JobTable) -> None:
    """It is forgotten."""
    declare(table, "0 * * * *")
    table.database.write_now(queue.remove_schedule, "hourly")
    table.clock.advance(HOUR_MS)
    fire(table)

    assert table.claim(slots=9) == []


def test_an_invalid_cron_is_refused(table: JobTable) -> None:
    """Nothing is stored that can never come due."""
    with pytest.raises(InvalidSchedule):
        declare(table, "at noon")

    assert table.database.write_now(lambda connection: connection.execute(select(schedules)).all()) == []
