# SPDX-License-Identifier: Apache-2.0
"""What runs as the management API shows it."""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import StringConstraints

from entrepot.features.in_use.models import DEFAULT_HOURS
from entrepot.features.in_use.models import MAX_HOURS
from entrepot.features.in_use.models import MAX_RUNNING
from entrepot.features.in_use.models import Report
from entrepot.infra.http.schemas import Moment
from entrepot.registry.store.holds import Pin
from entrepot.registry.store.in_use import Cluster
from entrepot.registry.store.in_use import Listed
from entrepot.registry.store.in_use import Presence
from entrepot.registry.store.in_use import Running

_UNTIL = "Until then what it said counts: no rule deletes what it runs."

ClusterPath = Annotated[str, Path(description="The name of a cluster.", max_length=64, examples=["production"])]
RunningText = Annotated[str, StringConstraints(min_length=1, max_length=420)]


class ClusterView(BaseModel):
    """A cluster that says what it runs."""

    cluster: str = Field(examples=["production"])
    reported_at: Moment
    reported_by: str = Field(examples=["robot:team-cluster"])
    until: Moment = Field(description=_UNTIL)
    running: int = Field(description="How many images it said it runs.", examples=[42])

    @classmethod
    def of(cls, cluster: Cluster, running: int) -> "ClusterView":
        """Show a cluster."""
        return cls(
            cluster=cluster.name,
            reported_at=cluster.reported_at,
            reported_by=cluster.reported_by,
            until=cluster.until,
            running=running,
        )


class ClusterList(BaseModel):
    """Clusters, by name."""

    items: list[ClusterView]


class NewReport(BaseModel):
    """What a cluster runs, in the place of what it ran before."""

    model_config = ConfigDict(extra="forbid")

    running: list[RunningText] = Field(
        max_length=MAX_RUNNING,
        description="Repositories and digests; the digest of an index, or of one of its platforms.",
        examples=[[f"team/app@sha256:{'0' * 64}"]],
    )
    valid_hours: int = Field(
        DEFAULT_HOURS, ge=1, le=MAX_HOURS, description="For how many hours this counts, unless it is said again."
    )


class RunningView(BaseModel):
    """Something that a cluster runs."""

    repository: str = Field(examples=["team/app"])
    digest: str

    @classmethod
    def of(cls, running: Running) -> "RunningView":
        """Show what runs."""
        return cls(repository=running.repository, digest=running.digest)


class ReportView(ClusterView):
    """What came of a report."""

    unknown: list[RunningView] = Field(
        description="What counts, and is not in this registry now, or is deleted; at most 1,000."
    )
    refused: list[RunningView] = Field(
        description="What does not count, because you lack the right to `report-use` there; at most 1,000."
    )

    @classmethod
    def came_of(cls, report: Report) -> "ReportView":
        """Show what came of it."""
        return cls(
            **dict(ClusterView.of(report.cluster, report.counted)),
            unknown=[RunningView.of(each) for each in report.unknown],
            refused=[RunningView.of(each) for each in report.refused],
        )


class ListedRunning(RunningView):
    """Something that a cluster runs, and whether it is here."""

    presence: Presence = Field(description="`here`, `deleted` and to be restored, or `unknown` to this registry.")

    @classmethod
    def listed(cls, found: Listed) -> "ListedRunning":
        """Show what runs."""
        return cls(**dict(RunningView.of(found.running)), presence=found.presence)


class RunningList(BaseModel):
    """What a cluster runs, by repository and digest. A page may hold fewer than were asked for."""

    reported_at: Moment
    reported_by: str
    until: Moment = Field(description=_UNTIL)
    items: list[ListedRunning]


class PinView(BaseModel):
    """A cluster runs an artifact, by its own digest or by one that it belongs to."""

    cluster: str = Field(examples=["production"])
    until: Moment = Field(description=_UNTIL)

    @classmethod
    def of(cls, pin: Pin) -> "PinView":
        """Show it."""
        return cls(cluster=pin.cluster, until=pin.until)


class PinList(BaseModel):
    """The clusters that run an artifact, by name."""

    items: list[PinView]
