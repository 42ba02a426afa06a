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
from entrepot.features.projects.service import AS_CONFIGURED
from entrepot.features.projects.service import Wanted
from entrepot.infra.http.schemas import Moment
from entrepot.registry.store.windows import MAX_DAYS
from entrepot.registry.store.windows import MIN_DAYS

_VISIBILITY = (
    "Who may pull: `public` everybody, without logging in too; `internal` everybody who is logged in; "
    "`private` those with a grant."
)
_REDIRECT = (
    "Whether clients may be sent to the storage for large blobs of the project: `allowed` where the configuration "
    "says so, or `never`."
)
_WINDOW = (
    "For how many days what is deleted there can be restored, counted from the deletion: 1 to 90; null for as many as "
    "`registry.undelete_days` says. A change counts for what is deleted from then on."
)


class ProjectView(BaseModel):
    """A project."""

    name: str = Field(description="The first segment of its repositories' names.", examples=["team"])
    visibility: Visibility = Field(description=_VISIBILITY)
    created_at: Moment
    created_by: str = Field(examples=["user:admin"])
    cause: Cause = Field(description="Why it exists: somebody asked for it (`request`), or pushed into it (`push`).")
    redirect: Redirects = Field(description=_REDIRECT)
    undelete_days: int | None = Field(description=_WINDOW, examples=[30])

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
            undelete_days=project.undelete_days,
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
    undelete_days: int | None = Field(None, ge=MIN_DAYS, le=MAX_DAYS, description=_WINDOW, examples=[30])

    @model_validator(mode="after")
    def _changes_something(self) -> "ProjectChange":
        if self.visibility is None and self.redirect is None and "undelete_days" not in self.model_fields_set:
            raise ValueError("name the visibility, redirect, or undelete_days")
        return self

    @property
    def wanted(self) -> Wanted:
        """What is to change."""
        is_reset = "undelete_days" in self.model_fields_set and self.undelete_days is None
        return Wanted(self.visibility, self.redirect, AS_CONFIGURED if is_reset else self.undelete_days)
