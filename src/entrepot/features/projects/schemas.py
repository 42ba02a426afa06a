# SPDX-License-Identifier: Apache-2.0
"""Projects as the management API shows them."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import model_validator

from entrepot.features.projects.models import Cause
from entrepot.features.projects.models import Project
from entrepot.features.projects.models import Redirects
from entrepot.features.projects.models import Visibility
from entrepot.infra.http.schemas import Moment

_VISIBILITY = (
    "Who may pull: `public` everybody, without logging in too; `internal` everybody who is logged in; "
    "`private` those with a grant."
)
_REDIRECT = (
    "Whether clients may be sent to the storage for large blobs of the project: `allowed` where the configuration "
    "says so, or `never`."
)


class ProjectView(BaseModel):
    """A project."""

    name: str = Field(description="The first segment of its repositories' names.", examples=["team"])
    visibility: Visibility = Field(description=_VISIBILITY)
    created_at: Moment
    created_by: str = Field(examples=["user:admin"])
    cause: Cause = Field(description="Why it exists: somebody asked for it (`request`), or pushed into it (`push`).")
    redirect: Redirects = Field(description=_REDIRECT)

    @classmethod
    def of(cls, project: Project) -> "ProjectView":
        """Show a project."""
        return cls(
            name=project.name,
            visibility=project.visibility,
            created_at=project.created_at,
            created_by=project.created_by,
            cause=project.cause,
            redirect=project.redirect,
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
    """What to change of a project: what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    visibility: Visibility | None = Field(None, description=_VISIBILITY)
    redirect: Redirects | None = Field(None, description=_REDIRECT)

    @model_validator(mode="after")
    def _changes_something(self) -> "ProjectChange":
        if self.visibility is None and self.redirect is None:
            raise ValueError("name the visibility, or redirect")
        return self
