# SPDX-License-Identifier: Apache-2.0
"""Backups as the management API shows them."""

from typing import Annotated
from typing import Literal
from typing import cast

from fastapi import Path
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.backup.models import Failing
from entrepot.features.backup.models import Plan
from entrepot.features.backup.models import Removed
from entrepot.features.backup.models import Shown
from entrepot.features.backup.settings import MAX_KEEP_DAYS
from entrepot.features.backup.settings import BackupSettings
from entrepot.infra.http.schemas import Moment
from entrepot.registry.store.backups import Drilled

BackupName = Annotated[str, Path(max_length=64, description="The backup.", examples=["2026-01-31T120000Z"])]
State = Literal["running", "kept", "ended", "failed"]


class HeldAloneView(BaseModel):
    """Objects that nothing refers to any more, and whose bytes stay for this backup alone: they go when it ends."""

    objects: int = Field(examples=[3])
    bytes: int = Field(examples=[52428800])


class DrillView(BaseModel):
    """What the last drill of a backup found, as its signed report says."""

    at: Moment
    is_good: bool = Field(description="Whether everything that was tried worked.")
    is_deep: bool = Field(description="Whether every blob was read and hashed, not only those that were pulled.")
    recovery_point_seconds: int = Field(description="RPO: how old the backup was.", examples=[3600])
    recovery_time_seconds: float = Field(
        description="RTO: how long it took from the file to a database that can be served from.", examples=[2.5]
    )
    objects_lost: int = Field(description="Blobs that were missing or damaged.", examples=[0])
    tags_pulled: int = Field(examples=[100])
    tags_failed: int = Field(description="Tags that could not be pulled.", examples=[0])

    @classmethod
    def of(cls, drill: Drilled) -> "DrillView":
        """Show what a drill found."""
        return cls(
            at=drill.at,
            is_good=drill.is_good,
            is_deep=drill.is_deep,
            recovery_point_seconds=drill.recovery_point_seconds,
            recovery_time_seconds=drill.recovery_time_seconds,
            objects_lost=drill.objects_lost,
            tags_pulled=drill.tags_pulled,
            tags_failed=drill.tags_failed,
        )


class BackupView(BaseModel):
    """A backup. The counts are 0 while it is taken."""

    name: str = Field(examples=["2026-01-31T120000Z"])
    state: State = Field(description="`failed` is one that ended before it was taken; nothing is left of it.")
    place: str = Field(description="Its file.", examples=["/backup/2026-01-31T120000Z.backup"])
    node: str = Field(description="The machine that took it; empty where that is not known.", examples=["registry-1"])
    taken_by: str = Field(
        description="Who asked for it: an identity, or the operating system's user and machine for a command.",
        examples=["internal:backup.take"],
    )
    job: str | None = Field(description="The job that took it; null for a command.")
    began_at: Moment
    taken_at: Moment | None = Field(description="It holds what was there at this moment. Null until it is taken.")
    expires_at: Moment = Field(description="Until then no bytes go that it names, unless it is removed.")
    ended_at: Moment | None
    objects: int = Field(description="How many objects it names.", examples=[402])
    object_bytes: int = Field(description="The bytes of those.", examples=[52428800])
    manifests: int = Field(examples=[310])
    tags: int = Field(examples=[120])
    rows: int = Field(examples=[2214])
    file_bytes: int = Field(examples=[954368])
    sha256: str = Field(description="Of its file; empty until it is taken.")
    revision: str = Field(description="Of the database's schema.", examples=["0029"])
    blobs_folder: str | None = Field(description="Where the bytes were copied to; null if they were not.")
    blobs_lost: int = Field(description="How many were missing or damaged when they were copied.", examples=[0])
    held_back: HeldAloneView
    drill: DrillView | None = Field(description="Null where no drill of it is known.")

    @classmethod
    def of(cls, shown: Shown) -> "BackupView":
        """Show a backup."""
        backup, facts, held = shown.backup, shown.backup.facts, shown.held_back
        return cls(
            name=backup.name,
            state=cast("State", backup.state),
            place=backup.place,
            node=facts.node,
            taken_by=backup.taken_by,
            job=facts.job or None,
            began_at=backup.began_at,
            taken_at=backup.taken_at,
            expires_at=backup.expires_at,
            ended_at=backup.ended_at,
            objects=facts.objects,
            object_bytes=facts.object_bytes,
            manifests=facts.manifests,
            tags=facts.tags,
            rows=facts.rows,
            file_bytes=facts.file_bytes,
            sha256=facts.sha256,
            revision=facts.revision,
            blobs_folder=facts.blobs or None,
            blobs_lost=facts.blobs_lost,
            held_back=HeldAloneView(objects=held.objects, bytes=held.bytes),
            drill=facts.drill and DrillView.of(facts.drill),
        )


