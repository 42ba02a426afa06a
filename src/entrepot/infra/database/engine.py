# SPDX-License-Identifier: Apache-2.0
"""Reading and writing the database from asynchronous code, whichever engine it runs on.

Store functions are plain functions whose first parameter is a SQLAlchemy
connection; a `Database` decides where and in what transaction one runs. On
every engine the effect of writing functions is that of running them one after
another, and one that raises undoes only itself. Each is `infra/database/sqlite.py`
or `infra/database/postgresql.py`.
"""

import sqlite3
from abc import ABC
from abc import abstractmethod
from collections.abc import Callable
from collections.abc import Iterator
from typing import Concatenate
from typing import ParamSpec
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError
from sqlalchemy.exc import InterfaceError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from entrepot.infra.telemetry.metrics import Histogram
from entrepot.infra.telemetry.metrics import Kind
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.infra.telemetry.metrics import Metric
from entrepot.kernel.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")

WAITING = Metric("entrepot_database_writes_waiting", "Writes that wait for the writer.", Kind.GAUGE)
DURATION = Metric(
    "entrepot_database_write_seconds",
    "Time from asking for a write until it was durable, or undone.",
    Kind.HISTOGRAM,
    bounds=(0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0),
)

AWAY_STATES = ("53", "57", "58", "08", "25006")
"""What an SQLSTATE begins with that says that the server is away, stopping, out of means, or a standby that takes no
writes (PostgreSQL, appendix A)."""


class DatabaseUnavailable(Unavailable):
    """The database does not answer."""

    code = "database_unavailable"


class _AsUnavailable:
    """Turns what a driver raises when it cannot get at the data into `DatabaseUnavailable`."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, Exception) and _is_away(error):
            raise DatabaseUnavailable(f"the database does not answer: {getattr(error, 'orig', error)}") from error


as_unavailable = _AsUnavailable()


class Database(ABC):
    """One database, shared by any number of tasks, threads and processes."""

    @property
    @abstractmethod
    def engine_name(self) -> str:
        """The engine it runs on: `sqlite` or `postgresql`."""

    @property
    @abstractmethod
    def address(self) -> str:
        """Where it is, without secrets, as a person wants to read it."""

    @abstractmethod
    async def read(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a reading function of one statement; it sees everything committed before it.

        Raises `DatabaseUnavailable`.
        """

    @abstractmethod
    async def snapshot(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a reading function of several statements, all on one state of the database.

        Raises `DatabaseUnavailable`.
        """

    @abstractmethod
    async def survey(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what `snapshot` does for a function that takes long, without holding up the event loop meanwhile."""

    @abstractmethod
    async def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a writing function in a transaction and return its result once that is durable.

        Whatever it raises is raised here, after its writes were undone. It may be
        run more than once, when another transaction got in its way: it changes
        nothing but the database. It does not run in the caller's thread. A cancelled
        caller does not undo the write. Raises `DatabaseUnavailable`.
        """

    async def write_locked(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what `write` does, for a function that locks what it relies on before it reads it.

        Where several write at once, such functions wait for each other; others that
        got in each other's way are undone and run again, which is dear where that is
        the rule. What the function does not lock may be changed by others between two of its statements.
        """
        return await self.write(work, *args, **kwargs)

    @abstractmethod
    def snapshot_now(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what `snapshot` does, from code that has no event loop (commands, start-up)."""

    @abstractmethod
    def write_now(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what `write` does, from code that has no event loop (commands, start-up)."""

    @abstractmethod
    def change_schema(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction that no other change of the schema runs beside, however long it takes.

        Raises `DatabaseUnavailable`.
        """

    @abstractmethod
    def measure(self) -> Iterator[Measurement]:
        """Yield how writing is doing."""

    @abstractmethod
    def close(self) -> None:
        """Finish the writes that were accepted and close every connection. Idempotent."""

    async def ping(self) -> None:
        """Prove that the database answers. Raises `DatabaseUnavailable`."""
        await self.read(lambda connection: connection.exec_driver_sql("SELECT 1").close())


def durations() -> Histogram:
    """Make what `DURATION` is counted in."""
    return Histogram(DURATION.bounds)


def sqlstate(error: BaseException) -> str:
    """Return the SQLSTATE of what PostgreSQL refused, empty for any other error."""
    return getattr(getattr(error, "orig", error), "sqlstate", None) or ""


def _is_away(error: Exception) -> bool:
    # A damaged SQLite file is a plain `DatabaseError`; mistakes in statements and values have classes of their own.
    is_damaged = type(error) is sqlite3.DatabaseError or (type(error) is DatabaseError and not sqlstate(error))
    return (
        is_damaged
        or getattr(error, "connection_invalidated", False)
        or sqlstate(error).startswith(AWAY_STATES)
        or isinstance(
            error, OperationalError | InterfaceError | sqlite3.OperationalError | PoolTimeout | ConnectionError
        )
    )
