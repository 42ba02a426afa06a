# SPDX-License-Identifier: Apache-2.0
"""Approvals as the management API shows them."""

from typing import Annotated

from fastapi import Path
from fastapi import Query
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.approvals.models import MAX_HOURS
from entrepot.features.approvals.models import MAX_REASON_CHARACTERS
from entrepot.features.approvals.models import MAX_TARGET_CHARACTERS
from entrepot.features.approvals.models import Rule
from entrepot.features.approvals.models import State
from entrepot.features.approvals.service import Listed
from entrepot.features.approvals.service import Shown
from entrepot.infra.http.schemas import Moment
from entrepot.registry.four_eyes import Act
from entrepot.registry.four_eyes import Attempt

_ACT = "What takes a second person."
_TARGET = "What it is done to, just as the refusal with the code `approval_needed` says in `about`."
_HOURS = "For how many hours what the act gives may last at most, as `about` says; null for good."
_REASON = "What it is needed for, in one line."
_COMMENT = "What whoever decided said, in one line."

ApprovalPath = Annotated[str, Path(description="The id of an approval.", max_length=64)]
ListedQuery = Annotated[
    Listed,
    Query(
        alias="list",
        description="`mine`: those that you asked for; `waiting`: those that you may decide about; `all` takes the "
        "right to read the audit log.",
    ),
]


class ApprovalView(BaseModel):
    """That somebody asked a second person to let them do something, and what came of it."""

    id: str
    act: Act = Field(description=_ACT)
    target: str = Field(description=_TARGET, examples=["team"])
    hours: int | None = Field(description=_HOURS)
    reason: str = Field(description=_REASON)
    state: State = Field(description="`approved` can be used once, by who asked for it, until `expires_at`.")
    requested_by: str = Field(examples=["user:alice"])
    requested_at: Moment
    expires_at: Moment = Field(description="Until when somebody may decide; once approved, until when it can be used.")
    decided_by: str | None = Field(description="Who decided; null for nobody yet.", examples=["user:bob"])
    decided_at: Moment | None
    comment: str = Field(description=_COMMENT)
    ended_at: Moment | None = Field(description="When it was rejected, withdrawn or used.")
    may_decide: bool = Field(description="Whether you may approve or reject it.")
    may_withdraw: bool = Field(description="Whether you may withdraw it.")

    @classmethod
    def of(cls, shown: Shown) -> "ApprovalView":
        """Show an approval."""
        approval = shown.approval
        return cls(
            id=approval.id,
            act=approval.act,
            target=approval.target,
            hours=approval.hours,
            reason=approval.reason,
            state=shown.state,
            requested_by=approval.requested_by,
            requested_at=approval.requested_at,
            expires_at=approval.expires_at,
            decided_by=approval.decided_by or None,
            decided_at=approval.decided_at,
            comment=approval.comment,
            ended_at=approval.ended_at,
            may_decide=shown.may_decide,
            may_withdraw=shown.may_withdraw,
        )


class ApprovalList(BaseModel):
    """Approvals, newest first."""

    items: list[ApprovalView]


class NewApproval(BaseModel):
    """What somebody wants to do."""

    model_config = ConfigDict(extra="forbid")

    act: Act = Field(description=_ACT)
    target: str = Field(min_length=1, max_length=MAX_TARGET_CHARACTERS, description=_TARGET, examples=["team"])
    hours: int | None = Field(None, ge=0, le=MAX_HOURS, description=_HOURS)
    reason: str = Field(min_length=1, max_length=MAX_REASON_CHARACTERS, description=_REASON)

    @property
    def attempt(self) -> Attempt:
        """The same, in the words of the feature."""
        return Attempt(self.act, self.target, self.hours)


class ApprovalDecision(BaseModel):
    """What whoever decides says."""

    model_config = ConfigDict(extra="forbid")

    comment: str = Field("", max_length=MAX_REASON_CHARACTERS, description=_COMMENT)


class RuleView(BaseModel):
    """An act that takes a second person."""

    act: Act = Field(description=_ACT)
    since: Moment
    set_by: str = Field(examples=["user:admin"])

    @classmethod
    def of(cls, rule: Rule) -> "RuleView":
        """Show a rule."""
        return cls(act=rule.act, since=rule.since, set_by=rule.set_by)


class RuleList(BaseModel):
    """The acts that take a second person. As soon as there is one, to take one out takes a second person too."""

    items: list[RuleView]


class RulesRequest(BaseModel):
    """The acts that are to take a second person, and no others."""

    model_config = ConfigDict(extra="forbid")

    acts: list[Act] = Field(max_length=len(Act), description="All but `approvals.weaken`, which goes without saying.")
