# SPDX-License-Identifier: Apache-2.0
"""Immutability as the management API shows it."""

from typing import Annotated

from fastapi import Path
from fastapi import Query
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import StringConstraints

from entrepot.features.immutability.evaluate import ReadRule
from entrepot.features.immutability.evaluate import Ruling
from entrepot.features.immutability.looking import Explained
from entrepot.features.immutability.looking import Matched
from entrepot.features.immutability.models import MAX_DESCRIPTION_CHARACTERS
from entrepot.features.immutability.models import MAX_REASON_CHARACTERS
from entrepot.features.immutability.models import Deed
from entrepot.features.immutability.models import Effect
from entrepot.features.immutability.models import Override
from entrepot.features.immutability.models import Rule
from entrepot.features.immutability.telling import explanation
from entrepot.infra.http.schemas import GivenMoment
from entrepot.infra.http.schemas import GivenRevision
from entrepot.infra.http.schemas import Moment
from entrepot.infra.http.schemas import Revised
from entrepot.oci.reference import TagName
from entrepot.registry.rule_book_keeping import MAX_RULES
from entrepot.registry.rule_book_keeping import RuleList

_REPOSITORIES = "The repositories it is about: `team/app`, `team/*`, or `team/**` for a project and all that is in it."
_TAGS = "The tags it is about: `latest`, `v*`, or `*` for all of them."
_EFFECT = (
    "`mutable`: they are set, moved and deleted freely. `immutable`: once set, they are not moved or deleted. "
    "`append-only`: they are versions, and once set, they are not moved or deleted. `forward`: they move to newer "
    "versions only, and are not deleted."
)
_UNTIL = "When it ends by itself; null for never."
_BINDING = "Of a rule of the registry: whether it comes before the rules of projects, and not behind them."
_WHY = "Why, in one line; it is shown and recorded."
_ENDS = "When it ends: within 24 hours."

TagPath = Annotated[str, Path(description="The tag; it need not be there.", examples=["1.4.2"])]
RepositoriesQuery = Annotated[str, Query(max_length=255, description=_REPOSITORIES, examples=["team/**"])]
TagsQuery = Annotated[str, Query(max_length=128, description=_TAGS, examples=["v*"])]
RepositoryPattern = Annotated[str, StringConstraints(min_length=1, max_length=255)]
TagPattern = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class TagRuleView(BaseModel):
    """A rule about immutable tags."""

    repositories: str = Field(description=_REPOSITORIES, examples=["team/**"])
    tags: str = Field(description=_TAGS, examples=["v*"])
    effect: Effect = Field(description=_EFFECT)
    until: Moment | None = Field(description=_UNTIL)
    description: str
    is_binding: bool = Field(description=_BINDING)

    @classmethod
    def of(cls, rule: Rule) -> "TagRuleView":
        """Show a rule."""
        return cls(
            repositories=rule.repositories,
            tags=rule.tags,
            effect=rule.effect,
            until=rule.until,
            description=rule.description,
            is_binding=rule.is_binding,
        )


class TagRulesView(Revised):
    """The rules of the registry or of a project; the first that is about a tag decides."""

    rules: list[TagRuleView]

    @classmethod
    def of(cls, listed: RuleList[Rule]) -> "TagRulesView":
        """Show rules."""
        is_set = bool(listed.changed_by)
        return cls(
            rules=[TagRuleView.of(each) for each in listed.rules],
            revision=listed.revision,
            changed_at=listed.changed_at if is_set else None,
            changed_by=listed.changed_by if is_set else None,
        )


class NewTagRule(BaseModel):
    """A rule to set, or to look at."""

    model_config = ConfigDict(extra="forbid")

    repositories: RepositoryPattern = Field(description=_REPOSITORIES, examples=["team/**"])
    tags: TagPattern = Field("*", description=_TAGS, examples=["v*"])
    effect: Effect = Field(description=_EFFECT)
    until: GivenMoment | None = Field(None, description=_UNTIL)
    description: str = Field("", max_length=MAX_DESCRIPTION_CHARACTERS, description="What it is for, in one line.")
    is_binding: bool = Field(False, description=_BINDING)

    @property
    def rule(self) -> Rule:
        """The rule. Raises as `Rule`."""
        return Rule(self.repositories, self.tags, self.effect, self.until, self.description, self.is_binding)


class TagRulesRequest(BaseModel):
    """The rules to put in the place of those that there are, in order."""

    model_config = ConfigDict(extra="forbid")

    rules: list[NewTagRule] = Field(max_length=MAX_RULES)
    revision: GivenRevision = None


class DecidingRule(BaseModel):
    """The rule that decides about a tag, and where it stands."""

    project: str | None = Field(description="Whose it is; null for the registry.", examples=["team"])
    number: int = Field(description="Which one of them it is, from 1.")
    rule: TagRuleView

    @classmethod
    def of(cls, found: ReadRule | None) -> "DecidingRule | None":
        """Show the rule, if there is one."""
        if found is None:
            return None
        return cls(project=found.project or None, number=found.number, rule=TagRuleView.of(found.rule))


class MatchedView(BaseModel):
    """A tag that the rule is about."""

    repository: str = Field(examples=["team/app"])
    tag: str = Field(examples=["v1.4.2"])
    decides_now: DecidingRule | None = Field(description="The rule that decides about it now; null where it is free.")

    @classmethod
    def of(cls, matched: Matched) -> "MatchedView":
        """Show a tag."""
        decides = DecidingRule.of(matched.decides_now)
        return cls(repository=matched.place.repository, tag=matched.place.tag, decides_now=decides)


class MatchedList(BaseModel):
    """Tags that a rule is about. A page may hold fewer than were asked for, and be followed by another."""

    items: list[MatchedView]


class OverrideView(BaseModel):
    """Until then, a tag is moved and deleted whatever rules say, by whoever has the right to."""

    tag: str
    reason: str
    expires_at: Moment
    created_at: Moment
    created_by: str = Field(examples=["user:admin"])

    @classmethod
    def of(cls, override: Override) -> "OverrideView":
        """Show an override."""
        return cls(
            tag=override.tag,
            reason=override.reason,
            expires_at=override.expires_at,
            created_at=override.created_at,
            created_by=override.created_by,
        )


class ExplainedView(BaseModel):
    """Which rule decides about a tag, and what it lets happen."""

    tag: str
    digest: str | None = Field(description="What it points at; null where there is no such tag.")
    decides: DecidingRule | None = Field(description="The rule that decides; null where none is about it.")
    explanation: str
    set: Ruling = Field(description="What the rule says to setting the tag where it is not.")
    move: Ruling = Field(description="What it says to moving it; `forward-only` lets it move to newer versions.")
    delete: Ruling = Field(description="What it says to deleting it, and the artifact under it.")
    override: OverrideView | None = Field(description="An override that has not ended: then everything is let happen.")

    @classmethod
    def of(cls, tag: TagName, explained: Explained) -> "ExplainedView":
        """Show what decides."""
        return cls(
            tag=tag,
            digest=explained.digest,
            decides=DecidingRule.of(explained.rule),
            explanation=explanation(explained.rule, tag, is_derived=explained.is_derived),
            set=explained.ruling(tag, Deed.SET),
            move=explained.ruling(tag, Deed.MOVE),
            delete=explained.ruling(tag, Deed.DELETE),
            override=OverrideView.of(explained.override) if explained.override else None,
        )


class NewOverride(BaseModel):
    """The override to give."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=MAX_REASON_CHARACTERS, description=_WHY)
    expires_at: GivenMoment = Field(description=_ENDS)
