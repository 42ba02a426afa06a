# SPDX-License-Identifier: Apache-2.0
"""The `usage` section of the configuration."""

from typing import Annotated

from pydantic import BaseModel
from pydantic import ConfigDict
from pydantic import Field
from pydantic import StringConstraints

MAX_IGNORED = 1_000

Identity = Annotated[str, StringConstraints(pattern=r"^(user|robot|workload):\S{1,255}$")]


class UsageSettings(BaseModel):
    """What counts as use."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ignored_principals: tuple[Identity, ...] = Field(
        (),
        max_length=MAX_IGNORED,
        description="Whose reads are not use, such as `robot:mirror` or `robot:scanner`: what only they ask for is "
        "as if nobody had. Their pulls are counted all the same.",
    )
