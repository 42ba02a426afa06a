# SPDX-License-Identifier: Apache-2.0
"""Decisions as the management API shows them."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel
from pydantic import Field

from entrepot.kernel.access import Action

ActionQuery = Annotated[Action, Query(description="What is to be done.")]
RepositoryQuery = Annotated[
    str, Query(description="The name of a repository, whether it exists or not.", examples=["team/app"])
]


class Decision(BaseModel):
    """Whether the caller may do something in a repository, and why."""

    principal: str = Field(examples=["user:alice"])
    action: Action
    repository: str = Field(examples=["team/app"])
    allowed: bool
    because: str = Field(examples=["alice has the role write on team/**"])
