# SPDX-License-Identifier: Apache-2.0
"""Retention as the management API shows it."""

from typing import Annotated

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.retention.models import BRAKE_PERCENT
from entrepot.features.retention.models import GRACE_DAYS
from entrepot.features.retention.models import MAX_COUNT
from entrepot.features.retention.models import MAX_DAYS
from entrepot.features.retention.models import MAX_PATTERNS
from entrepot.features.retention.models import MAX_RULES
from entrepot.features.retention.models import MAX_TEXT_CHARACTERS
from entrepot.features.retention.models import Effect
from entrepot.features.retention.models import Newest
from entrepot.features.retention.models import Order
from entrepot.features.retention.models import Rule
from entrepot.features.retention.models import Selection
from entrepot.features.retention.policies import Policy
from entrepot.features.retention.policies import Terms
from entrepot.infra.http.schemas import Moment

_EFFECT = (
    "`keep`: nothing else deletes it. `delete-tags`: the tag goes and nothing else. `delete-artifacts`: the artifact "
    "goes with its tags, where every one of them is selected."
)
_UNUSED = f"Since a client used it last; where nobody knows, since it came, and {GRACE_DAYS} days at least."
_EXPRESSIONS = "Regular expressions (RE2), one of which has to match the whole tag, unless one of `tags` does."
_LABELS = (
    "Tags expire as labels and annotations of their artifacts say: `entrepot.expires-after`, `quay.expires-after`."
)
_NEWEST = "The newest artifacts of each repository among those selected: kept by a rule that keeps, spared by others."
_CRON = "When it is carried out by itself: five fields in UTC, such as `0 3 * * *`; empty for never."
_BRAKE = "A run waits for a person where a repository would lose more than this share of its tags, in percent."

Patterns = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=MAX_TEXT_CHARACTERS)]], Field(max_length=MAX_PATTERNS)
]
Days = Annotated[int, Field(ge=0, le=MAX_DAYS)]


class NewestView(BaseModel):
    """How many of the newest, and by what."""

    model_config = ConfigDict(extra="forbid")

    count: int = Field(ge=1, le=MAX_COUNT, examples=[10])
    by: Order = Order.PUSH


class SelectionView(BaseModel):
    """What a rule is about: all of it has to hold; what is left out says nothing."""

    model_config = ConfigDict(extra="forbid")

    repositories: Patterns = Field(
        [], description="Path patterns, one of which has to match.", examples=[["team/app-*"]]
    )
    tags: Patterns = Field([], description="Tag patterns, one of which has to match.", examples=[["pr-*"]])
    tag_expressions: Patterns = Field([], description=_EXPRESSIONS, examples=[["build-[0-9]+"]])
    except_tags: Patterns = Field([], description="Tag patterns, none of which may match.", examples=[["latest"]])
    versions: str = Field("", max_length=200, description="A range of versions.", examples=[">=1.2 <2"])
    is_tagged: bool | None = None
    artifact_types: Patterns = Field(
        [], description="Such as `chart`, or what it says that it is: one has to match, `*` stands for anything."
    )
    labels: Patterns = Field([], description="`name=value`, or a name for any value: it has to have them all.")
    older_than_days: Days | None = Field(None, description="Since the tag was set, or an artifact lost its last one.")
    newer_than_days: Days | None = Field(None, description="The contrary: what came within so many days.")
    unused_for_days: Days | None = Field(None, description=_UNUSED)
    used_within_days: Days | None = Field(None, description="The contrary; what nobody knows of is selected, too.")
    larger_than_bytes: int | None = Field(None, ge=0, lt=2**62)
    with_referrer: str = Field("", max_length=MAX_TEXT_CHARACTERS, description="A type that has to refer to it.")
    without_referrer: str = Field("", max_length=MAX_TEXT_CHARACTERS, description="A type that may not refer to it.")
    facts: Patterns = Field([], description="What other features tell of it; `!` before one for the contrary.")
    newest: NewestView | None = Field(None, description=_NEWEST)

    @property
    def selection(self) -> Selection:
        """The selection. Raises as `Selection`."""
        return Selection(
            repositories=tuple(self.repositories),
            tags=tuple(self.tags),
            tag_expressions=tuple(self.tag_expressions),
            except_tags=tuple(self.except_tags),
            versions=self.versions,
            is_tagged=self.is_tagged,
            artifact_types=tuple(self.artifact_types),
            labels=tuple(self.labels),
            older_than_days=self.older_than_days,
            newer_than_days=self.newer_than_days,
            unused_for_days=self.unused_for_days,
            used_within_days=self.used_within_days,
            larger_than_bytes=self.larger_than_bytes,
            with_referrer=self.with_referrer,
            without_referrer=self.without_referrer,
            facts=tuple(self.facts),
            newest=Newest(self.newest.count, self.newest.by) if self.newest else None,
        )

    @classmethod
    def of(cls, selection: Selection) -> "SelectionView":
        """Show a selection."""
        names = [name for name in cls.model_fields if name != "newest"]
        plain = {name: getattr(selection, name) for name in names}
        lists = {name: list(value) if isinstance(value, tuple) else value for name, value in plain.items()}
        newest = selection.newest
        return cls(**lists, newest=NewestView(count=newest.count, by=newest.by) if newest else None)


class RuleView(BaseModel):
    """A rule."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=64, description="a-z, 0-9 and '-'.", examples=["pull-requests"])
    effect: Effect = Field(description=_EFFECT)
    selection: SelectionView
    is_enabled: bool = True
    description: str = Field("", max_length=MAX_TEXT_CHARACTERS)

    @property
    def rule(self) -> Rule:
        """The rule. Raises as `Rule`."""
        return Rule(self.name, self.effect, self.selection.selection, self.is_enabled, self.description)

    @classmethod
    def of(cls, rule: Rule) -> "RuleView":
        """Show a rule."""
        return cls(
            name=rule.name,
            effect=rule.effect,
            selection=SelectionView.of(rule.selection),
            is_enabled=rule.is_enabled,
            description=rule.description,
        )


class PolicyRequest(BaseModel):
    """What a policy is to say, all of it."""

    model_config = ConfigDict(extra="forbid")

    rules: list[RuleView] = Field(max_length=MAX_RULES)
    cron: str = Field("", max_length=64, description=_CRON, examples=["0 3 * * *"])
    brake_percent: int = Field(BRAKE_PERCENT, ge=0, le=100, description=_BRAKE)
    expires_by_labels: bool = Field(False, description=_LABELS)

    @property
    def terms(self) -> Terms:
        """What it says. Raises as `Terms`."""
        rules = tuple(each.rule for each in self.rules)
        return Terms(rules, self.cron, self.brake_percent, self.expires_by_labels)


class PolicyView(BaseModel):
    """A policy."""

    rules: list[RuleView]
    cron: str = Field(description=_CRON)
    brake_percent: int = Field(description=_BRAKE)
    expires_by_labels: bool = Field(description=_LABELS)
    changed_at: Moment
    changed_by: str = Field(examples=["user:admin"])

    @classmethod
    def of(cls, policy: Policy) -> "PolicyView":
        """Show a policy."""
        terms = policy.terms
        return cls(
            rules=[RuleView.of(rule) for rule in terms.rules],
            cron=terms.cron,
            brake_percent=terms.brake_percent,
            expires_by_labels=terms.expires_by_labels,
            changed_at=policy.changed_at,
            changed_by=policy.changed_by,
        )
