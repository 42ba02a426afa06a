# SPDX-License-Identifier: Apache-2.0
"""Collection as the management API shows it."""

from typing import Annotated

import msgspec
from fastapi import Path
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.garbage.grace import Grace
from entrepot.features.garbage.models import Report
from entrepot.features.garbage.models import Task
from entrepot.features.garbage.service import Status
from entrepot.infra.http.schemas import Moment
from entrepot.registry.dry_run import Rehearsal
from entrepot.registry.store.backups import HeldBack
from entrepot.registry.store.collection_figures import Amount
from entrepot.registry.store.collection_figures import Amounts
from entrepot.registry.store.collection_runs import Run
from entrepot.registry.store.collection_runs import RunState
from entrepot.registry.store.modes import Mode
from entrepot.registry.store.project_storage import ProjectStorage
from entrepot.registry.store.reclaim import Holder
from entrepot.registry.store.tombstones import Reason

_KEPT = "How much that was to go is needed, by what needs it."
_DEAD = "Objects that lost their last use, by why; their bytes go after the grace."

RunId = Annotated[str, Path(max_length=26, description="The run.", examples=["01KA7Q8B4H3M5V9XEYD2T6RZNW"])]


class AmountView(BaseModel):
    """So many objects, and the bytes they take up."""

    objects: int = Field(examples=[3])
    bytes: int = Field(examples=[52428800])

    @classmethod
    def of(cls, amount: Amount) -> "AmountView":
        """Show an amount."""
        return cls(objects=amount.objects, bytes=amount.bytes)


class GraceView(BaseModel):
    """How long bytes stay after nothing refers to them any more, and what asks for it."""

    minutes: int = Field(examples=[10])
    reasons: list[str] = Field(examples=[["a download that began before may still read the bytes"]])

    @classmethod
    def of(cls, grace: Grace) -> "GraceView":
        """Show a grace."""
        return cls(minutes=grace.minutes, reasons=list(grace.reasons))


class RunView(BaseModel):
    """One run of the collector, and what it did."""

    id: str = Field(examples=["01KA7Q8B4H3M5V9XEYD2T6RZNW"])
    cause: str = Field(description="Who started it.", examples=["internal:collector"])
    state: RunState = Field(description="`stopped` is one that was cancelled or paused, or whose process died.")
    started_at: Moment
    finished_at: Moment | None
    manifests: int = Field(description="Deleted artifacts that can no longer be restored.", examples=[2])
    links: int = Field(description="Blobs that left a repository.", examples=[6])
    blobs: int = Field(description="Blobs that no repository held any more.", examples=[3])
    uploads: int = Field(description="Uploads that lay idle too long.", examples=[0])
    holds: int = Field(description="Holds that had ended.", examples=[0])
    dead: dict[Reason, AmountView] = Field(description=_DEAD)
    deleted: dict[Reason, AmountView] = Field(description="Objects whose bytes are gone, by why.")
    kept: dict[Holder, int] = Field(description=_KEPT)
    failures: int = Field(description="How often the storage failed.", examples=[0])
    error: str = Field(description="What one of the failures said; empty if there was none.")
    seconds: float = Field(examples=[0.42])

    @classmethod
    def of(cls, run: Run) -> "RunView":
        """Show a run."""
        report = msgspec.json.decode(run.report, type=Report)
        return cls(
            id=run.id,
            cause=run.cause,
            state=run.state,
            started_at=run.started_at,
            finished_at=run.finished_at,
            manifests=report.manifests,
            links=report.links,
            blobs=report.blobs,
            uploads=report.uploads,
            holds=report.holds,
            dead=_shown(report.dead),
            deleted=_shown(report.deleted),
            kept=report.kept,
            failures=report.failures,
            error=report.error,
            seconds=report.seconds,
        )


class RunList(BaseModel):
    """Runs that did something, newest first."""

    items: list[RunView]


class PauseView(BaseModel):
    """Who paused collection, and when."""

    by: str = Field(examples=["user:admin"])
    at: Moment


class WaitingView(BaseModel):
    """What waits to be collected."""

    queued: int = Field(description="Links and blobs that may have lost their last use.", examples=[0])
    oldest_due_at: Moment | None = Field(description="When the first of them was, or is, to be looked at.")
    objects: int = Field(description="Objects that nothing refers to any more.", examples=[3])
    bytes: int = Field(description="The bytes of those.", examples=[52428800])
    next_due_at: Moment | None = Field(description="When the bytes of the next of them go.")


class HeldBackView(BaseModel):
    """Objects that nothing refers to any more, and whose bytes stay for a backup."""

    backup: str = Field(examples=["2026-01-31T120000Z"])
    until: Moment = Field(description="When the backup ends; older ones may name some of these too.")
    objects: int = Field(examples=[3])
    bytes: int = Field(examples=[52428800])

    @classmethod
    def of(cls, held: HeldBack) -> "HeldBackView":
        """Show what stays for a backup."""
        return cls(backup=held.backup, until=held.until, objects=held.objects, bytes=held.bytes)


class SweepView(BaseModel):
    """What the last sweep found."""

    finished_at: Moment
    requeued: int = Field(description="Blobs without a repository that the collector had overlooked.")
    orphans: AmountView = Field(description="Stored objects that no row named; their bytes go after seven days.")


