# SPDX-License-Identifier: Apache-2.0
"""The overview as the management API shows it."""

from typing import Literal

from pydantic import BaseModel
from pydantic import Field

from entrepot.features.dashboard.models import Overview
from entrepot.features.dashboard.models import RecentChange
from entrepot.features.dashboard.models import Room
from entrepot.features.usage import BusyRepository
from entrepot.features.usage import Totals
from entrepot.infra.http.schemas import Moment
from entrepot.infra.telemetry.health import Verdict


class StorageView(BaseModel):
    """What the registry holds, and how much room is left for more."""

    used_bytes: int = Field(description="Bytes of all blobs in the store, each counted once.", examples=[73400320])
    disk_free_bytes: int | None = Field(
        description="Room left on the disk of the store; null when it is no folder of this machine.",
        examples=[21474836480],
    )
    disk_total_bytes: int | None = Field(description="Size of that disk.", examples=[107374182400])
    artifacts: int = Field(description="Manifests that are not deleted.", examples=[1200])
    repositories: int = Field(description="Repositories that are listed.", examples=[40])
    projects: int = Field(description="Projects, empty ones too.", examples=[7])
    measured_at: Moment = Field(description="When these were counted: now, or some minutes ago in a large registry.")

    @classmethod
    def of(cls, totals: Totals, room: Room | None) -> "StorageView":
        """Show the totals."""
        return cls(
            used_bytes=totals.stored_bytes,
            disk_free_bytes=room.free_bytes if room else None,
            disk_total_bytes=room.total_bytes if room else None,
            artifacts=totals.artifacts,
            repositories=totals.repositories,
            projects=totals.projects,
            measured_at=totals.measured_at,
        )


class RecentItem(BaseModel):
    """One change of a tag."""

    at: Moment
    kind: Literal["tag.moved", "tag.deleted"] = Field(
        description="`tag.moved` for a tag that was set or moved: the type of the event that told of it."
    )
    repository: str = Field(examples=["team/app"])
    tag: str = Field(examples=["1.0"])
    digest: str | None = Field(description="What the tag pointed at from then on; null when it was deleted.")
    previous: str | None = Field(description="What it pointed at before; null when it was new.")
    by: str = Field(description="Who did it.", examples=["user:alice"])
    cause: str = Field(description="Why: `user` for somebody's own doing.", examples=["user"])

    @classmethod
    def of(cls, change: RecentChange) -> "RecentItem":
        """Show a change."""
        return cls(
            at=change.changed_at,
            kind="tag.deleted" if change.digest is None else "tag.moved",
            repository=change.repository,
            tag=change.name,
            digest=change.digest,
            previous=change.previous_digest,
            by=change.changed_by,
            cause=change.cause,
        )


class TopItem(BaseModel):
    """A repository that is pulled from much."""

    name: str = Field(examples=["team/app"])
    pulls: int = Field(description="Pulls in the last 30 days.", examples=[312])
    bytes: int = Field(description="Bytes of its blobs and manifests.", examples=[52428800])

    @classmethod
    def of(cls, repository: BusyRepository) -> "TopItem":
        """Show a repository."""
        return cls(name=repository.name, pulls=repository.pulls, bytes=repository.bytes)


class CheckItem(BaseModel):
    """One thing that was checked."""

    name: str = Field(examples=["database"])
    ok: bool
    reason: str | None = Field(description="What is wrong; null when nothing is.")


class HealthView(BaseModel):
    """How the server process that answered is."""

    status: Verdict = Field(
        description="`ready`; `degraded` when something needs attention but everything works; `unready` when not."
    )
    checks: list[CheckItem] = Field(description="What was checked; empty for all but administrators.")


class DashboardView(BaseModel):
    """What there is to see on the first page, as far as you may see it."""

    storage: StorageView | None = Field(description="Null for all but administrators.")
    storage_reason: str | None = Field(
        description="Why `storage` is null; null when it is not.", examples=["Only administrators see this."]
    )
    recent: list[RecentItem] = Field(
        description="Up to 20 changes of tags in repositories that you may pull from, newest first."
    )
    is_recent_complete: bool = Field(
        description="False when so many changes in other repositories are newer that older ones were not looked for."
    )
    top: list[TopItem] = Field(
        description="Up to 10 repositories that you may pull from, by their pulls in the last 30 days."
    )
    health: HealthView
    is_empty: bool = Field(description="Whether there is no repository that you may pull from.")

    @classmethod
    def of(cls, overview: Overview) -> "DashboardView":
        """Show the overview."""
        storage = StorageView.of(overview.totals, overview.room) if overview.totals else None
        checks = overview.findings if overview.is_administrator else []
        return cls(
            storage=storage,
            storage_reason=None if storage else "Only administrators of the registry see what all of it holds.",
            recent=[RecentItem.of(change) for change in overview.recent],
            is_recent_complete=overview.is_recent_complete,
            top=[TopItem.of(repository) for repository in overview.top],
            health=HealthView(
                status=overview.verdict,
                checks=[CheckItem(name=each.name, ok=each.reason is None, reason=each.reason) for each in checks],
            ),
            is_empty=overview.is_empty,
        )
