# SPDX-License-Identifier: Apache-2.0
"""When a tag goes, as the management API shows it."""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.retention.expiry import Source
from entrepot.features.retention.expiry import ToldExpiry
from entrepot.infra.http.schemas import GivenMoment
from entrepot.infra.http.schemas import Moment

_GIVEN = "Rules to try: they count with those of the policies that keep. Null for the policies that are set."
_CONFIRMED = "How many deletions the plan names, for one that has a `reason` to be looked at."
_SIZE = "What the artifacts have; at most so many bytes are freed, as others may need some of them."
_FREED = "Of objects that nothing needs once the plan is carried out and the bin is emptied; null while it is made."

PlanPath = Annotated[str, Path(description="The id of a plan.", pattern=r"^[0-9A-HJKMNP-TV-Z]{26}$")]


class ExpiryRequest(BaseModel):
    """When a tag is to go."""

    model_config = ConfigDict(extra="forbid")

    expires_at: GivenMoment | None = Field(description="Null for never, whatever its artifact says.")


class ExpiryView(BaseModel):
    """When a tag goes. What rules keep, and what is held, stays all the same."""

    expires_at: Moment | None = Field(description="Null for never.")
    source: Source = Field(description="Who says so: somebody, its artifact by a label or annotation, or nobody.")
    set_by: str | None = Field(examples=["user:admin"])
    set_at: Moment | None

    @classmethod
    def of(cls, told: ToldExpiry) -> "ExpiryView":
        """Show it."""
        said = told.said
        return cls(
            expires_at=told.expires_at,
            source=told.source,
            set_by=said.set_by if said else None,
            set_at=said.set_at if said else None,
        )
