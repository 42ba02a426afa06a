# SPDX-License-Identifier: Apache-2.0
"""The `audit` section of the configuration."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.audit.models import Pulls


class AuditSettings(BaseModel):
    """What is recorded of who did what, and for how long."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pulls: Pulls = Field(
        Pulls.AGGREGATED,
        description="What is recorded of pulls: `aggregated`, the first of each client, tag and digest in an hour at "
        "once and the number of the others when the hour is over; `each`, every one; `off`, none. No pull waits.",
    )
    keep_days: int = Field(
        400,
        ge=1,
        le=36_500,
        description="For how many days records are kept. They go a month at a time, once the last of it is that old "
        "and no hold is on it.",
    )
