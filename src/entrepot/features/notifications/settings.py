# SPDX-License-Identifier: Apache-2.0
"""The `notifications` section of the configuration."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field


class NotificationSettings(BaseModel):
    """What people hear of in the console and by mail. Where mail goes is in the section `mail`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keep_days: int = Field(90, ge=1, le=3_650, description="For how many days notifications are kept.")
    keep_each: int = Field(1_000, ge=10, le=100_000, description="How many are kept of each person: the newest.")
    mails_an_hour: int = Field(
        20,
        ge=1,
        le=1_000,
        description="How many mails a person gets in an hour at most. What is more waits and comes in one mail.",
    )
