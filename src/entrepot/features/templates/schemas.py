# SPDX-License-Identifier: Apache-2.0
"""Templates as the management API shows them."""

from typing import Annotated

from fastapi import Path
from fastapi import Query
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import StringConstraints

from entrepot.features.grants import parse_grantee
from entrepot.features.projects import Visibility
from entrepot.features.templates.models import CREATOR
from entrepot.features.templates.models import EVERYTHING
from entrepot.features.templates.models import MAX_GRANTS
from entrepot.features.templates.models import Purpose
from entrepot.features.templates.models import Settings
from entrepot.features.templates.models import Template
from entrepot.features.templates.models import TemplateGrant
from entrepot.features.templates.models import TemplateTerms
from entrepot.features.templates.planning import Plan
from entrepot.features.templates.planning import PlannedGrant
from entrepot.features.templates.service import Match
from entrepot.infra.http.schemas import Moment

_NAME = "1 to 64 of a-z, 0-9 and '-', beginning with a letter."
_PURPOSE = "What it is for: new projects, or new repositories."
_PATTERN = (
    "The names it is for. Of projects one segment, such as `team-*` or `*`; of repositories a path pattern, such as "
    "`team/app-*` or `infra/**`. The most specific pattern that matches counts."
)
_VISIBILITY = "Of a project, when the one who makes it does not say; null for `private`."
_PRINCIPAL = (
    "`creator` (who makes the project, or pushes first into the repository), `user:<name>`, `group:<name>` or "
    "`robot:<name>`; a name alone is a user's."
)
_ROLE = "A built-in role: `view`, `read`, `write`, `maintain`, `admin`; or a custom one."
_PATH = "In a new project: a path pattern in it, `**` for all of it. Empty for a repository."

TemplatePath = Annotated[str, Path(description=f"The name of a template: {_NAME}", examples=["teams"])]
NameQuery = Annotated[
    str, Query(alias="name", description="The name of a project or a repository.", examples=["team-a/app"])
]
RoleName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")]


class TemplateGrantView(BaseModel):
    """A grant that something new starts with."""

    model_config = ConfigDict(extra="forbid")

    principal: str = Field(max_length=320, description=_PRINCIPAL, examples=[CREATOR])
    role: RoleName = Field(description=_ROLE, examples=["admin"])
    path: str = Field("", max_length=255, description=_PATH, examples=[EVERYTHING])

    def grant_for(self, purpose: Purpose) -> TemplateGrant:
        """Return the grant; in a project it is about all of it unless it says otherwise. Raises `PrincipalInvalid`."""
        principal = CREATOR if self.principal == CREATOR else str(parse_grantee(self.principal))
        return TemplateGrant(principal, self.role, self.path or (EVERYTHING if purpose is Purpose.PROJECT else ""))


class TemplateView(BaseModel):
    """A template."""

    name: str = Field(examples=["teams"])
    project: str | None = Field(description="Whose it is; null for the registry.")
    purpose: Purpose = Field(description=_PURPOSE)
    pattern: str = Field(description=_PATTERN, examples=["team-*"])
    visibility: Visibility | None = Field(description=_VISIBILITY)
    grants: list[TemplateGrantView]
    created_at: Moment
    created_by: str = Field(examples=["user:admin"])
    changed_at: Moment
    changed_by: str = Field(examples=["user:admin"])

    @classmethod
    def of(cls, template: Template) -> "TemplateView":
        """Show a template."""
        terms = template.terms
        return cls(
            name=template.name,
            project=template.project or None,
            purpose=terms.purpose,
            pattern=terms.pattern,
            visibility=terms.settings.visibility,
            grants=[
                TemplateGrantView(principal=each.principal, role=each.role, path=each.path) for each in terms.grants
            ],
            created_at=template.created_at,
            created_by=template.created_by,
            changed_at=template.changed_at,
            changed_by=template.changed_by,
        )


class TemplateList(BaseModel):
    """Templates, by name."""

    items: list[TemplateView]


class WantedTemplate(BaseModel):
    """What a template is to say, all of it."""

    model_config = ConfigDict(extra="forbid")

    purpose: Purpose = Field(description=_PURPOSE)
    pattern: str = Field(description=_PATTERN, examples=["team-*"])
    visibility: Visibility | None = Field(None, description=_VISIBILITY)
    grants: list[TemplateGrantView] = Field([], max_length=MAX_GRANTS)

    @property
    def terms(self) -> TemplateTerms:
        """What the template says. Raises as `TemplateTerms`."""
        grants = tuple(each.grant_for(self.purpose) for each in self.grants)
        return TemplateTerms(self.purpose, self.pattern, Settings(visibility=self.visibility), grants)


class StartingGrant(BaseModel):
    """A grant that something of the name would start with."""

    principal: str = Field(examples=["group:developers"])
    role: str = Field(examples=["write"])
    path_pattern: str = Field(examples=["team-a/**"])
    obstacle: str = Field(description="Why it would be left out; empty if it would be given.")

    @classmethod
    def of(cls, planned: PlannedGrant) -> "StartingGrant":
        """Show a grant."""
        return cls(
            principal=planned.principal,
            role=planned.role,
            path_pattern=planned.path_pattern,
            obstacle=planned.obstacle,
        )


class StartView(BaseModel):
    """What something of the name would start with, and by which template."""

    template: str
    of_project: str | None = Field(description="Whose the template is; null for the registry.")
    pattern: str
    visibility: Visibility | None = Field(description="Of a project, when nobody says; null for `private`.")
    visibility_obstacle: str = Field(description="Why it would be private all the same; empty if it would not.")
    grants: list[StartingGrant]

    @classmethod
    def of(cls, plan: Plan | None) -> "StartView | None":
        """Show what a template gives, None where none is for it."""
        if plan is None:
            return None
        return cls(
            template=plan.template.name,
            of_project=plan.template.project or None,
            pattern=plan.template.terms.pattern,
            visibility=plan.visibility,
            visibility_obstacle=plan.visibility_obstacle,
            grants=[StartingGrant.of(each) for each in plan.grants],
        )


class MatchView(BaseModel):
    """What would start with what if it were made now."""

    project: StartView | None = Field(description="The project; null if no template is for it.")
    repository: StartView | None = Field(description="The repository; null if no template is for it.")

    @classmethod
    def of(cls, match: Match) -> "MatchView":
        """Show both."""
        return cls(project=StartView.of(match.project), repository=StartView.of(match.repository))
