# SPDX-License-Identifier: Apache-2.0
"""Whatever workers do in whatever order, a job has one holder at a time and is never lost."""

import tempfile
from contextlib import ExitStack
from contextlib import closing
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle
from hypothesis.stateful import RuleBasedStateMachine
from hypothesis.stateful import invariant
from hypothesis.stateful import multiple
from hypothesis.stateful import rule
from hypothesis.stateful import run_state_machine_as_test

from entrepot.infra.jobs import queue
from entrepot.infra.jobs.store import Job
from entrepot.infra.jobs.tables import JobState
from entrepot.kernel.identifiers import Ulid
from tests.builders.databases import a_database
from tests.builders.databases import dropping
from tests.builders.job_table import LEASE_MS
from tests.builders.job_table import JobTable
from tests.fakes.settable_clock import SettableClock

FINAL = {JobState.SUCCEEDED, JobState.DEAD, JobState.CANCELLED}


class Interleavings(RuleBasedStateMachine):
    """Workers claim, renew, settle, stall and die; `holders` and `final` are what must be so."""

    asked = Bundle("asked")
    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.scratch = ExitStack()
        self.scratch.enter_context(dropping())
        folder = Path(self.scratch.enter_context(tempfile.TemporaryDirectory()))
        self.table = JobTable(self.scratch.enter_context(closing(a_database(folder))), SettableClock())
        self.holders: dict[Ulid, Job] = {}
        self.final: dict[Ulid, JobState] = {}
        self.ids: set[Ulid] = set()
        self.cancelled: set[Ulid] = set()

    @rule(target=asked, kind=st.sampled_from(["scan", "sign"]), delay_ms=st.sampled_from([0, 0, 1_000]))
    def enqueue(self, kind: str, delay_ms: int) -> Ulid:
        """Somebody asks for work."""
        job_id = self.table.enqueue(kind, delay_ms=delay_ms)
        self.ids.add(job_id)
        return job_id

    @rule(target=claims, slots=st.integers(1, 3))
    def claim(self, slots: int) -> object:
        """A worker claims: only jobs that nobody holds and that are not over."""
        claimed = self.table.claim(slots, {"scan": 2, "sign": 2})
        for job in claimed:
            assert job.id not in self.holders
            assert job.id not in self.final
            self.holders[job.id] = job
        return multiple(*claimed)

    @rule(job=claims)
    def renew(self, job: Job) -> None:
        """A heartbeat arrives, perhaps late: it holds exactly for the newest claim that nobody cancelled."""
        is_good = self.holders.get(job.id) == job and job.id not in self.cancelled

        assert self.table.renew(job) == ({job.id} if is_good else set())

    @rule(job=claims, state=st.sampled_from([JobState.SUCCEEDED, JobState.DEAD, JobState.QUEUED]))
    def settle(self, job: Job, state: JobState) -> None:
        """A worker settles, perhaps as a zombie: it is heard exactly if its claim is the newest."""
        is_holder = self.holders.get(job.id) == job

        assert self.table.settle(job, state) is is_holder
        if is_holder:
            self._released(job.id, state)

    @rule(job_id=asked)
    def cancel(self, job_id: Ulid) -> None:
        """Somebody cancels: a waiting job is over, a running one will be."""
        assert self.table.cancel(job_id) is (job_id not in self.final)
        if job_id not in self.final:
            self.cancelled.add(job_id)
            if job_id not in self.holders:
                self.final[job_id] = JobState.CANCELLED

    @rule(job_id=asked)
    def retry(self, job_id: Ulid) -> None:
        """Somebody wants what ended badly again."""
        has_ended_badly = self.final.get(job_id) in {JobState.DEAD, JobState.CANCELLED}

        assert self.table.retry(job_id) is has_ended_badly
        if has_ended_badly:
            del self.final[job_id]
            self.cancelled.discard(job_id)

    @rule(span_ms=st.sampled_from([1, LEASE_MS // 2, LEASE_MS]))
    def wait(self, span_ms: int) -> None:
        """Time goes by."""
        self.table.clock.advance(span_ms)

    @rule()
    def sweep(self) -> None:
        """A worker reaps: exactly the leases that are over."""
        for job in self.table.sweep():
            held = self.holders[job.id]
            assert held.claims == job.claims
            assert job.lease_until is not None
            assert job.lease_until <= self.table.clock()
            self._released(job.id, JobState.QUEUED)

    @invariant()
    def the_table_agrees(self) -> None:
        """No job is lost, and each has the one state it must have."""
        found = {job.id: job.state for job in self.table.database.write_now(queue.list_jobs, 10_000)}
        expected = dict.fromkeys(self.ids, JobState.QUEUED) | dict.fromkeys(self.holders, JobState.RUNNING) | self.final

        assert found == expected

    def teardown(self) -> None:
        """Whatever happened, every job can be brought to an end."""
        try:
            for _ in range(len(self.ids) + 1):
                self.table.clock.advance(LEASE_MS)
                self.table.sweep()
                for job in self.table.claim(9, {"scan": 9, "sign": 9}):
                    assert self.table.settle(job)

            left = self.table.database.write_now(queue.list_jobs, 10_000)
            assert {job.state for job in left} <= FINAL
        finally:
            self.scratch.close()

    def _released(self, job_id: Ulid, state: JobState) -> None:
        del self.holders[job_id]
        if job_id in self.cancelled and state is not JobState.SUCCEEDED:
            state = JobState.CANCELLED
        if state in FINAL:
            self.final[job_id] = state


def test_no_interleaving_loses_or_doubles_a_job() -> None:
    """Random histories of asking, claiming, dying, cancelling and retrying keep the promise."""
    run_state_machine_as_test(Interleavings, settings=settings(max_examples=40, stateful_step_count=40, deadline=None))
