# SPDX-License-Identifier: Apache-2.0
"""Roles as the management API shows them."""

from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.roles.models import KnownRole
from entrepot.features.roles.models import RoleTerms
from entrepot.features.roles.service import MAX_COUNTED_GRANTS
from entrepot.features.roles.service import MAX_DESCRIPTION_CHARACTERS
from entrepot.features.roles.service import ShownRole
from entrepot.infra.http.schemas import Moment
from entrepot.kernel.access import Action
from entrepot.kernel.access import SystemAction

_NAME = "1 to 64 of a-z, 0-9 and '-', beginning with a letter."
_DESCRIPTION = "What the role is for, in one line."
_ACTIONS = "What the role lets do. What follows need not be named: `pull` lets read, `admin` lets do everything."

RolePath = Annotated[str, Path(description="The name of a role.", examples=["deployer"])]


def _no_repeats(actions: list[Action]) -> list[Action]:
    if len(set(actions)) < len(actions):
        raise ValueError("an action is named more than once")
    return actions


class RoleItem(BaseModel):
    """A role."""

    name: str = Field(examples=["deployer"])
    description: str
    is_built_in: bool = Field(description="Whether it is part of Entrepot, and always the same.")
    is_system: bool = Field(description="Whether it is given on `SYSTEM`, the registry as a whole.")
    actions: list[str] = Field(description="What it was said to let do in repositories.", examples=[["pull", "tag"]])
    allowed: list[Action] = Field(
        description="What it lets do in repositories, with what follows from `actions`; nothing at all if one of those "
        "is not known to this version."
    )
    system_actions: list[SystemAction] = Field(description="What it lets do to the registry as a whole.")
    created_at: Moment | None = Field(description="Null for a built-in role.")
    created_by: str | None = Field(description="Null for a built-in role.", examples=["user:admin"])

    @classmethod
    def of(cls, role: KnownRole) -> "RoleItem":
        """Show a role."""
        return cls(
            name=role.name,
            description=role.description,
            is_built_in=role.is_built_in,
            is_system=role.is_system,
            actions=list(role.actions),
            allowed=list(role.allowed),
            system_actions=list(role.system_actions),
            created_at=role.created_at,
            created_by=role.created_by,
        )


class RoleList(BaseModel):
    """Roles: those that are built in, from little to much, and then the others by name."""

    items: list[RoleItem]


class RoleUse(BaseModel):
    """How much a role is used."""

    grants: int = Field(
        description=f"How many grants of it there are, those that have ended too; counted up to {MAX_COUNTED_GRANTS:,}."
    )
    is_complete: bool = Field(description="False when there are more.")


class RoleView(RoleItem):
    """A role, and how much it is used."""

    use: RoleUse | None = Field(description="Null for callers who may not read accounts.")

    @classmethod
    def with_use(cls, shown: ShownRole) -> "RoleView":
        """Show a role and its use."""
        return cls(**dict(RoleItem.of(shown.role)), use=None if shown.grants is None else _use(shown.grants))


class RoleChange(BaseModel):
    """What a role is for, and what it lets do."""

    model_config = ConfigDict(extra="forbid")

    description: str = Field("", max_length=MAX_DESCRIPTION_CHARACTERS, description=_DESCRIPTION)
    actions: Annotated[list[Action], AfterValidator(_no_repeats)] = Field(
        min_length=1, description=_ACTIONS, examples=[["pull", "tag"]], json_schema_extra={"uniqueItems": True}
    )

    @property
    def terms(self) -> RoleTerms:
        """The same, in the words of the feature."""
        return RoleTerms(self.description, frozenset(self.actions))


class NewRole(RoleChange):
    """The role to make."""

    name: str = Field(description=_NAME, examples=["deployer"])


def _use(grants: int) -> RoleUse:
    return RoleUse(grants=min(grants, MAX_COUNTED_GRANTS), is_complete=grants <= MAX_COUNTED_GRANTS)
