# SPDX-License-Identifier: Apache-2.0
"""Naming as the management API shows it."""

from typing import Annotated

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import StringConstraints

from entrepot.features.artifacts import ArtifactType
from entrepot.features.naming.evaluate import ReadRule
from entrepot.features.naming.looking import Explained
from entrepot.features.naming.looking import Fault
from entrepot.features.naming.looking import Unfit
from entrepot.features.naming.models import MAX_DESCRIPTION_CHARACTERS
from entrepot.features.naming.models import MAX_PATTERNS
from entrepot.features.naming.models import Rule
from entrepot.infra.http.schemas import GivenRevision
from entrepot.infra.http.schemas import Revised
from entrepot.oci.digest import is_ordinary_tag
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


class UnfitView(BaseModel):
    """Something that is there, and would be refused if it were pushed anew. It stays as it is."""

    repository: str = Field(examples=["team/app"])
    tag: str | None = Field(description="Null where it is about the name of the repository.", examples=["nightly"])
    fault: Fault = Field(
        description="What is not as the rule wants it: the `repository`'s name, the `tag`, the `type`."
    )
    type: ArtifactType | None = Field(description="What the tag points at, where that is the fault.")

    @classmethod
    def of(cls, unfit: Unfit) -> "UnfitView":
        """Show it."""
        place = unfit.place
        return cls(repository=place.repository, tag=place.tag or None, fault=unfit.fault, type=unfit.type)


class UnfitList(BaseModel):
    """What a rule would refuse. A page may hold fewer than were asked for, and be followed by another."""

    items: list[UnfitView]


class CountingRule(BaseModel):
    """A rule that is about a repository, and what it says."""

    project: str | None = Field(description="Whose it is; null for the registry.", examples=["team"])
    number: int = Field(description="Which one of them it is, from 1.")
    rule: NamingRule
    allows_repository: bool = Field(description="Whether a new repository may be called so.")
    allows_tag: bool | None = Field(description="Whether a new tag may be called so; null where none was asked about.")

    @classmethod
    def of(cls, read: ReadRule, repository: str, tag: str | None) -> "CountingRule":
        """Show a rule."""
        return cls(
            project=read.project or None,
            number=read.number,
            rule=NamingRule.of(read.rule),
            allows_repository=read.allows_repository(repository),
            allows_tag=None if tag is None else read.allows_tag(tag) or not is_ordinary_tag(tag),
        )


class NamingExplained(BaseModel):
    """What rules say to the name of a repository, and of a tag in it."""

    repository: str
    tag: str | None
    is_repository_there: bool = Field(description="Then its name is not asked about.")
    is_tag_there: bool = Field(description="Then its name is not asked about.")
    rules: list[CountingRule] = Field(description="Those that are about the repository; all of them count.")
    refusals: list[str] = Field(description="What whoever pushes it is told; empty where it may be pushed.")
    types: list[ArtifactType] = Field(description="What may be pushed there.")

    @classmethod
    def of(cls, repository: str, tag: str | None, explained: Explained) -> "NamingExplained":
        """Show what rules say."""
        return cls(
            repository=repository,
            tag=tag,
            is_repository_there=explained.is_repository_there,
            is_tag_there=explained.is_tag_there,
            rules=[CountingRule.of(each, repository, tag) for each in explained.rules],
            refusals=list(explained.refusals),
            types=sorted(explained.types),
        )
