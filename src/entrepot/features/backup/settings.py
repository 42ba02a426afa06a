# SPDX-License-Identifier: Apache-2.0
"""The `backup` section of the configuration."""

from pathlib import Path

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import field_validator
from pydantic import model_validator

from entrepot.infra.events.pacing import InvalidSchedule
from entrepot.infra.events.pacing import next_time
from entrepot.kernel.clock import Milliseconds

MAX_KEEP_DAYS = 3_650
MAX_KEPT = 1_000


class BackupSettings(BaseModel):
    """When backups are taken by themselves, where they go, and how long they are kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schedule: str = Field(
        "",
        description="When to take a backup, in UTC: minute, hour, day, month, day of the week, such as `0 3 * * *`; "
        "empty: never by itself.",
    )
    folder: Path | None = Field(
        None,
        description="The folder that backups go to, on another disk than the data. Any node takes them: with several, "
        "one that all of them reach. Without it the server takes none.",
    )
    keep_days: int = Field(
        30,
        ge=1,
        le=MAX_KEEP_DAYS,
        description="So many days a backup is kept, and no bytes go that it names; then its file is removed.",
    )
    keep: int = Field(
        0,
        ge=0,
        le=MAX_KEPT,
        description="How many backups of the schedule are kept at most; the oldest end before their time. 0: any "
        "number.",
    )
    with_blobs: bool = Field(
        False, description="Copy the bytes too, to the folder `blobs` in there: what is new, each time."
    )

    @field_validator("schedule")
    @classmethod
    def _comes_round(cls, schedule: str) -> str:
        try:
            if schedule:
                next_time(schedule, Milliseconds(0))
        except InvalidSchedule as error:
            raise ValueError(error.message) from None
        return schedule

    @model_validator(mode="after")
    def _has_a_folder(self) -> "BackupSettings":
        if self.schedule and self.folder is None:
            raise ValueError("backup.schedule is set, and backup.folder is not: name the folder that backups go to")
        return self
