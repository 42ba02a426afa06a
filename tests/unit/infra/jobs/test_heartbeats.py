# SPDX-License-Identifier: Apache-2.0
"""What holds a job, and what happens to a run that lost it."""

import asyncio

import pytest

from entrepot.infra.jobs import queue
from entrepot.infra.jobs.tables import JobState
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import WorkerSettings
from entrepot.kernel.errors import Conflict
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


class TestHeartbeat:
    """What happens every few seconds while a job runs."""

    async def test_a_heartbeat_renews_the_lease_and_stores_the_progress(
        self, table: JobTable, make_worker: MakeWorker, stage: Stage
    ) -> None:
        """A long job is held on to, and shows how far it is."""

        async def report(context: JobContext, task: Task) -> None:
            context.report(3, 9, "copying")
            await stage.work(context, task)

        job_id = await ask(table)
        worker = make_worker(a_kind(report))
        await turn(worker)
        table.clock.advance(LEASE_MS - 1)
        await turn(worker)
        job = await look(table, job_id)
        stage.release.set()
        await run_out(worker)

        assert job.lease_until == table.clock() + LEASE_MS
        assert job.progress == '{"done":3,"total":9,"note":"copying"}'

    async def test_the_last_progress_is_stored_at_the_end(self, table: JobTable, make_worker: MakeWorker) -> None:
        """A job shorter than a heartbeat shows its progress too."""

        async def report(context: JobContext, _task: Task) -> None:
            context.report(9, note="x" * 500)

        job_id = await ask(table)
        await run_out(make_worker(a_kind(report)))

        assert (await look(table, job_id)).progress == f'{{"done":9,"total":null,"note":"{"x" * 200}"}}'

    @pytest.mark.parametrize("is_stubborn", [False, True])
    async def test_a_cancelled_job_ends_at_the_next_heartbeat(
        self, table: JobTable, make_worker: MakeWorker, stage: Stage, is_stubborn: bool
    ) -> None:
        """It is interrupted, or abandoned if it does not listen, and is no failure."""
        job_id = await ask(table)
        worker = make_worker(a_kind(stage.ignore_cancellation if is_stubborn else stage.work))
        await turn(worker)
        await table.database.write(queue.cancel, job_id, table.clock())
        table.clock.advance(5_000)
        await run_out(worker)
        job = await look(table, job_id)
        stage.release.set()
        await asyncio.sleep(0.001)

        assert (job.state, job.failures) == (JobState.CANCELLED, 0)

    async def test_a_job_whose_lease_was_lost_is_interrupted(
        self, table: JobTable, make_worker: MakeWorker, stage: Stage
    ) -> None:
        """Its worker slept too long: another runs it now, and this run leaves no trace."""
        job_id = await ask(table)
        sleeper, other = make_worker(a_kind(stage.work)), make_worker(a_kind(stage.work))
        await turn(sleeper)
        table.clock.advance(LEASE_MS)
        await turn(other)
        table.clock.advance(1_000)
        await turn(other)
        await run_out(sleeper)
        job = await look(table, job_id)
        stage.release.set()
        await run_out(other)

        assert (job.state, job.claims, job.failures) == (JobState.RUNNING, 2, 1)
        assert (await look(table, job_id)).state is JobState.SUCCEEDED

    async def test_a_job_that_keeps_losing_its_worker_dies(
        self, table: JobTable, make_worker: MakeWorker, stage: Stage
    ) -> None:
        """What kills every process that runs it does not do so for ever."""
        job_id = await ask(table)
        worker = make_worker(a_kind(stage.work, max_attempts=2))
        for _ in range(2):
            await table.database.write(lambda connection: claim_for_nobody(connection, table))
            table.clock.advance(LEASE_MS)
            await turn(worker)
            table.clock.advance(1_000)

        job = await look(table, job_id)
        assert (job.state, job.last_error) == (JobState.DEAD, "LeaseLost: its worker went away")


class TestGuard:
    """`JobContext.guard`."""

    async def test_an_effect_is_written_only_under_a_good_claim(
        self, table: JobTable, make_worker: MakeWorker, stage: Stage
    ) -> None:
        """A run that lost its lease has its effect undone."""
        refusals: list[str] = []

        async def write(context: JobContext, task: Task) -> None:
            await stage.work(context, task)
            try:
                await table.database.write(context.guard)
            except Conflict as refusal:
                refusals.append(refusal.message)

        await ask(table)
        sleeper, other = make_worker(a_kind(write)), make_worker(a_kind(write))
        await turn(sleeper)
        table.clock.advance(LEASE_MS)
        await turn(other)
        table.clock.advance(1_000)
        await turn(other)
        stage.release.set()
        await asyncio.gather(run_out(sleeper), run_out(other))

        assert refusals == ["this run of the job lost its lease: another worker may be running it"]


def test_the_numbers_keep_their_promises() -> None:
    """A cancelled job ends within 30 s, whether its worker lives, ignores it or died."""
    settings = WorkerSettings()
    heartbeat_seconds, lease_seconds = settings.heartbeat_ms / 1_000, settings.lease_ms / 1_000
    poll_seconds = settings.poll_seconds * 1.1

    assert heartbeat_seconds + poll_seconds + settings.cancel_grace_seconds < 30
    assert lease_seconds + poll_seconds < 30
    assert 3 * (heartbeat_seconds + poll_seconds) < lease_seconds
