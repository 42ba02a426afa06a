# SPDX-License-Identifier: Apache-2.0
"""Quotas as the management API shows them."""

from typing import Annotated

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.quotas.forecast import Forecast
from entrepot.features.quotas.models import DEFAULT_THRESHOLDS
from entrepot.features.quotas.models import MAX_CONTACT_CHARACTERS
from entrepot.features.quotas.models import MAX_LIMIT
from entrepot.features.quotas.models import MAX_THRESHOLDS
from entrepot.features.quotas.models import Amounts
from entrepot.features.quotas.models import Limits
from entrepot.features.quotas.models import Quota
from entrepot.features.quotas.models import SetQuota
from entrepot.features.quotas.models import SubjectKind
from entrepot.features.quotas.models import highest_percent
from entrepot.features.quotas.models import parted
from entrepot.features.quotas.service import Shown
from entrepot.features.quotas.store.checks import Check
from entrepot.features.quotas.store.listing import UNLIMITED
from entrepot.features.quotas.store.listing import Listed
from entrepot.features.quotas.store.listing import Order
from entrepot.infra.http.schemas import Moment
from entrepot.kernel.clock import Milliseconds
from entrepot.registry.store.project_storage import ProjectStorage

_BYTES = "Of blobs and manifests outside the bin; a blob counts once however many repositories hold it."
_ARTIFACTS = "Manifests outside the bin."
_REPOSITORIES = "Of a project, those that are listed; of a user or a robot, those that hold what they pushed."
_TAGS = "Of a user or a robot, those that they set last."
_THRESHOLDS = "Percentages of a limit at which pushes are warned, and an event tells of it once."
_CONTACT = "Whom to ask for more, as refusals say it; default: the administrators."
_REVISION = "The revision that the quota had when you read it; if it has another by now, nothing is changed."

Limit = Annotated[int, Field(ge=0, le=MAX_LIMIT)]
Percent = Annotated[int, Field(ge=1, le=100)]


class AmountsView(BaseModel):
    """How much of each resource."""

    bytes: int = Field(description=_BYTES)
    artifacts: int = Field(description=_ARTIFACTS)
    repositories: int = Field(description=_REPOSITORIES)
    tags: int = Field(description=_TAGS)

    @classmethod
    def of(cls, amounts: Amounts) -> "AmountsView":
        """Show amounts."""
        return cls(
            bytes=amounts.bytes, artifacts=amounts.artifacts, repositories=amounts.repositories, tags=amounts.tags
        )


class QuotaLimits(BaseModel):
    """The most there may be of each resource; null for no limit."""

    model_config = ConfigDict(extra="forbid")

    bytes: Limit | None = Field(None, description=_BYTES, examples=[50_000_000_000])
    artifacts: Limit | None = Field(None, description=_ARTIFACTS)
    repositories: Limit | None = Field(None, description=_REPOSITORIES)
    tags: Limit | None = Field(None, description=_TAGS)

    @classmethod
    def of(cls, limits: Limits) -> "QuotaLimits":
        """Show limits."""
        return cls(bytes=limits.bytes, artifacts=limits.artifacts, repositories=limits.repositories, tags=limits.tags)


class QuotaTerms(BaseModel):
    """A quota: limits, when to warn, and whom to ask."""

    limits: QuotaLimits
    thresholds: list[Percent] = Field(max_length=MAX_THRESHOLDS, description=_THRESHOLDS)
    contact: str = Field(description=_CONTACT, examples=["platform@example.com"])

    @classmethod
    def of(cls, quota: Quota) -> "QuotaTerms":
        """Show a quota."""
        return cls(limits=QuotaLimits.of(quota.limits), thresholds=list(quota.thresholds), contact=quota.contact)


class QuotaRequest(BaseModel):
    """The quota to put in the place of the one that there is. One without limits is: no limit, whatever the default."""

    model_config = ConfigDict(extra="forbid")

    limits: QuotaLimits
    thresholds: list[Percent] = Field(
        default_factory=lambda: list(DEFAULT_THRESHOLDS), max_length=MAX_THRESHOLDS, description=_THRESHOLDS
    )
    contact: str = Field("", max_length=MAX_CONTACT_CHARACTERS, description=_CONTACT)
    revision: int | None = Field(None, ge=0, lt=2**62, description=_REVISION)

    @property
    def quota(self) -> Quota:
        """The quota. Raises `QuotaInvalid`."""
        limits = Limits(self.limits.bytes, self.limits.artifacts, self.limits.repositories, self.limits.tags)
        return Quota(limits, tuple(sorted(set(self.thresholds))), self.contact)


class DefaultQuotaView(BaseModel):
    """The quota of every project without its own; null where there is none."""

    quota: QuotaTerms | None
    revision: int = Field(description="Changes with every change of the quota; 0 where none was ever set.")
    changed_at: Moment | None
    changed_by: str | None = Field(examples=["user:admin"])

    @classmethod
    def of(cls, found: SetQuota) -> "DefaultQuotaView":
        """Show the quota."""
        is_changed = found.revision > 0
        return cls(
            quota=QuotaTerms.of(found.quota) if found.quota else None,
            revision=found.revision,
            changed_at=found.changed_at if is_changed else None,
            changed_by=found.changed_by if is_changed else None,
        )


