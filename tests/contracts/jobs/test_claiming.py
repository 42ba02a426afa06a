# SPDX-License-Identifier: Apache-2.0
"""Doing work: claims, leases, fences, retries and pruning."""

import pytest

from entrepot.infra.jobs import queue
from entrepot.infra.jobs import store
from entrepot.infra.jobs.tables import JobState
from entrepot.kernel.clock import DAY_MS
from tests.builders.job_table import LEASE_MS
from tests.builders.job_table import JobTable


class TestClaim:
    """`claim`."""

    def test_a_claim_is_a_lease_with_a_number(self, table: JobTable) -> None:
        """The row says who runs the job since when and until when."""
        table.enqueue()
        (job,) = table.claim(worker="node:1")

        assert table.find(job.id) == job
        assert (job.state, job.claimed_by, job.claims) == (JobState.RUNNING, "node:1", 1)
        assert (job.started_at, job.lease_until) == (table.clock(), table.clock() + LEASE_MS)

    def test_a_job_is_claimed_once(self, table: JobTable) -> None:
        """A second worker finds nothing left."""
        table.enqueue()

        assert len(table.claim(worker="one")) == 1
        assert table.claim(worker="two") == []

    def test_a_job_waits_until_it_is_due(self, table: JobTable) -> None:
        """`run_after` is the first moment at which it starts."""
        table.enqueue(delay_ms=1_000)
        assert table.claim() == []
        assert table.pending("scan") == (False, False)
        table.clock.advance(1_000)

        assert table.pending("scan") == (True, False)
        assert len(table.claim()) == 1

    def test_the_longest_due_comes_first(self, table: JobTable) -> None:
        """Jobs of a kind start in the order of `run_after`, whenever they were asked for."""
        second, first, third = (table.enqueue(delay_ms=delay_ms) for delay_ms in (2, 1, 3))
        table.clock.advance(10)

        assert [table.claim()[0].id for _ in range(3)] == [first, second, third]

    def test_only_kinds_with_room_are_claimed(self, table: JobTable) -> None:
        """A worker takes nothing it does not know or may not run now."""
        table.enqueue("scan")
        table.enqueue("sign")
        claimed = table.claim(slots=9, room={"scan": 0, "sign": 1, "copy": 1})

        assert [job.kind for job in claimed] == ["sign"]
        assert table.pending("copy") == (False, False)

    def test_kinds_take_turns(self, table: JobTable) -> None:
        """A flood of one kind leaves the others their share of the slots."""
        for _ in range(9):
            table.enqueue("scan")
        table.enqueue("sign")
        table.enqueue("copy")
        claimed = table.claim(slots=4, room={"scan": 9, "sign": 9, "copy": 9})

        assert sorted(job.kind for job in claimed) == ["copy", "scan", "scan", "sign"]

    def test_the_kind_named_first_goes_first(self, table: JobTable) -> None:
        """With one free slot it goes to the kind whose turn it is."""
        table.enqueue("scan")
        table.enqueue("sign")

        assert [job.kind for job in table.claim(room={"sign": 1, "scan": 1})] == ["sign"]

    def test_several_come_in_the_order_of_the_turns(self, table: JobTable) -> None:
        """Also those that were asked for at the same moment, and whatever order the database returns them in."""
        for kind in ("scan", "sign", "copy") * 3:
            table.enqueue(kind)
        claimed = table.claim(slots=6, room={"sign": 9, "copy": 9, "scan": 9})

        assert [job.kind for job in claimed] == ["sign", "copy", "scan"] * 2