class ReadAgainView(BaseModel):
    """What the last daily reading found."""

    finished_at: Moment
    read: AmountView
    damaged: list[str] = Field(description="Digests whose bytes are wrong or missing, at most 100.")


class GarbageView(BaseModel):
    """How collection is."""

    paused: PauseView | None = Field(description="Null unless it is paused.")
    mode: Mode | None = Field(description="The mode of the registry while that forbids collection, else null.")
    waits_until: Moment | None = Field(
        description="Until when nothing is collected, because the clock was set or no server ran for long; else null."
    )
    grace: GraceView
    waiting: WaitingView
    held_back: list[HeldBackView] = Field(description="What stays for backups, by backup; not counted in `waiting`.")
    damaged: int = Field(description="Objects whose bytes are wrong or missing, until they are pushed again.")
    deleted: dict[Reason, AmountView] = Field(description="What was deleted since the registry exists, by why.")
    last_run: RunView | None = Field(description="The last one that did something.")
    last_sweep: SweepView | None
    last_rehash: ReadAgainView | None

    @classmethod
    def of(cls, status: Status) -> "GarbageView":
        """Show how it is."""
        figures = status.figures
        waiting, swept, again = figures.waiting, figures.swept, figures.read_again
        return cls(
            paused=figures.pause and PauseView(by=figures.pause.by, at=figures.pause.at),
            mode=status.mode and status.mode.mode,
            waits_until=status.waits_until,
            grace=GraceView.of(status.grace),
            waiting=WaitingView(
                queued=waiting.queued,
                oldest_due_at=waiting.oldest,
                objects=waiting.objects,
                bytes=waiting.bytes,
                next_due_at=waiting.next_due,
            ),
            held_back=[HeldBackView.of(each) for each in figures.held_back],
            damaged=figures.damaged,
            deleted=_shown(figures.deleted),
            last_run=figures.last_run and RunView.of(figures.last_run),
            last_sweep=swept
            and SweepView(finished_at=swept.finished_at, requeued=swept.requeued, orphans=AmountView.of(swept.orphans)),
            last_rehash=again
            and ReadAgainView(
                finished_at=again.finished_at, read=AmountView.of(again.read), damaged=list(again.damaged)
            ),
        )


class StartRequest(BaseModel):
    """What to begin now."""

    model_config = ConfigDict(extra="forbid")

    task: Task = Field(
        Task.COLLECT,
        description="`garbage.collect` does what is done every few minutes, `garbage.sweep` looks for what that "
        "cannot know of, `garbage.rehash` reads a day's share of the stored bytes again.",
    )
    dry_run: bool = Field(False, description="Only tell what `garbage.collect` would do; nothing is changed.")


class RehearsalView(BaseModel):
    """What a run would do now, found out by its own steps in a transaction that was undone."""

    manifests: int
    links: int
    blobs: int
    dead: dict[Reason, AmountView] = Field(description=_DEAD)
    due: dict[Reason, AmountView] = Field(description="Objects whose bytes the run would delete, by why.")
    kept: dict[Holder, int] = Field(description=_KEPT)
    is_complete: bool = Field(description="False when there is more than is rehearsed at once.")

    @classmethod
    def of(cls, rehearsal: Rehearsal) -> "RehearsalView":
        """Show a rehearsal."""
        report = Report()
        report.add(rehearsal.outcome)
        return cls(
            manifests=report.manifests,
            links=report.links,
            blobs=report.blobs,
            dead=_shown(report.dead),
            due=_shown(rehearsal.due),
            kept=report.kept,
            is_complete=rehearsal.is_complete,
        )


class StartedView(BaseModel):
    """What was begun: a job, or only a rehearsal. The other one is null."""

    job: str | None = Field(description="That of the schedule if it waits or runs.")
    would: RehearsalView | None


class ProjectStorageView(BaseModel):
    """What a project stores, in bytes: each blob once, and in one of the first four."""

    project: str = Field(examples=["team"])
    unique: int = Field(description="Of its artifacts, and of no other project's.", examples=[52428800])
    shared: int = Field(description="Of its artifacts, and held by other projects too.", examples=[1048576])
    binned: int = Field(description="Only of deleted artifacts, while those can be restored.", examples=[0])
    leased: int = Field(description="Uploaded or mounted, and of no artifact yet.", examples=[0])
    uploads: int = Field(description="Received by uploads that go on.", examples=[0])
    is_complete: bool = Field(description="False for a project with more blobs than are counted at once.")

    @classmethod
    def of(cls, project: ProjectStorage) -> "ProjectStorageView":
        """Show what a project stores."""
        return cls(
            project=project.name,
            unique=project.unique,
            shared=project.shared,
            binned=project.binned,
            leased=project.leased,
            uploads=project.uploads,
            is_complete=project.is_complete,
        )


class ProjectStorageList(BaseModel):
    """What projects store, by name."""

    items: list[ProjectStorageView]


def _shown(amounts: Amounts) -> dict[Reason, AmountView]:
    return {reason: AmountView.of(amount) for reason, amount in amounts.items()}
