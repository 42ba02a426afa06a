# SPDX-License-Identifier: Apache-2.0
"""What is found out without a plan, as the management API shows it."""

from typing import Annotated
from typing import Any

from fastapi import Path
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.retention.foreign.documents import Format
from entrepot.features.retention.foreign.documents import Imported
from entrepot.features.retention.models import MAX_RULES
from entrepot.features.retention.models import Fate
from entrepot.features.retention.models import Verdict
from entrepot.features.retention.policies import Terms
from entrepot.features.retention.presets import Preset
from entrepot.features.retention.schemas.rules import RuleView
from entrepot.features.retention.trying import Compared
from entrepot.features.retention.trying import Difference
from entrepot.features.retention.trying import Tried

_GIVEN = "Rules to try: they count with those of the policies that keep. Null for the policies that are set."
_IN_PLACE = (
    "Try them as the policy of this level, in place of the one that is set: all counts that would be in force then. "
    "Otherwise they count with those of the policies that keep."
)
_CONFIRMED = "How many deletions the plan names, for one that has a `reason` to be looked at."
_SIZE = "What the artifacts have; at most so many bytes are freed, as others may need some of them."
_FREED = "Of objects that nothing needs once the plan is carried out and the bin is emptied; null while it is made."

PlanPath = Annotated[str, Path(description="The id of a plan.", pattern=r"^[0-9A-HJKMNP-TV-Z]{26}$")]


class VerdictView(BaseModel):
    """What would become of a tag, or of an artifact without one."""

    digest: str
    tag: str | None
    fate: Fate
    reason: str
    rules: list[str]
    with_artifact: bool = Field(description="Whether the artifact goes, too.")

    @classmethod
    def of(cls, verdict: Verdict) -> "VerdictView":
        """Show a verdict."""
        return cls(
            digest=verdict.digest,
            tag=verdict.tag,
            fate=verdict.fate,
            reason=verdict.reason,
            rules=list(verdict.rules),
            with_artifact=verdict.with_artifact,
        )


class VerdictList(BaseModel):
    """What would become of tags, by name, and behind them of artifacts without one, by digest."""

    items: list[VerdictView]


class TryRequest(BaseModel):
    """Rules to try."""

    model_config = ConfigDict(extra="forbid")

    rules: list[RuleView] = Field(max_length=MAX_RULES)
    limit: int = Field(100, ge=0, le=1_000, description="Show so much of what would go, at most.")
    in_place: bool = Field(False, description=_IN_PLACE)
    expires_by_labels: bool = Field(False, description="Of a policy `in_place`: whether tags expire as labels say.")

    @property
    def terms(self) -> Terms:
        """What the policy would say. Raises as `Terms`."""
        return Terms(tuple(each.rule for each in self.rules), expires_by_labels=self.expires_by_labels)


class GoingView(VerdictView):
    """What would go."""

    repository: str

    @classmethod
    def within(cls, repository: str, verdict: Verdict) -> "GoingView":
        """Show a verdict about something in a repository."""
        return cls(repository=repository, **VerdictView.of(verdict).model_dump())


class TriedView(BaseModel):
    """What rules would do, and the first of what would go."""

    units: int = Field(description="Tags, and artifacts without one, that were judged.")
    deletions: int
    size: int = Field(description=_SIZE)
    is_whole: bool = Field(description="Whether everything was judged; if not, make a plan.")
    items: list[GoingView]

    @classmethod
    def of(cls, tried: Tried) -> "TriedView":
        """Show what was found."""
        return cls(
            units=tried.units,
            deletions=tried.deletions,
            size=tried.size,
            is_whole=tried.is_whole,
            items=[GoingView.within(*each) for each in tried.verdicts],
        )


class RetentionImportRequest(BaseModel):
    """A policy of another registry."""

    model_config = ConfigDict(extra="forbid")

    format: Format
    document: dict[str, Any] = Field(description="Its JSON, as the other registry has it.")


class DifferenceView(BaseModel):
    """What goes here and stays there, or the contrary."""

    repository: str
    digest: str
    tag: str | None
    goes_here: bool
    reason: str = Field(description="Why here.")
    rules: list[str]

    @classmethod
    def of(cls, found: Difference) -> "DifferenceView":
        """Show a difference."""
        verdict = found.verdict
        return cls(
            repository=found.repository,
            digest=verdict.digest,
            tag=verdict.tag,
            goes_here=found.goes_here,
            reason=verdict.reason,
            rules=list(verdict.rules),
        )


class ImportedView(BaseModel):
    """What a policy comes to here. Nothing was set."""

    rules: list[RuleView]
    cron: str
    notes: list[str] = Field(description="What the two always count differently.")
    units: int = Field(description="Tags, and artifacts without one, that were judged by both.")
    is_whole: bool = Field(description="Whether everything was judged.")
    differences: list[DifferenceView] = Field(description="Each of what the two would treat differently now.")

    @classmethod
    def of(cls, imported: Imported, compared: Compared) -> "ImportedView":
        """Show it."""
        return cls(
            rules=[RuleView.of(rule) for rule in imported.terms.rules],
            cron=imported.terms.cron,
            notes=list(imported.notes),
            units=compared.units,
            is_whole=compared.is_whole,
            differences=[DifferenceView.of(each) for each in compared.differences],
        )


class PresetView(BaseModel):
    """Rules to begin with."""

    name: str
    title: str
    description: str
    rules: list[RuleView]

    @classmethod
    def of(cls, preset: Preset) -> "PresetView":
        """Show a preset."""
        rules = [RuleView.of(rule) for rule in preset.rules]
        return cls(name=preset.name, title=preset.title, description=preset.description, rules=rules)


class PresetList(BaseModel):
    """Presets."""

    items: list[PresetView]
