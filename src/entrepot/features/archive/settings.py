# SPDX-License-Identifier: Apache-2.0
"""The `archive` section of the configuration."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field


class ArchiveSettings(BaseModel):
    """What is written beside the bytes, so that a lost database can be rebuilt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = Field(
        True,
        description="Write every change of the database, some seconds later, to the folder `meta` of the storage, "
        "from which `entrepot rebuild` makes a new database.",
    )
