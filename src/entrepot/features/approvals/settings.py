# SPDX-License-Identifier: Apache-2.0
"""The `approvals` section of the configuration."""

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field


class ApprovalSettings(BaseModel):
    """How long approvals are good. Which acts take one is set in the registry itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    valid_hours: int = Field(
        24, ge=1, le=168, description="For how many hours an approval can be used, once it is given."
    )
