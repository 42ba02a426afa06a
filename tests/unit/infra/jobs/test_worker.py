# SPDX-License-Identifier: Apache-2.0
"""A worker runs what is due, within limits, and every run ends in the table."""

import asyncio
from collections.abc import Callable
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection
from sqlalchemy import text

from entrepot.infra.database.metadata import metadata
from entrepot.infra.events.pacing import Backoff
from entrepot.infra.events.pacing import Doorbell
from entrepot.infra.jobs import queue
from entrepot.infra.jobs.store import Job
from entrepot.infra.jobs.tables import JobState
from entrepot.infra.jobs.tables import jobs
from entrepot.infra.jobs.tables import schedules
from entrepot.infra.jobs.worker import JobContext
from entrepot.infra.jobs.worker import JobKind
from entrepot.infra.jobs.worker import Worker
from entrepot.infra.jobs.worker import WorkerSettings
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.errors import Conflict
from entrepot.kernel.identifiers import Ulid
from tests.builders.job_table import LEASE_MS
from tests.builders.job_table import JobTable
from tests.builders.job_table import Task
from tests.unit.infra.jobs.conftest import MakeWorker

pytestmark = pytest.mark.anyio

Run = Callable[[JobContext, Task], Coroutine[Any, Any, None]]


class Stage:
    """Jobs that wait on it until they are released, and count what happens to them."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.ended: list[str] = []
        self.release = asyncio.Event()
        self.has_started = asyncio.Event()
        self.has_ended = asyncio.Event()

    async def work(self, context: JobContext, task: Task) -> None:
        """Wait for the release, and give way when interrupted."""
        self.started.append(task.text or context.job.kind)
        self.has_started.set()
        await self.release.wait()
        self.ended.append(task.text or context.job.kind)
        self.has_ended.set()

    async def ignore_cancellation(self, context: JobContext, task: Task) -> None:
        """Wait for the release, whatever anybody says."""
        self.started.append(context.job.kind)
        while not self.release.is_set():
            with suppress(asyncio.CancelledError):
                await self.release.wait()
        self.ended.append(context.job.kind)


async def fail(_context: JobContext, _task: Task) -> None:
    """Do nothing but fail."""
    raise ArithmeticError("no " * 500)


def a_kind(run: Run, name: str = "scan", **limits: Any) -> JobKind[Task]:
    """Make a kind with a short pause between attempts."""
    return JobKind(name=name, payload=Task, run=run, **{"backoff": Backoff(1_000, 1_000)} | limits)


async def turn(worker: Worker) -> None:
    """Let a worker turn until nothing is to be done at once, and let its jobs begin."""
    while await worker.turn():
        pass
    await asyncio.sleep(0.001)


async def run_out(worker: Worker) -> None:
    """Let a worker turn until it has nothing more to run."""
    is_busy = True
    while is_busy:
        is_idle = not worker._runs
        is_busy = await worker.turn() or not is_idle
        if worker._runs:
            await asyncio.wait(worker._runs.values())


async def ask(table: JobTable, kind: str = "scan", payload: Task | None = None) -> Ulid:
    """Enqueue a job."""
    return await table.database.write(queue.enqueue, kind, payload or Task(), table.clock())


async def look(table: JobTable, job_id: Ulid) -> Job:
    """Find a job that must be there."""
    job = await table.database.read(queue.find, job_id)
    assert job is not None
    return job


@pytest.fixture
def stage() -> Stage:
    """Make a stage."""
    return Stage()


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
            await table.database.write(lambda connection: _claim_for_nobody(connection, table))
            table.clock.advance(LEASE_MS)
            await turn(worker)
            table.clock.advance(1_000)

        job = await look(table, job_id)
        assert (job.state, job.last_error) == (JobState.DEAD, "LeaseLost: its worker went away")


def _claim_for_nobody(connection: Connection, table: JobTable) -> None:
    connection.execute(
        text("UPDATE jobs SET state = 'running', claims = claims + 1, lease_until = :until"),
        {"until": table.clock() + LEASE_MS},
    )


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
        await table.database.write(lambda connection: _claim_for_nobody(connection, table))
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
        await table.database.write(queue.declare_schedule, "often", "* * * * *", "scan", Task("tick"), table.clock())
        table.clock.advance(MINUTE_MS)
        await run_out(make_worker(a_kind(stage.work)))

        assert stage.ended == ["tick"]

    async def test_stopping_waits_for_what_runs_and_starts_nothing(
        self, table: JobTable, make_worker: MakeWorker, stage: Stage
    ) -> None:
        """A job gets the time it needs, and what waits stays in the table."""
        worker = make_worker(a_kind(stage.work, max_running=1))
        first, second = await ask(table), await ask(table)
        running = asyncio.create_task(worker.run())
        await stage.has_started.wait()
        worker.stop()
        stage.release.set()
        await running

        states = sorted([(await look(table, first)).state, (await look(table, second)).state])
        assert states == [JobState.QUEUED, JobState.SUCCEEDED]

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
        engine = table.database.engine
        await asyncio.to_thread(metadata.drop_all, engine, [jobs, schedules])
        worker = make_worker(a_kind(stage.work), poll_seconds=0.001)
        running = asyncio.create_task(worker.run())
        await asyncio.sleep(0.01)
        await asyncio.to_thread(metadata.create_all, engine, [jobs, schedules])
        stage.release.set()
        job_id = await ask(table)
        await stage.has_ended.wait()
        worker.stop()
        await running

        assert (await look(table, job_id)).state is JobState.SUCCEEDED


def test_the_numbers_keep_their_promises() -> None:
    """A cancelled job ends within 30 s, whether its worker lives, ignores it or died."""
    settings = WorkerSettings()
    heartbeat_seconds, lease_seconds = settings.heartbeat_ms / 1_000, settings.lease_ms / 1_000
    poll_seconds = settings.poll_seconds * 1.1

    assert heartbeat_seconds + poll_seconds + settings.cancel_grace_seconds < 30
    assert lease_seconds + poll_seconds < 30
    assert 3 * (heartbeat_seconds + poll_seconds) < lease_seconds
