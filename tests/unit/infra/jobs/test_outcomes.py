# SPDX-License-Identifier: Apache-2.0
"""Every run of a job ends in the table."""

import asyncio

import msgspec
import pytest

from entrepot.infra.jobs import queue
from entrepot.infra.jobs.tables import JobState
from entrepot.infra.jobs.worker import JobContext
from tests.builders.job_table import JobTable
from tests.builders.job_table import Task
from tests.unit.infra.jobs.conftest import MakeWorker
from tests.unit.infra.jobs.stage import Stage
from tests.unit.infra.jobs.stage import a_kind
from tests.unit.infra.jobs.stage import ask
from tests.unit.infra.jobs.stage import fail
from tests.unit.infra.jobs.stage import look
from tests.unit.infra.jobs.stage import run_out

pytestmark = pytest.mark.anyio


class TestOutcomes:
    """How runs end."""

    async def test_a_job_runs_with_its_payload_and_succeeds(
        self, table: JobTable, make_worker: MakeWorker, stage: Stage
    ) -> None:
        """What was enqueued is what the job is given."""
        job_id = await ask(table, payload=Task("hello"))
        stage.release.set()
        await run_out(make_worker(a_kind(stage.work)))

        assert stage.ended == ["hello"]
        assert (await look(table, job_id)).state is JobState.SUCCEEDED

    async def test_a_failure_is_tried_again_later(self, table: JobTable, make_worker: MakeWorker) -> None:
        """The pause is the kind's, and the error is noted in at most 500 characters."""
        job_id = await ask(table)
        await run_out(make_worker(a_kind(fail)))

        job = await look(table, job_id)
        assert (job.state, job.failures) == (JobState.QUEUED, 1)
        assert 500 <= job.run_after - table.clock() <= 1_000
        assert job.last_error == ("ArithmeticError: " + "no " * 500)[:500]

    async def test_after_its_last_attempt_a_job_is_dead(self, table: JobTable, make_worker: MakeWorker) -> None:
        """It stays in the table with the reason, and never runs again."""
        job_id = await ask(table)
        worker = make_worker(a_kind(fail, max_attempts=3))
        for _ in range(5):
            await run_out(worker)
            table.clock.advance(1_000)

        job = await look(table, job_id)
        assert (job.state, job.failures, job.claims) == (JobState.DEAD, 3, 3)
        assert str(job.last_error).startswith("ArithmeticError: no")

    async def test_a_payload_that_does_not_fit_is_a_failure(self, table: JobTable, make_worker: MakeWorker) -> None:
        """A job that was enqueued with something else says so."""
        job_id = await table.database.write(queue.enqueue, "scan", msgspec.Raw(b"[1]"), table.clock())
        await run_out(make_worker(a_kind(fail)))

        assert "ValidationError" in str((await look(table, job_id)).last_error)

    async def test_a_job_over_its_time_is_stopped(self, table: JobTable, make_worker: MakeWorker, stage: Stage) -> None:
        """The timeout is hard, and counts as a failure."""
        job_id = await ask(table)
        await run_out(make_worker(a_kind(stage.work, timeout_seconds=0.01)))

        job = await look(table, job_id)
        assert (job.state, job.failures) == (JobState.QUEUED, 1)
        assert job.last_error == "TimeoutError: it ran longer than 0.01 seconds"

    async def test_a_job_that_cannot_be_stopped_is_abandoned(
        self, table: JobTable, make_worker: MakeWorker, stage: Stage
    ) -> None:
        """Its slot is free again, and what it does later changes nothing in the table."""
        job_id = await ask(table)
        worker = make_worker(a_kind(stage.ignore_cancellation, timeout_seconds=0.01, max_attempts=1))
        await run_out(worker)
        abandoned = await look(table, job_id)
        stage.release.set()
        await asyncio.sleep(0.001)

        assert stage.ended == ["scan"]
        assert abandoned.state is JobState.DEAD
        assert await look(table, job_id) == abandoned

    async def test_a_job_that_cancels_itself_has_failed(self, table: JobTable, make_worker: MakeWorker) -> None:
        """Only the worker's cancellation is no failure."""

        async def give_up(_context: JobContext, _task: Task) -> None:
            raise asyncio.CancelledError

        job_id = await ask(table)
        await run_out(make_worker(a_kind(give_up)))

        assert (await look(table, job_id)).failures == 1
