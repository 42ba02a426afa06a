# SPDX-License-Identifier: Apache-2.0
"""Plans as the management API shows them."""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.retention.models import MAX_RULES
from entrepot.features.retention.policies import PlanRecord
from entrepot.features.retention.policies import PlanState
from entrepot.features.retention.schemas.rules import RuleView
from entrepot.features.retention.store.plans import PlannedStep
from entrepot.infra.http.schemas import Moment

_GIVEN = "Rules to try: they count with those of the policies that keep. Null for the policies that are set."
_CONFIRMED = "How many deletions the plan names, for one that has a `reason` to be looked at."
_SIZE = "What the artifacts have; at most so many bytes are freed, as others may need some of them."
_FREED = "Of objects that nothing needs once the plan is carried out and the bin is emptied; null while it is made."

PlanPath = Annotated[str, Path(description="The id of a plan.", pattern=r"^[0-9A-HJKMNP-TV-Z]{26}$")]


class PlanRequest(BaseModel):
    """What to plan by."""

    model_config = ConfigDict(extra="forbid")

    rules: list[RuleView] | None = Field(None, max_length=MAX_RULES, description=_GIVEN)


class RunRequest(BaseModel):
    """What whoever has a plan carried out has seen of it."""

    model_config = ConfigDict(extra="forbid")

    deletions: int | None = Field(None, ge=0, lt=2**62, description=_CONFIRMED)


class PlanView(BaseModel):
    """A plan: what would go, or went."""

    id: str
    state: PlanState
    rules: list[RuleView] | None = Field(description=_GIVEN)
    units: int = Field(description="Tags, and artifacts without one, that were judged.")
    deletions: int = Field(description="How many of them go.")
    size: int = Field(description=_SIZE)
    freed_bytes: int | None = Field(description=_FREED)
    done: int = Field(description="How many steps were done.")
    reason: str = Field(description="Why a person has to look at it, or why it was refused; empty for neither.")
    made_at: Moment
    made_by: str = Field(examples=["user:admin"])
    ended_at: Moment | None

    @classmethod
    def of(cls, plan: PlanRecord) -> "PlanView":
        """Show a plan."""
        return cls(
            id=plan.id,
            state=plan.state,
            rules=None if plan.given_rules is None else [RuleView.of(rule) for rule in plan.given_rules],
            units=plan.units,
            deletions=plan.deletions,
            size=plan.bytes,
            freed_bytes=plan.freed_bytes,
            done=plan.done,
            reason=plan.reason,
            made_at=plan.made_at,
            made_by=plan.made_by,
            ended_at=plan.ended_at,
        )


class PlanList(BaseModel):
    """Plans, the newest first."""

    items: list[PlanView]


class StepView(BaseModel):
    """One thing to delete."""

    number: int
    repository: str
    digest: str
    tag: str | None = Field(description="The tag that goes alone; null where the artifact goes.")
    tags: list[str] = Field(description="Every tag that goes.")
    rules: list[str] = Field(description="The rules that delete it.")
    size: int
    outcome: str = Field(examples=["planned", "deleted", "spared"])
    reason: str = Field(description="Why it was spared.")

    @classmethod
    def of(cls, planned: PlannedStep) -> "StepView":
        """Show a step."""
        step = planned.step
        return cls(
            number=planned.number,
            repository=planned.repository,
            digest=step.digest,
            tag=step.tag,
            tags=list(step.tags),
            rules=list(step.rules),
            size=step.size,
            outcome=planned.outcome,
            reason=planned.reason,
        )


class StepList(BaseModel):
    """Steps, in order."""

    items: list[StepView]
