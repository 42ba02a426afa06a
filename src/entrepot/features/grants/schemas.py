# SPDX-License-Identifier: Apache-2.0
"""Grants and members as the management API shows them."""

from typing import Annotated

from fastapi import Path
from fastapi import Query
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import StringConstraints

from entrepot.features.grants.models import StoredGrant
from entrepot.infra.http.schemas import GivenMoment
from entrepot.infra.http.schemas import Moment

_PRINCIPAL = (
    "`user:<name>`, `group:<name>`, `robot:<name>`, `workload:<name>`, `everyone` (who is logged in) or `anonymous` "
    "(logged in or not); a name alone is a user's."
)
_PATTERN = (
    "The repositories it is about: `team/app`, `team/**` for all of a project, `**` for everything; "
    "`SYSTEM` for the registry as a whole."
)
_TAG_PATTERN = "The tags that the role allows to set and delete, such as `v*`; empty for all."
_ROLE = (
    "A built-in role, from little to much: `view`, `read`, `write`, `maintain`, `admin`; a custom one; "
    "or on `SYSTEM` `auditor`, `operator`, `witness` or `administrator`."
)
_EXPIRES_AT = "When it ends by itself; null for never."

RoleName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
GranteePath = Annotated[str, Path(description=_PRINCIPAL, examples=["user:alice"])]
GranteeQuery = Annotated[str, Query(description=_PRINCIPAL, examples=["user:alice"])]
PatternQuery = Annotated[str, Query(description=_PATTERN, examples=["team/**"])]
RoleQuery = Annotated[str, Query(description=_ROLE, examples=["write"])]
TagPatternQuery = Annotated[str, Query(description=_TAG_PATTERN, examples=["v*"])]
HeldByQuery = Annotated[str, Query(description=f"Only those of this principal. {_PRINCIPAL}")]
WithinQuery = Annotated[
    str, Query(description="Only those on this path and below it, such as `team` or `team/app`.", examples=["team"])
]


class GrantView(BaseModel):
    """A grant: a principal has a role on the repositories that match a path pattern."""

    principal: str = Field(examples=["user:alice"])
    path_pattern: str = Field(description=_PATTERN, examples=["team/**"])
    role: str = Field(description=_ROLE, examples=["write"])
    tag_pattern: str = Field(description=_TAG_PATTERN, examples=["v*"])
    expires_at: Moment | None = Field(description=_EXPIRES_AT)
    created_at: Moment
    created_by: str = Field(examples=["user:admin"])
    opening: str = Field(
        description="The opening of break-glass access that it belongs to, and ends with; empty for all others.",
        examples=[""],
    )

    @classmethod
    def of(cls, grant: StoredGrant) -> "GrantView":
        """Show a grant."""
        return cls(
            principal=grant.principal,
            path_pattern=grant.path_pattern,
            role=grant.role,
            tag_pattern=grant.tag_pattern,
            expires_at=grant.expires_at,
            created_at=grant.created_at,
            created_by=grant.created_by,
            opening=grant.opening,
        )


class GrantList(BaseModel):
    """Grants, oldest first."""

    items: list[GrantView]


class NewGrant(BaseModel):
    """The grant to give."""

    model_config = ConfigDict(extra="forbid")

    principal: str = Field(description=_PRINCIPAL, examples=["user:alice"])
    path_pattern: str = Field(description=_PATTERN, examples=["team/**"])
    role: RoleName = Field(description=_ROLE)
    tag_pattern: str = Field("", max_length=128, description=_TAG_PATTERN)
    expires_at: GivenMoment | None = Field(None, description=_EXPIRES_AT)


class MemberView(BaseModel):
    """A member: somebody with a role on all of a project."""

    principal: str = Field(examples=["user:alice"])
    role: str = Field(description=_ROLE, examples=["write"])
    expires_at: Moment | None = Field(description=_EXPIRES_AT)
    created_at: Moment
    created_by: str = Field(examples=["user:admin"])

    @classmethod
    def of(cls, grant: StoredGrant) -> "MemberView":
        """Show the grant that makes somebody a member."""
        return cls(
            principal=grant.principal,
            role=grant.role,
            expires_at=grant.expires_at,
            created_at=grant.created_at,
            created_by=grant.created_by,
        )


class MemberList(BaseModel):
    """Members of a project, oldest first."""

    items: list[MemberView]


class Membership(BaseModel):
    """The role of a member."""

    model_config = ConfigDict(extra="forbid")

    role: RoleName = Field(description=_ROLE)
    expires_at: GivenMoment | None = Field(None, description=_EXPIRES_AT)
