# SPDX-License-Identifier: Apache-2.0
"""Naming as the management API shows it."""

from typing import Annotated

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import StringConstraints

from entrepot.features.artifacts import ArtifactType
from entrepot.features.naming.models import MAX_DESCRIPTION_CHARACTERS
from entrepot.features.naming.models import MAX_PATTERNS
from entrepot.features.naming.models import Rule
from entrepot.infra.http.schemas import GivenRevision
from entrepot.infra.http.schemas import Revised
from entrepot.registry.rule_book_keeping import MAX_RULES
from entrepot.registry.rule_book_keeping import RuleList

_REPOSITORIES = "The repositories it is about: `team/app`, `team/*`, or `team/**` for a project and all that is in it."
_NAMES = "Path patterns, one of which the whole name of a new repository has to match; none for any name."
_TAGS = "Tag patterns, one of which a new tag has to match; none for any tag."
_TYPES = "What may be pushed; none for anything. What is attached to an artifact, as signatures are, always may."

RepositoryPattern = Annotated[str, StringConstraints(min_length=1, max_length=255)]
TagPattern = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class NamingRule(BaseModel):
    """A rule about what is new, and what is pushed."""

    model_config = ConfigDict(extra="forbid")

    repositories: RepositoryPattern = Field(description=_REPOSITORIES, examples=["team/**"])
    names: list[RepositoryPattern] = Field([], max_length=MAX_PATTERNS, description=_NAMES, examples=[["team/*-svc"]])
    tags: list[TagPattern] = Field([], max_length=MAX_PATTERNS, description=_TAGS, examples=[["v*", "main"]])
    artifact_types: list[ArtifactType] = Field([], max_length=len(ArtifactType), description=_TYPES)
    description: str = Field("", max_length=MAX_DESCRIPTION_CHARACTERS, description="What it is for, in one line.")

    @classmethod
    def of(cls, rule: Rule) -> "NamingRule":
        """Show a rule."""
        return cls(
            repositories=rule.repositories,
            names=list(rule.names),
            tags=list(rule.tags),
            artifact_types=list(rule.artifact_types),
            description=rule.description,
        )

    @property
    def rule(self) -> Rule:
        """The rule. Raises as `Rule`."""
        kinds = tuple(dict.fromkeys(self.artifact_types))
        return Rule(self.repositories, tuple(self.names), tuple(self.tags), kinds, self.description)


class NamingView(Revised):
    """The rules of the registry or of a project; all that are about a repository count."""

    rules: list[NamingRule]

    @classmethod
    def of(cls, listed: RuleList[Rule]) -> "NamingView":
        """Show rules."""
        is_set = bool(listed.changed_by)
        return cls(
            rules=[NamingRule.of(each) for each in listed.rules],
            revision=listed.revision,
            changed_at=listed.changed_at if is_set else None,
            changed_by=listed.changed_by if is_set else None,
        )


class NamingRequest(BaseModel):
    """The rules to put in the place of those that there are."""

    model_config = ConfigDict(extra="forbid")

    rules: list[NamingRule] = Field(max_length=MAX_RULES)
    revision: GivenRevision = None
