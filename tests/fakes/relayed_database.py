# SPDX-License-Identifier: Apache-2.0
"""A database that does what another one does, for fakes that differ in something."""

from collections.abc import Callable
from collections.abc import Iterator
from typing import Concatenate

from sqlalchemy import Connection

from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import P
from entrepot.infra.database.engine import T
from entrepot.infra.telemetry.metrics import Measurement


class RelayedDatabase(Database):
    """Hands everything on to a real database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @property
    def engine_name(self) -> str:
        """See `Database`."""
        return self.database.engine_name

    @property
    def address(self) -> str:
        """See `Database`."""
        return self.database.address

    async def read(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Database`."""
        return await self.database.read(work, *args, **kwargs)

    async def snapshot(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Database`."""
        return await self.database.snapshot(work, *args, **kwargs)

    async def survey(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Database`."""
        return await self.database.survey(work, *args, **kwargs)

    async def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Database`."""
        return await self.database.write(work, *args, **kwargs)

    def snapshot_now(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Database`."""
        return self.database.snapshot_now(work, *args, **kwargs)

    def write_now(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Database`."""
        return self.database.write_now(work, *args, **kwargs)

    def change_schema(self, work: Callable[[Connection], T]) -> T:
        """See `Database`."""
        return self.database.change_schema(work)

    def measure(self) -> Iterator[Measurement]:
        """See `Database`."""
        return self.database.measure()

    def close(self) -> None:
        """See `Database`."""
        self.database.close()
