# SPDX-License-Identifier: Apache-2.0
"""Groups and their members as the management API shows them."""

from typing import Annotated

from fastapi import Path
from fastapi import Query
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.groups.models import Group
from entrepot.features.groups.models import Membership
from entrepot.features.groups.service import MAX_DESCRIPTION_CHARACTERS
from entrepot.infra.http.schemas import Moment

_NAME = "1 to 128 of `a-z`, `0-9`, `.`, `_` and `-`, beginning with a letter or a digit."
_DESCRIPTION = "What it is for, in one line."
_MEMBER = "`user:<name>`, `group:<name>`, `robot:<name>` or `workload:<name>`; a name alone is a user's."

MemberPath = Annotated[str, Path(description=_MEMBER, examples=["user:alice"])]
MemberQuery = Annotated[
    str, Query(description=f"Only the groups that somebody is in directly. {_MEMBER}", examples=["user:alice"])
]


class GroupView(BaseModel):
    """A group."""

    name: str = Field(examples=["developers"])
    description: str = Field(description=_DESCRIPTION, examples=["Everybody who builds the shop"])
    provider: str | None = Field(description="The identity provider that decides who is in it; null if that is you.")
    created_at: Moment
    created_by: str = Field(examples=["user:admin"])

    @classmethod
    def of(cls, group: Group) -> "GroupView":
        """Show a group."""
        return cls(
            name=group.name,
            description=group.description,
            provider=group.provider,
            created_at=group.created_at,
            created_by=group.created_by,
        )


class GroupList(BaseModel):
    """Groups, by name."""

    items: list[GroupView]


class NewGroup(BaseModel):
    """The group to make."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description=_NAME, examples=["developers"])
    description: str = Field("", max_length=MAX_DESCRIPTION_CHARACTERS, description=_DESCRIPTION)


class GroupChange(BaseModel):
    """What to change of a group."""

    model_config = ConfigDict(extra="forbid")

    description: str = Field(max_length=MAX_DESCRIPTION_CHARACTERS, description=_DESCRIPTION)


class GroupMemberView(BaseModel):
    """Somebody who is in a group directly."""

    member: str = Field(description=_MEMBER, examples=["user:alice"])
    created_at: Moment = Field(description="When they were put into it.")
    created_by: str = Field(examples=["user:admin"])

    @classmethod
    def of(cls, membership: Membership) -> "GroupMemberView":
        """Show that somebody is in a group."""
        return cls(member=membership.member, created_at=membership.created_at, created_by=membership.created_by)


class GroupMemberList(BaseModel):
    """Those who are in a group directly, by kind and name."""

    items: list[GroupMemberView]
