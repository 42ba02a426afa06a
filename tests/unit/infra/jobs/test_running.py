# SPDX-License-Identifier: Apache-2.0
"""A worker runs what is due within limits, and stops when told to."""

import asyncio

import pytest

from entrepot.infra.database.metadata import metadata
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.jobs import queue
from entrepot.infra.jobs.tables import JobState
from entrepot.kernel.clock import MINUTE_MS
from tests.builders.job_table import LEASE_MS
from tests.builders.job_table import JobTable
from tests.builders.job_table import Task
from tests.unit.infra.jobs.conftest import MakeWorker
from tests.unit.infra.jobs.stage import Stage
from tests.unit.infra.jobs.stage import a_kind
from tests.unit.infra.jobs.stage import ask
from tests.unit.infra.jobs.stage import claim_for_nobody
from tests.unit.infra.jobs.stage import look
from tests.unit.infra.jobs.stage import run_out
from tests.unit.infra.jobs.stage import turn

pytestmark = pytest.mark.anyio


class TestShares:
    """Who gets the slots."""

    async def test_a_flood_of_one_kind_leaves_room_for_another(
        self, table: JobTable, make_worker: MakeWorker, stage: Stage
    ) -> None:
        """A kind never runs more than its `max_running`, so a later job of another kind starts at once."""
        worker = make_worker(a_kind(stage.work, "flood", max_running=2), a_kind(stage.work, "scan"), slots=5)
        for _ in range(10):
            await ask(table, "flood")
        await turn(worker)
        await ask(table, "scan")
        await turn(worker)
        started = list(stage.started)
        stage.release.set()
        await run_out(worker)

        assert started == ["flood", "flood", "scan"]
        assert len(stage.ended) == 11

    async def test_kinds_take_turns_from_claim_to_claim(
        self, table: JobTable, make_worker: MakeWorker, stage: Stage
    ) -> None:
        """With fewer slots than kinds, the kind that was served last comes last."""
        kinds = [a_kind(stage.work, name, max_running=1) for name in "abc"]
        worker = make_worker(*kinds, slots=2)
        for name in "abcabcabc":
            await ask(table, name)
        stage.release.set()
        await run_out(worker)

        assert sorted(stage.started[:3]) == sorted(stage.started[3:6]) == ["a", "b", "c"]

    async def test_a_worker_whose_slots_one_kind_could_take_is_refused(
        self, make_worker: MakeWorker, stage: Stage
    ) -> None:
        """The limits must leave every kind a way in."""
        kinds = a_kind(stage.work, "a", max_running=4), a_kind(stage.work, "b")

        with pytest.raises(ValueError, match="give the worker more slots"):
            make_worker(*kinds, slots=4)

    async def test_jobs_of_unknown_kinds_are_left_to_others(
        self, table: JobTable, make_worker: MakeWorker, stage: Stage
    ) -> None:
        """One whose lease ended waits for a worker that knows it."""
        job_id = await ask(table, "from a newer version")
        await table.database.write(lambda connection: claim_for_nobody(connection, table))
        table.clock.advance(LEASE_MS)
        await run_out(make_worker(a_kind(stage.work)))

        job = await look(table, job_id)
        assert (job.state, job.failures) == (JobState.QUEUED, 0)


class TestRunning:
    """`run` and `stop`."""

    async def test_a_doorbell_starts_a_job_at_once(
        self, table: JobTable, make_worker: MakeWorker, stage: Stage, doorbell: Doorbell
    ) -> None:
        """Nobody waits for the next poll."""
        stage.release.set()
        worker = make_worker(a_kind(stage.work))
        running = asyncio.create_task(worker.run())
        await asyncio.sleep(0.001)
        job_id = await ask(table)
        doorbell.ring()
        await stage.has_ended.wait()
        worker.stop()
        await running

        assert (await look(table, job_id)).state is JobState.SUCCEEDED

    async def test_a_due_schedule_becomes_a_job_that_runs(
        self, table: JobTable, make_worker: MakeWorker, stage: Stage
    ) -> None:
        """Any worker keeps the schedules."""
        stage.release.set()
        often = queue.Schedule("scan", "* * * * *", Task("tick"))
        await table.database.write(queue.declare_schedules, [often], table.clock())
        table.clock.advance(MINUTE_MS)
        await run_out(make_worker(a_kind(stage.work)))

        assert stage.ended == ["tick"]

    async def test_stopping_waits_for_what_runs_and_starts_nothing(
        self, table: JobTable, make_worker: MakeWorker, stage: Stage
    ) -> None:
        """A job gets the time it needs, and what waits stays in the table."""
        worker = make_worker(a_kind(stage.work))
        first = await ask(table)
        running = asyncio.create_task(worker.run())
        await stage.has_started.wait()
        worker.stop()
        second = await ask(table)
        await turn(worker)
        stage.release.set()
        await running

        assert (await look(table, first)).state is JobState.SUCCEEDED
        assert (await look(table, second)).state is JobState.QUEUED

    async def test_stopping_gives_back_what_takes_too_long(
        self, table: JobTable, make_worker: MakeWorker, stage: Stage, doorbell: Doorbell
    ) -> None:
        """The job is free for another worker at once, and has not failed."""
        job_id = await ask(table)
        worker = make_worker(a_kind(stage.work), stop_grace_ms=1_000)
        running = asyncio.create_task(worker.run())
        await stage.has_started.wait()
        worker.stop()
        table.clock.advance(1_000)
        doorbell.ring()
        await running

        job = await look(table, job_id)
        assert (job.state, job.failures, job.claimed_by) == (JobState.QUEUED, 0, None)

    async def test_a_worker_outlives_a_database_that_does_not_answer(
        self, table: JobTable, stage: Stage, doorbell: Doorbell, make_worker: MakeWorker
    ) -> None:
        """It tries again, and goes on when the database is back."""
        await asyncio.to_thread(table.database.change_schema, metadata.drop_all)
        worker = make_worker(a_kind(stage.work), poll_seconds=0.001)
        running = asyncio.create_task(worker.run())
        await asyncio.sleep(0.01)
        await asyncio.to_thread(table.database.change_schema, metadata.create_all)
        stage.release.set()
        job_id = await ask(table)
        await stage.has_ended.wait()
        worker.stop()
        await running

        assert (await look(table, job_id)).state is JobState.SUCCEEDED
