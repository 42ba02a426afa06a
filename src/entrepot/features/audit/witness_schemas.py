# SPDX-License-Identifier: Apache-2.0
"""What other registries leave with a witness, on the wire."""

from typing import Annotated

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.audit.models import Witnessed
from entrepot.infra.http.schemas import Moment

MAX_TOKEN_CHARACTERS = 4_096


class NewWitnessed(BaseModel):
    """Checkpoints to keep."""

    model_config = ConfigDict(extra="forbid")

    checkpoints: list[Annotated[str, Field(min_length=1, max_length=MAX_TOKEN_CHARACTERS)]] = Field(
        min_length=1, max_length=500, description="Tokens, in their order."
    )


class KeptView(BaseModel):
    """What is kept now."""

    seq: int = Field(description="The record of the last checkpoint.")


class WitnessedView(BaseModel):
    """A checkpoint of another registry."""

    origin: str = Field(description="Who left it here.", examples=["robot:_.witness"])
    seq: int
    hash: str = Field(description="That of the record, in hexadecimal, as the checkpoint says.")
    token: str
    received_at: Moment

    @classmethod
    def of(cls, witnessed: Witnessed) -> "WitnessedView":
        """Show one."""
        return cls(**{name: getattr(witnessed, name) for name in cls.model_fields})


class WitnessedList(BaseModel):
    """Checkpoints that one origin left here, oldest first."""

    items: list[WitnessedView]


class OriginView(BaseModel):
    """A registry that this one is a witness for."""

    origin: str = Field(description="Who leaves its checkpoints here.", examples=["robot:_.witness"])
    checkpoints: int
    seq: int = Field(description="The record of the last one.")
    received_at: Moment = Field(description="When that came.")
    contradicted_at: Moment | None = Field(description="When one came that contradicts another; null if none did.")
