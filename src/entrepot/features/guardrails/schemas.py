# SPDX-License-Identifier: Apache-2.0
"""Guardrails as the management API shows them."""

from typing import Annotated

from fastapi import Path
from fastapi import Query
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import StringConstraints

from entrepot.features.guardrails.models import MAX_EXCEPTION_MS
from entrepot.features.guardrails.models import MAX_NAMES
from entrepot.features.guardrails.models import MAX_REASON_CHARACTERS
from entrepot.features.guardrails.models import ExceptionTerms
from entrepot.features.guardrails.models import Guardrail
from entrepot.features.guardrails.models import GuardrailException
from entrepot.features.guardrails.models import GuardrailKind
from entrepot.features.guardrails.models import GuardrailMode
from entrepot.features.guardrails.models import GuardrailTerms
from entrepot.features.guardrails.models import Options
from entrepot.features.guardrails.models import Simulated
from entrepot.features.guardrails.models import Violation
from entrepot.features.guardrails.models import Violations
from entrepot.features.guardrails.service import SetGuardrail
from entrepot.features.guardrails.service import SimulatedPage
from entrepot.features.guardrails.simulations import MAX_LISTED
from entrepot.infra.http.schemas import GivenMoment
from entrepot.infra.http.schemas import Moment
from entrepot.kernel.clock import DAY_MS

_NAME = "1 to 64 of a-z, 0-9 and '-', beginning with a letter."
_PATTERN = "Where it counts: `team/**` for all of a project, `team-*/**` for several, `**` for everything."
_KIND = (
    "`no-public`: projects are not public, and nothing is granted to anonymous. `push-by-machines`: only robots and "
    "workloads push, tag and delete. `second-factor`: people push, tag, delete and administer only with a second "
    "factor. `naming`: new repositories and tags are called as the patterns say."
)
_MODE = "`simulate` counts what would be refused; `enforce` refuses it."
_REASON = "Why, in one line; whoever is refused is told."
_INTERNAL = "With `no-public`: projects may not be internal either, nor anything be granted to everyone."
_REPOSITORIES = "With `naming`: path patterns, one of which the name of a new repository has to match."
_TAGS = "With `naming`: tag patterns, one of which a new tag has to match, such as `v*`."
_PRINCIPAL = "Whom it is for: `user:<name>`, `robot:<name>` or `workload:<name>`; empty for everybody."
_WITHIN = "Where it is for: a path pattern; empty for everywhere that the guardrail counts."

GuardrailPath = Annotated[str, Path(description="The name of a guardrail.", examples=["no-public-images"])]
ExceptionPath = Annotated[str, Path(description="The id of an exception.", max_length=64)]
SimulatedLimit = Annotated[int, Query(ge=1, le=MAX_LISTED, description="How many entries are returned at most.")]
RepositoryPattern = Annotated[str, StringConstraints(min_length=1, max_length=255)]
TagPattern = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class GuardrailView(BaseModel):
    """A guardrail."""

    name: str = Field(examples=["no-public-images"])
    path_pattern: str = Field(description=_PATTERN, examples=["team/**"])
    kind: GuardrailKind = Field(description=_KIND)
    mode: GuardrailMode = Field(description=_MODE)
    reason: str = Field(description=_REASON)
    includes_internal: bool = Field(description=_INTERNAL)
    repositories: list[str] = Field(description=_REPOSITORIES)
    tags: list[str] = Field(description=_TAGS)
    created_at: Moment
    created_by: str = Field(examples=["user:admin"])
    changed_at: Moment
    changed_by: str = Field(examples=["user:admin"])

    @classmethod
    def of(cls, guardrail: Guardrail) -> "GuardrailView":
        """Show a guardrail."""
        options = guardrail.terms.options
        return cls(
            name=guardrail.name,
            path_pattern=guardrail.terms.path_pattern,
            kind=guardrail.terms.kind,
            mode=guardrail.mode,
            reason=guardrail.reason,
            includes_internal=options.includes_internal,
            repositories=list(options.repositories),
            tags=list(options.tags),
            created_at=guardrail.created_at,
            created_by=guardrail.created_by,
            changed_at=guardrail.changed_at,
            changed_by=guardrail.changed_by,
        )


class GuardrailList(BaseModel):
    """Guardrails, by name."""

    items: list[GuardrailView]


class ViolationView(BaseModel):
    """Something that is there, and that the guardrail would not let come about."""

    object: str = Field(description="As `kind:name`.", examples=["project:team"])
    what: str = Field(description="What is wrong with it.", examples=["is public"])

    @classmethod
    def of(cls, violation: Violation) -> "ViolationView":
        """Show a violation."""
        return cls(object=violation.object, what=violation.what)


