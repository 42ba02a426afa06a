# SPDX-License-Identifier: Apache-2.0
"""Asking for work: enqueue, unique keys, cancel, retry, look."""

import pytest
from sqlalchemy import Connection

from entrepot.infra.database.engine import Database
from entrepot.infra.jobs import queue
from entrepot.infra.jobs.tables import JobState
from tests.builders.job_table import JobTable
from tests.builders.job_table import Task
from tests.fakes.settable_clock import SettableClock


class TestEnqueue:
    """`enqueue`."""

    def test_a_job_is_stored_as_it_was_asked_for(self, database: Database, clock: SettableClock) -> None:
        """It waits with its payload as JSON, due at once."""
        job_id = database.write_now(queue.enqueue, "scan", Task("hello"), clock(), unique_key="one")

        job = database.write_now(queue.find, job_id)
        assert job is not None
        assert (job.kind, job.payload, job.unique_key) == ("scan", '{"text":"hello"}', "one")
        assert (job.state, job.run_after, job.created_at) == (JobState.QUEUED, clock(), clock())

    def test_a_job_shares_the_fate_of_its_transaction(self, table: JobTable) -> None:
        """What the caller undoes was never asked for."""

        def enqueue_and_fail(connection: Connection) -> None:
            queue.enqueue(connection, "scan", Task(), table.clock())
            raise ArithmeticError

        with pytest.raises(ArithmeticError):
            table.database.write_now(enqueue_and_fail)

        assert table.claim() == []

    @pytest.mark.parametrize("is_running", [False, True])
    def test_an_unfinished_job_keeps_its_key(self, table: JobTable, is_running: bool) -> None:
        """Asking again gives the id of the job that is waiting or running."""
        first = table.enqueue(unique_key="daily")
        if is_running:
            table.claim()

        assert table.enqueue(unique_key="daily") == first
        assert len(table.database.write_now(queue.list_jobs, 10)) == 1

    def test_a_finished_job_frees_its_key(self, table: JobTable) -> None:
        """The work can be asked for again."""
        first = table.enqueue(unique_key="daily")
        (job,) = table.claim()
        table.settle(job)

        assert table.enqueue(unique_key="daily") != first

    def test_a_key_belongs_to_its_kind(self, table: JobTable) -> None:
        """Kinds do not have to know each other's keys, and jobs without one never meet."""
        ids = {table.enqueue("scan", "x"), table.enqueue("sign", "x"), table.enqueue(), table.enqueue()}

        assert len(ids) == 4


class TestCancel:
    """`cancel`."""

    def test_a_waiting_job_is_cancelled_at_once(self, table: JobTable) -> None:
        """It never starts."""
        job_id = table.enqueue()

        assert table.cancel(job_id)
        assert table.find(job_id).state is JobState.CANCELLED
        assert table.find(job_id).finished_at == table.clock()
        assert table.claim() == []

    def test_a_running_job_is_told_at_its_next_heartbeat(self, table: JobTable) -> None:
        """It keeps running until its worker gives it back, and is cancelled then."""
        job_id = table.enqueue()
        (job,) = table.claim()
        assert table.renew(job) == {job_id}
        table.cancel(job_id)

        assert table.find(job_id).state is JobState.RUNNING
        assert table.renew(job) == set()
        assert table.settle(job, JobState.QUEUED)
        assert table.find(job_id).state is JobState.CANCELLED

    def test_a_failure_ends_a_job_to_be_cancelled(self, table: JobTable) -> None:
        """It is not tried again."""
        job_id = table.enqueue()
        (job,) = table.claim()
        table.cancel(job_id)
        table.fail(job)

        assert table.find(job_id).state is JobState.CANCELLED

    def test_a_job_that_succeeds_all_the_same_has_succeeded(self, table: JobTable) -> None:
        """Its effect is there, and the table says so."""
        job_id = table.enqueue()
        (job,) = table.claim()
        table.cancel(job_id)
        table.settle(job)

        assert table.find(job_id).state is JobState.SUCCEEDED

    def test_a_cancelled_job_of_a_dead_worker_ends_with_its_lease(self, table: JobTable) -> None:
        """Nobody has to give it back."""
        job_id = table.enqueue()
        table.claim()
        table.cancel(job_id)
        table.clock.advance(20_000)
        table.sweep()

        assert table.find(job_id).state is JobState.CANCELLED

    def test_a_finished_job_cannot_be_cancelled(self, table: JobTable) -> None:
        """What is over stays as it is; what does not exist is the same."""
        job_id = table.enqueue()
        (job,) = table.claim()
        table.settle(job)

        assert not table.cancel(job_id)
        assert not table.cancel(table.enqueue("other")[:-1] + "?")  # type: ignore[arg-type]
        assert table.find(job_id).state is JobState.SUCCEEDED


class TestRetry:
    """`retry`."""

    @pytest.mark.parametrize("state", [JobState.DEAD, JobState.CANCELLED])
    def test_what_ended_badly_can_be_queued_again(self, table: JobTable, state: JobState) -> None:
        """It has all its attempts again, and earlier claims stay void."""
        job_id = table.enqueue()
        table.fail(table.claim()[0])
        (job,) = table.claim()
        table.settle(job, state)

        assert table.retry(job_id)
        (again,) = table.claim()
        assert (job.failures, again.id, again.failures, again.claims) == (1, job_id, 0, 3)
        assert not table.settle(job)

    def test_what_runs_or_succeeded_is_left_alone(self, table: JobTable) -> None:
        """Only a dead or cancelled job is retried."""
        job_id = table.enqueue()
        (job,) = table.claim()

        assert not table.retry(job_id)
        table.settle(job)
        assert not table.retry(job_id)

    def test_it_waits_for_the_job_that_took_its_key(self, table: JobTable) -> None:
        """The same work is never queued twice."""
        dead = table.enqueue(unique_key="daily")
        (job,) = table.claim()
        table.settle(job, JobState.DEAD)
        table.enqueue(unique_key="daily")

        assert not table.retry(dead)


class TestListing:
    """`list_jobs`."""

    def test_jobs_are_listed_newest_first_by_state_and_kind(self, table: JobTable) -> None:
        """Each filter narrows the list."""
        scan = table.enqueue("scan")
        table.claim()
        sign, other = sorted([table.enqueue("sign"), table.enqueue("sign")])
        listing = queue.list_jobs
        write = table.database.write_now

        assert sorted(job.id for job in write(listing, 9)) == sorted([scan, sign, other])
        assert [job.id for job in write(listing, 9, kind="sign")] == [other, sign]
        assert [job.id for job in write(listing, 9, state=JobState.RUNNING)] == [scan]
        assert write(listing, 9, kind="sign", state=JobState.RUNNING) == []

    def test_a_page_begins_behind_the_one_before(self, table: JobTable) -> None:
        """The id of the last job seen leads to the next page."""
        ids = sorted(table.enqueue() for _ in range(5))[::-1]
        first = table.database.write_now(queue.list_jobs, 3)
        second = table.database.write_now(queue.list_jobs, 3, before=first[-1].id)

        assert [job.id for job in first + second] == ids
