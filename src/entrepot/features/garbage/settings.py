# SPDX-License-Identifier: Apache-2.0
"""The `garbage` section of the configuration."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import field_validator

from entrepot.infra.events.pacing import InvalidSchedule
from entrepot.infra.events.pacing import next_time
from entrepot.kernel.clock import Milliseconds


class GarbageSettings(BaseModel):
    """When space is given back, and how fast."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schedule: str = Field(
        "*/5 * * * *",
        description="When to collect, in UTC: minute, hour, day, month, day of the week.",
    )
    grace_minutes: int | None = Field(
        None,
        ge=0,
        le=60 * 24 * 90,
        description="How long bytes stay after nothing refers to them any more; default: what the rest of the "
        "configuration asks for, as `entrepot garbage status` explains.",
    )
    backup_hours: int = Field(
        0,
        ge=0,
        le=24 * 90,
        description="How old a backup of the database may be when it is restored without the bytes, in hours; 0: "
        "none is. Bytes stay as long, so that a restored database finds all of them.",
    )
    rows_per_second: int = Field(
        0, ge=0, le=1_000_000, description="How many rows the collector looks at in a second at most; 0: no limit."
    )
    deletes_per_second: int = Field(
        0, ge=0, le=1_000_000, description="How many objects it deletes in a second at most; 0: no limit."
    )
    rehash_mib_per_day: int = Field(
        10_240,
        ge=0,
        le=1_073_741_824,
        description="How much of what is stored is read again every day to find damage, in MiB; 0: nothing.",
    )

    @field_validator("schedule")
    @classmethod
    def _comes_round(cls, schedule: str) -> str:
        try:
            next_time(schedule, Milliseconds(0))
        except InvalidSchedule as error:
            raise ValueError(error.message) from None
        return schedule
