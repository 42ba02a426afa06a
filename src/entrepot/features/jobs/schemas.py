# SPDX-License-Identifier: Apache-2.0
"""Background work as the management API shows it. What a job was given is not shown."""

from typing import Annotated

from fastapi import Path
from fastapi import Query
from pydantic import BaseModel
from pydantic import Field

from entrepot.infra.http.schemas import Moment
from entrepot.infra.jobs.store import Job
from entrepot.infra.jobs.store import Schedule
from entrepot.infra.jobs.tables import JobState

JobId = Annotated[str, Path(max_length=26, description="The job.", examples=["01KA7Q8B4H3M5V9XEYD2T6RZNW"])]
StateQuery = Annotated[JobState | None, Query(description="Only jobs in this state.")]
KindQuery = Annotated[str, Query(max_length=64, description="Only jobs of this kind.", examples=["artifacts.derive"])]


class JobProgress(BaseModel):
    """How far a job is, as it said itself a few seconds ago at most."""

    done: int = Field(examples=[1200])
    total: int | None = Field(description="Null when the job does not know.", examples=[4000])
    note: str = Field(description="What it is at; may be empty.", examples=["repository team/app"])


class JobItem(BaseModel):
    """A piece of background work. Its state in one word: `queued`, `running`, `succeeded`, `dead` or `cancelled`."""

    id: str = Field(examples=["01KA7Q8B4H3M5V9XEYD2T6RZNW"])
    kind: str = Field(examples=["artifacts.derive"])
    state: JobState = Field(description="`dead` is one that failed as often as it may.")
    progress: JobProgress | None = Field(description="Null while the job has not told.")
    attempts: int = Field(description="How often it was begun.", examples=[1])
    failures: int = Field(description="How often it failed since it was queued.", examples=[0])
    last_error: str | None = Field(description="Why it failed last.", examples=["StorageUnavailable: no space left"])
    is_cancelling: bool = Field(description="Whether it runs and was asked to stop.")
    created_at: Moment
    run_after: Moment = Field(description="When it may begin; after a failure, when it is tried again.")
    started_at: Moment | None = Field(description="When it was begun last.")
    finished_at: Moment | None = Field(description="When it came to its last state.")

    @classmethod
    def of(cls, job: Job) -> "JobItem":
        """Show a job."""
        return cls(
            id=job.id,
            kind=job.kind,
            state=job.state,
            progress=None if job.progress is None else JobProgress.model_validate_json(job.progress),
            attempts=job.claims,
            failures=job.failures,
            last_error=job.last_error,
            is_cancelling=job.state is JobState.RUNNING and job.cancel_requested_at is not None,
            created_at=job.created_at,
            run_after=job.run_after,
            started_at=job.started_at,
            finished_at=job.finished_at,
        )


class JobList(BaseModel):
    """Jobs, newest first."""

    items: list[JobItem]


class ScheduleItem(BaseModel):
    """Work that is begun again and again."""

    name: str = Field(examples=["registry.tidy"])
    cron: str = Field(description="When, in UTC: minute, hour, day, month, day of the week.", examples=["*/10 * * * *"])
    kind: str = Field(description="The kind of its jobs.", examples=["registry.tidy"])
    next_run_at: Moment
    last_run_at: Moment | None = Field(description="Null before its first time.")

    @classmethod
    def of(cls, schedule: Schedule) -> "ScheduleItem":
        """Show a schedule."""
        return cls(
            name=schedule.name,
            cron=schedule.cron,
            kind=schedule.kind,
            next_run_at=schedule.next_run_at,
            last_run_at=schedule.last_run_at,
        )


class ScheduleList(BaseModel):
    """Schedules, by name."""

    items: list[ScheduleItem]