class BesideView(BaseModel):
    """What a project stores beside what counts, in bytes; and what of that which counts other projects hold too."""

    bin: int = Field(description="Blobs that only deleted artifacts use; they are freed when the bin is emptied.")
    leased: int = Field(description="Blobs that were pushed for artifacts that are not there yet.")
    uploads: int = Field(description="What came of blobs that are being pushed.")
    shared: int = Field(description="Of the blobs that count, those that other projects hold too.")
    is_complete: bool = Field(description="False for a project with so many blobs that only a part was added up.")

    @classmethod
    def of(cls, stored: ProjectStorage) -> "BesideView":
        """Show what is stored."""
        return cls(
            bin=stored.binned,
            leased=stored.leased,
            uploads=stored.uploads,
            shared=stored.shared,
            is_complete=stored.is_complete,
        )


class ForecastView(BaseModel):
    """What comes of it if it goes on as in the last 30 days; each null where that cannot be told."""

    bytes_per_day: int | None
    full_at: Moment | None = Field(description="When the limit of bytes is reached.")

    @classmethod
    def of(cls, forecast: Forecast) -> "ForecastView":
        """Show a forecast."""
        return cls(bytes_per_day=forecast.bytes_per_day, full_at=forecast.full_at)


class QuotaView(BaseModel):
    """What somebody may use, and does."""

    kind: SubjectKind
    name: str
    quota: QuotaTerms | None = Field(description="What counts: its own quota, or the default one; null for no quota.")
    is_own: bool = Field(description="Whether that is its own.")
    revision: int = Field(description="Of its own quota; 0 where none was ever set.")
    used: AmountsView = Field(description="As counted a moment ago: pushes and deletions take about a second.")
    percent: int | None = Field(description="Of the limit that is nearest; null where nothing is limited.")
    reserved: AmountsView = Field(description="What is being pushed and not counted yet, where processes told so.")
    beside: BesideView | None = Field(description="What does not count; null for users and robots.")
    forecast: ForecastView

    @classmethod
    def of(cls, shown: Shown) -> "QuotaView":
        """Show it."""
        kind, name = parted(shown.standing.subject)
        return cls(
            kind=kind,
            name=name,
            quota=QuotaTerms.of(shown.quota) if shown.quota else None,
            is_own=shown.own.quota is not None,
            revision=shown.own.revision,
            used=AmountsView.of(shown.standing.used),
            percent=highest_percent(shown.standing.used, shown.quota.limits) if shown.quota else None,
            reserved=AmountsView.of(shown.reserved),
            beside=BesideView.of(shown.beside) if shown.beside else None,
            forecast=ForecastView.of(shown.forecast),
        )


class QuotaListItem(BaseModel):
    """Who uses what."""

    kind: SubjectKind
    name: str
    used: AmountsView
    limits: QuotaLimits
    thresholds: list[int]
    percent: int | None = Field(description="Of the limit that is nearest; null where nothing is limited.")
    is_own: bool = Field(description="Whether the quota is its own, and not the default one.")

    @classmethod
    def of(cls, listed: Listed) -> "QuotaListItem":
        """Show one."""
        kind, name = parted(listed.subject)
        quota = listed.quota
        return cls(
            kind=kind,
            name=name,
            used=AmountsView.of(listed.used),
            limits=QuotaLimits.of(quota.limits if quota else Limits()),
            thresholds=list(quota.thresholds) if quota else [],
            percent=None if listed.percent == UNLIMITED else listed.percent,
            is_own=listed.is_own,
        )


class QuotaPage(BaseModel):
    """One page of who uses what."""

    items: list[QuotaListItem]


class QuotaQuery(BaseModel):
    """Which list."""

    kind: SubjectKind = Field(SubjectKind.PROJECT, description="Projects, or the users or robots that have a quota.")
    sort: Order = Field(Order.PERCENT, description="The most first; by name, the first.")
    at_least: int | None = Field(None, ge=0, le=1_000_000, description="Only who uses so many percent of a limit.")


class QuotaCheckView(BaseModel):
    """What came of the last time that everything was counted anew; each null before the first."""

    started_at: Moment | None
    finished_at: Moment | None
    looked_at: int
    repaired: int = Field(description="How much had been counted wrong, and was put right. This should be 0.")
    drift_bytes: int = Field(description="By how many bytes.")

    @classmethod
    def of(cls, check: Check | None) -> "QuotaCheckView":
        """Show it."""
        found = check or Check(Milliseconds(0))
        return cls(
            started_at=found.started_at or None,
            finished_at=found.finished_at,
            looked_at=found.looked_at,
            repaired=found.repaired,
            drift_bytes=found.drift_bytes,
        )


class QuotaCheckStarted(BaseModel):
    """The job that counts everything anew."""

    job: str
