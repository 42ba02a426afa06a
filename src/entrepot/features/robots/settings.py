# SPDX-License-Identifier: Apache-2.0
"""The `robots` section of the configuration."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.tokens import DEFAULT_DAYS
from entrepot.features.tokens import MAX_DAYS


class RobotSettings(BaseModel):
    """For how long the secrets of robots are good."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    longest_days: int | None = Field(
        None,
        ge=1,
        le=MAX_DAYS,
        description="For how many days a secret may be good, at most; if not set, one may be made that never expires.",
    )
    default_days: int = Field(
        DEFAULT_DAYS,
        ge=1,
        le=MAX_DAYS,
        description="For how many days a secret is good if nothing else is asked for; longest_days, if that is less.",
    )
    warn_days: int = Field(
        14, ge=0, le=MAX_DAYS, description="How many days before a secret expires that is told; 0: it is not."
    )
