# SPDX-License-Identifier: Apache-2.0
"""Projects as the management API shows them."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.projects.models import Cause
from entrepot.features.projects.models import Project
from entrepot.features.projects.models import Visibility
from entrepot.infra.http.schemas import Moment

_VISIBILITY = (
    "Who may pull: `public` everybody, without logging in too; `internal` everybody who is logged in; "
    "`private` those with a grant."
)


class ProjectView(BaseModel):
    """A project."""

    name: str = Field(description="The first segment of its repositories' names.", examples=["team"])
    visibility: Visibility = Field(description=_VISIBILITY)
    created_at: Moment
    created_by: str = Field(examples=["user:admin"])
    cause: Cause = Field(description="Why it exists: somebody asked for it (`request`), or pushed into it (`push`).")

    @classmethod
    def of(cls, project: Project) -> "ProjectView":
        """Show a project."""
        return cls(
            name=project.name,
            visibility=project.visibility,
            created_at=project.created_at,
            created_by=project.created_by,
            cause=project.cause,
        )


class ProjectList(BaseModel):
    """Projects, by name."""

    items: list[ProjectView]


class NewProject(BaseModel):
    """The project to make."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="What names of its repositories begin with.", examples=["team"])
    visibility: Visibility | None = Field(
        None, description=f"{_VISIBILITY} If left out, what a template for the name says, or `private`."
    )


class ProjectChange(BaseModel):
    """What to change of a project."""

    model_config = ConfigDict(extra="forbid")

    visibility: Visibility = Field(description=_VISIBILITY)