class BackupList(BaseModel):
    """Backups, newest first; those that ended are known for another month."""

    items: list[BackupView]


class FailingView(BaseModel):
    """A backup that was due, and was not taken."""

    since: Moment = Field(description="When it was due.")
    error: str = Field(description="Why its job failed; empty where that is not known any more.")
    job: str | None = Field(description="That job; null where it is not known any more.")

    @classmethod
    def of(cls, failing: Failing) -> "FailingView":
        """Show what is wrong."""
        return cls(since=failing.since, error=failing.error, job=failing.job)


class BackupPlanView(BaseModel):
    """How backups are taken here, as it is configured, and whether they are."""

    folder: str | None = Field(description="Where they go; null where the server takes none.", examples=["/backup"])
    schedule: str | None = Field(description="When, in UTC; null for never by itself.", examples=["0 3 * * *"])
    keep_days: int = Field(examples=[30])
    keep: int = Field(description="How many of the schedule are kept at most; 0: any number.", examples=[0])
    with_blobs: bool
    next_run_at: Moment | None
    last_taken_at: Moment | None = Field(description="When the newest that is known was taken, by whomever.")
    kept: int = Field(description="How many are kept.", examples=[7])
    held_back_bytes: int = Field(description="The bytes of all dead objects that stay for backups.", examples=[0])
    failing: FailingView | None = Field(description="Null while backups are taken when they are due.")
    job: str | None = Field(description="The job that waits or runs.")

    @classmethod
    def of(cls, plan: Plan, settings: BackupSettings) -> "BackupPlanView":
        """Show a plan."""
        figures, schedule = plan.figures, plan.schedule
        return cls(
            folder=plan.folder and str(plan.folder),
            schedule=schedule and schedule.cron,
            keep_days=settings.keep_days,
            keep=settings.keep,
            with_blobs=settings.with_blobs,
            next_run_at=schedule and schedule.next_run_at,
            last_taken_at=figures.last_taken_at,
            kept=figures.kept,
            held_back_bytes=figures.held_back_bytes,
            failing=figures.failing and FailingView.of(figures.failing),
            job=plan.job,
        )


class BackupRequest(BaseModel):
    """What backup to take now. Its folder is the configured one, and its name the time."""

    model_config = ConfigDict(extra="forbid")

    keep_days: int | None = Field(
        None, ge=1, le=MAX_KEEP_DAYS, description="So long no bytes go that it names; default: as configured."
    )
    with_blobs: bool | None = Field(None, description="Copy the bytes too; default: as configured.")


class BackupBegunView(BaseModel):
    """What was begun."""

    job: str = Field(description="That of another backup, if one is taken already.")


class BackupRemovedView(BaseModel):
    """A backup that was ended."""

    name: str
    place: str = Field(description="Its file.")
    is_file_removed: bool = Field(
        description="False where the file is not in the configured folder, or not on the machine that answered. One "
        "in that folder is removed after the next backup that is taken there."
    )

    @classmethod
    def of(cls, removed: Removed) -> "BackupRemovedView":
        """Show what was removed."""
        return cls(name=removed.backup.name, place=removed.backup.place, is_file_removed=removed.is_file_removed)
