# SPDX-License-Identifier: Apache-2.0
"""A database that is away while a test says so, and counts what it is asked."""

from collections.abc import Callable
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


class CutDatabase(RelayedDatabase):
    """The database of a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(a_database(folder))
        self.is_away = False
        self.reads = 0

    async def read(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read, unless it is away."""
        self.reads += 1
        self._require_there()
        return await super().read(work, *args, **kwargs)

    async def snapshot(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read, unless it is away."""
        self._require_there()
        return await super().snapshot(work, *args, **kwargs)

    async def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Write, unless it is away."""
        self._require_there()
        return await super().write(work, *args, **kwargs)

    def _require_there(self) -> None:
        if self.is_away:
            raise DatabaseUnavailable
