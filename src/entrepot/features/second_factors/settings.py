# SPDX-License-Identifier: Apache-2.0
"""The `second_factors` section of the configuration."""

from typing import Literal

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field

from entrepot.features.roles import Role

ADMINISTRATORS: Literal["administrators"] = "administrators"
EVERYONE: Literal["everyone"] = "everyone"


class SecondFactorSettings(BaseModel):
    """What people prove beside their password."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    required_for: tuple[Literal["administrators", "everyone"] | Role, ...] = Field(
        (),
        description="Who has to have a second factor: administrators of the registry, everyone with a local account, "
        "or whoever was granted a role, or one that allows more, anywhere.",
    )
