# SPDX-License-Identifier: Apache-2.0
"""Break-glass access as the management API shows it."""

from typing import Annotated

from fastapi import Path
from fastapi import Query
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.break_glass.models import DEFAULT_MINUTES
from entrepot.features.break_glass.models import MAX_MINUTES
from entrepot.features.break_glass.models import MAX_REASON_CHARACTERS
from entrepot.features.break_glass.models import MIN_REASON_CHARACTERS
from entrepot.features.break_glass.models import Eligibility
from entrepot.features.break_glass.models import Opening
from entrepot.features.break_glass.models import State
from entrepot.features.break_glass.models import Wanted
from entrepot.features.break_glass.service import OwnGlass
from entrepot.features.grants import Terms
from entrepot.features.grants import parse_grantee
from entrepot.infra.http.schemas import Moment
from entrepot.kernel.clock import Milliseconds

_PRINCIPAL = "Who may: `user:<name>` or `group:<name>`; a name alone is a user's."
_PATTERN = "Where: `team/app`, `team/**`, `**` for everything; `SYSTEM` for the registry as a whole."
_ROLE = "What they take: a role as in grants."
_LONGEST = "For how many minutes at most."

EligibilityPath = Annotated[str, Path(description="The id of an eligibility.", max_length=64)]
OpeningPath = Annotated[str, Path(description="The id of an opening.", max_length=64)]
AcknowledgedQuery = Annotated[
    bool | None, Query(description="Only openings that were acknowledged, or that were not; all without it.")
]


class EligibilityView(BaseModel):
    """What somebody may take in an emergency."""

    id: str
    principal: str = Field(description=_PRINCIPAL, examples=["group:on-call"])
    path_pattern: str = Field(description=_PATTERN, examples=["team/**"])
    role: str = Field(description=_ROLE, examples=["admin"])
    longest_minutes: int = Field(description=_LONGEST)
    created_at: Moment
    created_by: str = Field(examples=["user:admin"])

    @classmethod
    def of(cls, eligibility: Eligibility) -> "EligibilityView":
        """Show an eligibility."""
        return cls(
            id=eligibility.id,
            principal=str(eligibility.terms.grantee),
            path_pattern=eligibility.terms.path_pattern,
            role=eligibility.terms.role,
            longest_minutes=eligibility.longest_minutes,
            created_at=eligibility.created_at,
            created_by=eligibility.created_by,
        )


class EligibilityList(BaseModel):
    """Eligibilities, oldest first."""

    items: list[EligibilityView]


class NewEligibility(BaseModel):
    """Whom to make eligible, and for what."""

    model_config = ConfigDict(extra="forbid")

    principal: str = Field(max_length=320, description=_PRINCIPAL, examples=["group:on-call"])
    path_pattern: str = Field(max_length=255, description=_PATTERN, examples=["team/**"])
    role: str = Field(pattern=r"^[a-z][a-z0-9-]{0,63}$", description=_ROLE, examples=["admin"])
    longest_minutes: int = Field(DEFAULT_MINUTES, ge=1, le=MAX_MINUTES, description=_LONGEST)

    @property
    def terms(self) -> Terms:
        """What they may take. Raises as `Terms` and `parse_grantee`."""
        return Terms(parse_grantee(self.principal), self.path_pattern, self.role)


class OpeningView(BaseModel):
    """Rights that somebody took in an emergency."""

    id: str
    principal: str = Field(examples=["user:alice"])
    path_pattern: str = Field(description=_PATTERN, examples=["team/**"])
    role: str = Field(description=_ROLE, examples=["admin"])
    reason: str
    state: State = Field(description="`ended` until an administrator has acknowledged it.")
    opened_at: Moment
    ends_at: Moment = Field(description="When it ends by itself, or ended.")
    ended_by: str | None = Field(
        description="Who ended it; `internal:entrepot` when its time was over; null until then.",
        examples=["user:alice"],
    )
    acknowledged_at: Moment | None
    acknowledged_by: str | None = Field(examples=["user:admin"])
    comment: str = Field(description="What whoever acknowledged it says about it.")

    @classmethod
    def of(cls, opening: Opening, now: Milliseconds) -> "OpeningView":
        """Show an opening as it stands at a moment."""
        return cls(
            id=opening.id,
            principal=opening.principal,
            path_pattern=opening.path_pattern,
            role=opening.role,
            reason=opening.reason,
            state=opening.state(now),
            opened_at=opening.opened_at,
            ends_at=opening.ends_at,
            ended_by=opening.ended_by,
            acknowledged_at=opening.acknowledged_at,
            acknowledged_by=opening.acknowledged_by,
            comment=opening.comment,
        )


class OpeningList(BaseModel):
    """Openings, newest first."""

    items: list[OpeningView]


class OwnGlassView(BaseModel):
    """What you may open, and what you have open."""

    eligibilities: list[EligibilityView]
    opening: OpeningView | None = Field(description="What is open now; null when nothing is.")

    @classmethod
    def of(cls, own: OwnGlass, now: Milliseconds) -> "OwnGlassView":
        """Show it."""
        return cls(
            eligibilities=[EligibilityView.of(each) for each in own.eligibilities],
            opening=None if own.opening is None else OpeningView.of(own.opening, now),
        )


class NewOpening(BaseModel):
    """What to open, and why."""

    model_config = ConfigDict(extra="forbid")

    eligibility: str = Field(max_length=64, description="The id of one of your eligibilities.")
    reason: str = Field(
        min_length=MIN_REASON_CHARACTERS,
        max_length=MAX_REASON_CHARACTERS,
        description="What has happened. It is recorded, and every administrator is told.",
    )
    minutes: int | None = Field(
        None, ge=1, le=MAX_MINUTES, description="For how long; null for as long as the eligibility allows."
    )

    @property
    def wanted(self) -> Wanted:
        """The same, in the words of the feature."""
        return Wanted(self.eligibility, self.reason, self.minutes)


class Acknowledgement(BaseModel):
    """That somebody has looked at what was done."""

    model_config = ConfigDict(extra="forbid")

    comment: str = Field(min_length=1, max_length=MAX_REASON_CHARACTERS, description="What you found.")
