# SPDX-License-Identifier: Apache-2.0
"""Modes as the management API shows them."""

from enum import StrEnum

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.modes.service import ShownMode
from entrepot.infra.http.schemas import Moment
from entrepot.registry.mode_changes import MAX_REASON_CHARACTERS
from entrepot.registry.store.modes import Mode

_MODE = (
    "`rw` lets everything happen, `no-delete` nothing be deleted, `read-only` nothing be changed, and "
    "`maintenance` nothing be pulled either, but by administrators of the registry."
)
_REASON = "Why, in one line; everybody who is refused is told."


class ModeScope(StrEnum):
    """What a mode was set for."""

    INSTANCE = "instance"
    PROJECT = "project"


class ModeInForce(BaseModel):
    """The mode that counts: the stricter one of the registry and the project."""

    mode: Mode = Field(description=_MODE)
    reason: str = Field(description=_REASON)
    scope: ModeScope = Field(description="Whether it is that of the whole registry, or of the project.")


class ModeView(BaseModel):
    """The mode of the registry, or of a project."""

    mode: Mode = Field(description=_MODE)
    reason: str = Field(description=_REASON, examples=["The storage is moved until 14:00 UTC"])
    set_by: str | None = Field(description="Who set it; null for `rw`.", examples=["user:admin"])
    set_at: Moment | None = Field(description="When; null for `rw`.")
    in_force: ModeInForce

    @classmethod
    def of(cls, shown: ShownMode) -> "ModeView":
        """Show a mode."""
        own, counts = shown.own, shown.in_force
        return cls(
            mode=own.mode if own else Mode.RW,
            reason=own.reason if own else "",
            set_by=own.set_by if own else None,
            set_at=own.set_at if own else None,
            in_force=ModeInForce(
                mode=counts.mode if counts else Mode.RW,
                reason=counts.reason if counts else "",
                scope=ModeScope.PROJECT if counts and counts.scope else ModeScope.INSTANCE,
            ),
        )


class ModeRequest(BaseModel):
    """The mode to set."""

    model_config = ConfigDict(extra="forbid")

    mode: Mode = Field(description=_MODE)
    reason: str = Field("", description=_REASON, max_length=MAX_REASON_CHARACTERS)
