# SPDX-License-Identifier: Apache-2.0
"""A database that goes away exactly when a test tells it to."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Concatenate
from typing import ParamSpec
from typing import TypeVar

from sqlalchemy import Connection

from entrepot.infra.database.engine import DatabaseUnavailable
from tests.builders.databases import a_database
from tests.fakes.relayed_database import RelayedDatabase

P = ParamSpec("P")
T = TypeVar("T")


class Mood(StrEnum):
    """What becomes of a write."""

    WELL = "it is done"
    AWAY = "it is not done, and fails"
    ANSWER_LOST = "it is done, and fails"


class FlakyDatabase(RelayedDatabase):
    """The database of a folder; its writes fail according to its `mood`."""

    def __init__(self, folder: Path) -> None:
        super().__init__(a_database(folder))
        self.mood = Mood.WELL

    async def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Write, or fail."""
        self._refuse_when(Mood.AWAY)
        result = await super().write(work, *args, **kwargs)
        self._refuse_when(Mood.ANSWER_LOST)
        return result

    def _refuse_when(self, mood: Mood) -> None:
        if self.mood is mood:
            raise DatabaseUnavailable("the database went away")
