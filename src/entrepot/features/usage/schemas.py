# SPDX-License-Identifier: Apache-2.0
"""Usage as the management API shows it."""

from pydantic import BaseModel
from pydantic import Field

from entrepot.features.projects import ProjectName
from entrepot.features.projects import parse_project_name
from entrepot.features.usage.models import KEPT_DAYS
from entrepot.features.usage.models import Count
from entrepot.features.usage.models import Growth
from entrepot.features.usage.models import Traffic
from entrepot.features.usage.reports import Answer
from entrepot.features.usage.reports import By
from entrepot.features.usage.reports import Question
from entrepot.infra.http.schemas import GivenMoment
from entrepot.infra.http.schemas import Moment
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.reference import RepositoryName
from entrepot.oci.reference import parse_repository_name

MAX_ITEMS = 1_000
_TIMES = frozenset({By.HOUR, By.DAY})


class PlaceQuery(BaseModel):
    """A project, or a repository."""

    project: str = Field("", max_length=255, description="Of all of this project.", examples=["team"])
    repository: str = Field("", max_length=255, description="Of this repository.", examples=["team/app"])

    @property
    def named(self) -> tuple[ProjectName | None, RepositoryName | None]:
        """The project and the repository. Raises `InvalidRequest` for what names none."""
        project = parse_project_name(self.project) if self.project else None
        return project, parse_repository_name(self.repository) if self.repository else None


class UsageQuery(PlaceQuery):
    """What pulls and pushes are wanted of, by what, and of which time."""

    by: By = Field(
        By.DAY,
        description="`hour` and `day` give moments in order; the others names, those with the most first. `repository` "
        "is for projects, `artifact` and `tag` for repositories; `principal` takes the right to read the audit log "
        "of the project.",
    )
    since: GivenMoment | None = Field(
        None, description="From the hour or day of this moment on; default: a day for hours, else 30 days."
    )
    until: GivenMoment | None = Field(None, description="To the hour or day before this moment; default: now.")
    limit: int = Field(100, ge=1, le=MAX_ITEMS, description="How many names are wanted at most.")

    @property
    def question(self) -> Question:
        """The same, in the words of the feature. Raises `InvalidRequest`."""
        return Question(*self.named, self.by, self.since, self.until, self.limit)


class DaysQuery(PlaceQuery):
    """Of what, and how many days back."""

    days: int = Field(30, ge=1, le=KEPT_DAYS, description="Of so many days, today among them (UTC).")


class CountItem(BaseModel):
    """Pulls and pushes of one hour or day, or of what has one name."""

    at: Moment | None = Field(description="When the hour or day begins; null for names.")
    name: str | None = Field(description="A digest, a tag and so on; null for hours and days.", examples=["1.2"])
    pulls: int
    pushes: int

    @classmethod
    def of(cls, count: Count, by: By) -> "CountItem":
        """Show figures that were asked for by that."""
        if by in _TIMES:
            return cls(at=Milliseconds(int(count.name)), name=None, pulls=count.pulls, pushes=count.pushes)
        return cls(at=None, name=count.name, pulls=count.pulls, pushes=count.pushes)


class OthersView(BaseModel):
    """What is not told apart any more."""

    pulls: int
    pushes: int


class UsageView(BaseModel):
    """Pulls and pushes, in whole hours or days (UTC). Hours and days in which nothing happened are left out."""

    by: By
    since: Moment
    until: Moment
    items: list[CountItem]
    others: OthersView | None = Field(
        description="Of a day that is over, each repository keeps the 100 names with the most; these are the rest."
    )
    is_complete: bool = Field(description="False when there are more names than `limit`.")

    @classmethod
    def of(cls, answer: Answer, by: By) -> "UsageView":
        """Show an answer."""
        rest = answer.others
        return cls(
            by=by,
            since=answer.since,
            until=answer.until,
            items=[CountItem.of(each, by) for each in answer.counts],
            others=None if rest is None else OthersView(pulls=rest.pulls, pushes=rest.pushes),
            is_complete=answer.is_complete,
        )


class TrafficItem(BaseModel):
    """What went in and out on a day."""

    at: Moment = Field(description="When the day begins (UTC).")
    pushed_bytes: int = Field(description="New to the repository: blobs and manifests.")
    sent_bytes: int = Field(description="What clients were given, by this server or, where it redirects, the bucket.")

    @classmethod
    def of(cls, traffic: Traffic) -> "TrafficItem":
        """Show a day."""
        moment = Milliseconds(traffic.day * DAY_MS)
        return cls(at=moment, pushed_bytes=traffic.pushed_bytes, sent_bytes=traffic.sent_bytes)


class TrafficView(BaseModel):
    """Bytes in and out by day. Days on which nothing happened are left out."""

    items: list[TrafficItem]


class GrowthItem(BaseModel):
    """What a project held at the end of a day."""

    at: Moment = Field(description="When the day begins (UTC).")
    bytes: int = Field(description="Each blob once, and every manifest, what is in the bin too.")
    grown_bytes: int = Field(description="By how much that became more on the day; negative for less.")

    @classmethod
    def of(cls, growth: Growth) -> "GrowthItem":
        """Show a day."""
        return cls(at=Milliseconds(growth.day * DAY_MS), bytes=growth.bytes, grown_bytes=growth.grown_bytes)


class GrowthView(BaseModel):
    """What a project held, day by day; the last is what it holds now."""

    items: list[GrowthItem]