class TestLease:
    """`renew`, `is_held`, `sweep`."""

    def test_an_expired_lease_gives_the_job_to_another(self, table: JobTable) -> None:
        """The lost run counts as a failure and the job has a new number."""
        table.enqueue()
        (lost,) = table.claim(worker="dead")
        table.clock.advance(LEASE_MS)
        assert table.pending("scan") == (False, True)
        table.sweep()
        (job,) = table.claim(worker="alive")

        assert (job.id, job.failures, job.claims, job.claimed_by) == (lost.id, 1, 2, "alive")

    def test_a_renewed_lease_does_not_expire(self, table: JobTable) -> None:
        """Heartbeats keep a job for as long as it runs."""
        table.enqueue()
        (job,) = table.claim()
        for _ in range(5):
            table.clock.advance(LEASE_MS - 1)
            assert table.renew(job) == {job.id}

        assert table.sweep() == []

    @pytest.mark.parametrize("state", [JobState.SUCCEEDED, JobState.DEAD, JobState.QUEUED])
    def test_a_worker_that_lost_its_lease_can_do_nothing(self, table: JobTable, state: JobState) -> None:
        """Whatever a zombie says about a job that another runs is refused."""
        table.enqueue()
        (zombie,) = table.claim()
        table.clock.advance(LEASE_MS)
        table.sweep()
        (job,) = table.claim()

        assert table.renew(zombie) == set()
        assert not table.database.write_now(store.is_held, zombie)
        assert not table.settle(zombie, state)
        assert table.find(job.id) == job

    def test_a_claim_is_held_until_it_is_settled(self, table: JobTable) -> None:
        """An effect may be written only in between."""
        table.enqueue()
        (job,) = table.claim()

        assert table.database.write_now(store.is_held, job)
        table.settle(job)
        assert not table.database.write_now(store.is_held, job)


class TestSettle:
    """`settle`."""

    @pytest.mark.parametrize("state", [JobState.SUCCEEDED, JobState.DEAD])
    def test_a_final_state_ends_the_job(self, table: JobTable, state: JobState) -> None:
        """Nobody holds it any more, and it never runs again."""
        job_id = table.enqueue()
        (job,) = table.claim()

        assert table.settle(job, state)
        ended = table.find(job_id)
        assert (ended.state, ended.finished_at, ended.claimed_by, ended.lease_until) == (
            state,
            table.clock(),
            None,
            None,
        )
        assert table.claim() == []

    def test_a_job_is_settled_once(self, table: JobTable) -> None:
        """The second settlement of a claim is refused."""
        table.enqueue()
        (job,) = table.claim()

        assert table.settle(job)
        assert not table.settle(job, JobState.DEAD)

    def test_a_failed_job_waits_before_it_is_tried_again(self, table: JobTable) -> None:
        """The error and the number of failures are there to see."""
        job_id = table.enqueue()
        (job,) = table.claim()
        table.fail(job, delay_ms=5_000)
        waiting = table.find(job_id)

        assert (waiting.state, waiting.failures, waiting.last_error) == (JobState.QUEUED, 1, "ArithmeticError: no")
        assert table.claim() == []
        table.clock.advance(5_000)
        assert [again.id for again in table.claim()] == [job_id]

    def test_a_job_given_back_is_due_at_once_and_has_not_failed(self, table: JobTable) -> None:
        """A worker that stops costs its jobs no attempt."""
        table.enqueue()
        (job,) = table.claim()
        table.settle(job, JobState.QUEUED)
        (again,) = table.claim()

        assert (again.id, again.failures, again.claims) == (job.id, 0, 2)


class TestPruning:
    """`sweep` of finished jobs."""

    def test_finished_jobs_go_after_their_time(self, table: JobTable) -> None:
        """Younger and unfinished ones stay."""
        old, young = table.enqueue(), table.enqueue()
        unfinished = table.enqueue("sign")
        table.cancel(old)
        table.clock.advance(DAY_MS)
        table.cancel(young)
        table.clock.advance(1)
        table.sweep(keep_ms=DAY_MS)

        left = {job.id for job in table.database.write_now(queue.list_jobs, 9)}
        assert left == {young, unfinished}

    def test_one_sweep_deletes_a_bounded_number(self, table: JobTable) -> None:
        """Other writers get their turn between batches."""
        for _ in range(store.CHORE_ROWS + 1):
            table.cancel(table.enqueue())
        table.clock.advance(1)
        table.sweep(keep_ms=0)

        assert len(table.database.write_now(queue.list_jobs, 9)) == 1