class ViolationList(BaseModel):
    """What violates a guardrail at this moment. Exceptions do not."""

    items: list[ViolationView] = Field(description="At most 100.")
    is_complete: bool = Field(description="False when there may be more.")

    @classmethod
    def of(cls, violations: Violations) -> "ViolationList":
        """Show violations."""
        return cls(items=[ViolationView.of(each) for each in violations.found], is_complete=violations.is_complete)


class GuardrailSet(BaseModel):
    """A guardrail that was set or changed, and what violates it at that moment. What is there stays as it is."""

    guardrail: GuardrailView
    violations: ViolationList

    @classmethod
    def of(cls, done: SetGuardrail) -> "GuardrailSet":
        """Show what was done."""
        return cls(guardrail=GuardrailView.of(done.guardrail), violations=ViolationList.of(done.violations))


class PreviewRequest(BaseModel):
    """The guardrail to look for violations of."""

    model_config = ConfigDict(extra="forbid")

    path_pattern: str = Field(description=_PATTERN, examples=["team/**"])
    kind: GuardrailKind = Field(description=_KIND)
    includes_internal: bool = Field(False, description=_INTERNAL)
    repositories: list[RepositoryPattern] = Field([], max_length=MAX_NAMES, description=_REPOSITORIES)
    tags: list[TagPattern] = Field([], max_length=MAX_NAMES, description=_TAGS)

    @property
    def terms(self) -> GuardrailTerms:
        """What the guardrail says. Raises as `GuardrailTerms`."""
        options = Options(self.includes_internal, tuple(self.repositories), tuple(self.tags))
        return GuardrailTerms(self.path_pattern, self.kind, options)


class NewGuardrail(PreviewRequest):
    """The guardrail to set."""

    name: str = Field(description=_NAME, examples=["no-public-images"])
    mode: GuardrailMode = Field(description=_MODE)
    reason: str = Field("", max_length=MAX_REASON_CHARACTERS, description=_REASON)


class GuardrailChange(BaseModel):
    """What to change of a guardrail; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    mode: GuardrailMode | None = Field(None, description=_MODE)
    reason: str | None = Field(None, max_length=MAX_REASON_CHARACTERS, description=_REASON)


class SimulatedItem(BaseModel):
    """What the guardrail would have refused, and how often."""

    principal: str = Field(examples=["user:alice"])
    action: str = Field(description="`push`, `tag`, `delete`, `open`, `grant` or `administer`.", examples=["push"])
    place: str = Field(description="A repository, with a tag if it is about one; a project; or a path pattern.")
    count: int = Field(description="How often.")
    first_at: Moment
    last_at: Moment

    @classmethod
    def of(cls, simulated: Simulated) -> "SimulatedItem":
        """Show an entry."""
        return cls(
            principal=simulated.principal,
            action=simulated.deed,
            place=simulated.place,
            count=simulated.count,
            first_at=simulated.first_at,
            last_at=simulated.last_at,
        )


class SimulatedList(BaseModel):
    """What a guardrail would have refused, what happened last first. Forgotten 90 days after it last happened."""

    items: list[SimulatedItem]
    others: int = Field(description=f"How often more than the {MAX_LISTED:,} that are listed would have been refused.")

    @classmethod
    def of(cls, page: SimulatedPage) -> "SimulatedList":
        """Show what was counted."""
        return cls(items=[SimulatedItem.of(each) for each in page.listed], others=page.others)


class ExceptionView(BaseModel):
    """An exception from a guardrail."""

    id: str
    path_pattern: str = Field(description=_WITHIN, examples=["team/legacy/**"])
    principal: str = Field(description=_PRINCIPAL, examples=["user:alice"])
    reason: str
    expires_at: Moment = Field(description="When it ends by itself.")
    created_at: Moment
    created_by: str = Field(examples=["user:admin"])

    @classmethod
    def of(cls, given: GuardrailException) -> "ExceptionView":
        """Show an exception."""
        return cls(
            id=given.id,
            path_pattern=given.terms.path_pattern,
            principal=given.terms.principal,
            reason=given.terms.reason,
            expires_at=given.terms.expires_at,
            created_at=given.created_at,
            created_by=given.created_by,
        )


class ExceptionList(BaseModel):
    """Exceptions from a guardrail, oldest first; those that ended in the last 30 days too."""

    items: list[ExceptionView]


class NewException(BaseModel):
    """The exception to give."""

    model_config = ConfigDict(extra="forbid")

    path_pattern: str = Field("", description=_WITHIN, examples=["team/legacy/**"])
    principal: str = Field("", max_length=320, description=_PRINCIPAL, examples=["user:alice"])
    reason: str = Field(min_length=1, max_length=MAX_REASON_CHARACTERS, description="What it is for, in one line.")
    expires_at: GivenMoment = Field(description=f"When it ends: within {MAX_EXCEPTION_MS // DAY_MS} days.")

    @property
    def terms(self) -> ExceptionTerms:
        """What the exception is for. Raises as `ExceptionTerms`."""
        return ExceptionTerms(self.path_pattern, self.principal, self.reason, self.expires_at)
