# SPDX-License-Identifier: Apache-2.0
"""The `sessions` section of the configuration."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.sessions.models import Limits
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import MINUTE_MS


class SessionSettings(BaseModel):
    """How long browser sessions of the console last."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    idle_hours: int = Field(12, ge=1, le=720, description="A session that was not used for so long is over.")
    absolute_days: int = Field(7, ge=1, le=90, description="A session is over after so long, however much it is used.")
    recent_minutes: int = Field(
        15, ge=1, le=1_440, description="For so long after a proof of identity, dangerous acts ask for no other one."
    )

    @property
    def limits(self) -> Limits:
        """The same in milliseconds."""
        return Limits(self.idle_hours * HOUR_MS, self.absolute_days * DAY_MS, self.recent_minutes * MINUTE_MS)
