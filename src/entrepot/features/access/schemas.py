# SPDX-License-Identifier: Apache-2.0
"""Decisions as the management API shows them."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel
from pydantic import Field

from entrepot.features.access.explain import Explanation
from entrepot.features.access.explain import Question
from entrepot.features.access.models import Grant
from entrepot.features.access.models import Holder
from entrepot.infra.http.schemas import Moment
from entrepot.kernel.access import Action

ActionQuery = Annotated[Action, Query(description="What is to be done.")]
RepositoryQuery = Annotated[
    str, Query(description="The name of a repository, whether it exists or not.", examples=["team/app"])
]
TagQuery = Annotated[str, Query(description="For which tag; without one, for all of them.", examples=["v1"])]
PrincipalQuery = Annotated[
    str,
    Query(
        description="About whom, such as `user:alice` or `robot:team.ci`; without it, about yourself. About others it "
        "takes the right to read accounts, or to manage members in the repository.",
        examples=["user:alice"],
    ),
]


class GrantingView(BaseModel):
    """A grant that allows something."""

    held_by: str = Field(
        description="Who was granted it: the principal, a group that it is in, `everyone:everyone` for all who are "
        "logged in, or `anonymous:anonymous`.",
        examples=["group:developers"],
    )
    role: str = Field(examples=["write"])
    path_pattern: str = Field(examples=["team/**"])
    tag_pattern: str = Field(description="Empty for all tags.", examples=[""])
    expires_at: Moment | None = Field(description="When it ends by itself; null for never.")
    opening: str = Field(
        description="The opening of break-glass access that it belongs to; empty for all others.", examples=[""]
    )

    @classmethod
    def of(cls, grant: Grant) -> "GrantingView":
        """Show a grant."""
        return cls(
            held_by=grant.held_by,
            role=grant.role,
            path_pattern=grant.path_pattern,
            tag_pattern=grant.tag_pattern,
            expires_at=grant.expires_at,
            opening=grant.opening,
        )


class Decision(BaseModel):
    """Whether somebody may do something in a repository, why, and what would help if not."""

    principal: str = Field(examples=["user:alice"])
    action: Action
    repository: str = Field(examples=["team/app"])
    tag: str = Field(examples=[""])
    allowed: bool
    because: str = Field(examples=["alice has the role write on team/**"])
    grants: list[GrantingView] = Field(description="Those that allow it, each by itself.")
    fix: str = Field(
        description="The command that would grant it, or except it from a guardrail; "
        "empty where none would, or none is needed."
    )

    @classmethod
    def of(cls, question: Question, explained: Explanation) -> "Decision":
        """Show an explanation."""
        return cls(
            principal=explained.principal.identity,
            action=question.action,
            repository=question.repository,
            tag=question.tag,
            allowed=explained.is_allowed,
            because=explained.because,
            grants=[GrantingView.of(grant) for grant in explained.grants],
            fix=explained.fix,
        )


class HolderView(BaseModel):
    """Somebody who may do something."""

    principal: str = Field(
        description="`everyone:everyone` for all who are logged in, `anonymous:anonymous` for everybody.",
        examples=["user:alice"],
    )
    grant: GrantingView | None = Field(description="By which grant; null where the project is open to them.")

    @classmethod
    def of(cls, holder: Holder) -> "HolderView":
        """Show who it is."""
        return cls(principal=holder.principal, grant=None if holder.grant is None else GrantingView.of(holder.grant))


class HolderList(BaseModel):
    """Who may do something in a repository."""

    items: list[HolderView]
    is_complete: bool = Field(description="False when there are more.")
