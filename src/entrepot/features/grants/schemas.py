# SPDX-License-Identifier: Apache-2.0
"""Grants and members as the management API shows them."""

from typing import Annotated

from fastapi import Path
from fastapi import Query
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.access import Role
from entrepot.features.grants.models import StoredGrant
from entrepot.infra.http.schemas import Moment

_PRINCIPAL = "`user:<name>` or `robot:<name>`; a name alone is a user's."
_PATTERN = "The repositories it is about: `team/app`, `team/**` for all of a project, `**` for everything."
_ROLE = "`read`: pull; `write`: pull and push; `admin`: also delete, and administer."

GranteePath = Annotated[str, Path(description=_PRINCIPAL, examples=["user:alice"])]
GranteeQuery = Annotated[str, Query(description=_PRINCIPAL, examples=["user:alice"])]
PatternQuery = Annotated[str, Query(description=_PATTERN, examples=["team/**"])]
RoleQuery = Annotated[Role, Query(description=_ROLE)]


class GrantView(BaseModel):
    """A grant: a principal has a role on the repositories that match a path pattern."""

    principal: str = Field(examples=["user:alice"])
    path_pattern: str = Field(description=_PATTERN, examples=["team/**"])
    role: str = Field(description=_ROLE, examples=["write"])
    created_at: Moment
    created_by: str = Field(examples=["user:admin"])

    @classmethod
    def of(cls, grant: StoredGrant) -> "GrantView":
        """Show a grant."""
        return cls(
            principal=grant.principal,
            path_pattern=grant.path_pattern,
            role=grant.role,
            created_at=grant.created_at,
            created_by=grant.created_by,
        )


class GrantList(BaseModel):
    """Grants, oldest first."""

    items: list[GrantView]


class NewGrant(BaseModel):
    """The grant to give."""

    model_config = ConfigDict(extra="forbid")

    principal: str = Field(description=_PRINCIPAL, examples=["user:alice"])
    path_pattern: str = Field(description=_PATTERN, examples=["team/**"])
    role: Role = Field(description=_ROLE)


class MemberView(BaseModel):
    """A member: somebody with a role on all of a project."""

    principal: str = Field(examples=["user:alice"])
    role: str = Field(description=_ROLE, examples=["write"])
    created_at: Moment
    created_by: str = Field(examples=["user:admin"])

    @classmethod
    def of(cls, grant: StoredGrant) -> "MemberView":
        """Show the grant that makes somebody a member."""
        return cls(principal=grant.principal, role=grant.role, created_at=grant.created_at, created_by=grant.created_by)


class MemberList(BaseModel):
    """Members of a project, oldest first."""

    items: list[MemberView]


class Membership(BaseModel):
    """The role of a member."""

    model_config = ConfigDict(extra="forbid")

    role: Role = Field(description=_ROLE)
