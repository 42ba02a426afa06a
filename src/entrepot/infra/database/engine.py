# SPDX-License-Identifier: Apache-2.0
"""Reading and writing the database from asynchronous code.

Store functions are plain functions whose first parameter is a SQLAlchemy
connection. `Database.read` runs one inline on a held autocommit connection: an
indexed SQLite read costs less than handing it to a thread. `Database.write`
hands it to the one writer thread, which runs whatever is waiting in a single
`BEGIN IMMEDIATE` transaction, each function in a savepoint of its own, and
commits once: a function that raises undoes only itself, and one `fsync` serves
all that waited (group commit). A write has been committed with
`synchronous=FULL` before its result is returned.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from typing import Concatenate
from typing import ParamSpec
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import create_engine
from sqlalchemy import event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from entrepot.infra.database.group_commit import GroupCommit
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.kernel.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")

BUSY_TIMEOUT_MS = 30_000


class DatabaseUnavailable(Unavailable):
    """The database does not answer."""

    code = "database_unavailable"


class _AsUnavailable:
    """Turns what the driver raises when it cannot get at the data into `DatabaseUnavailable`."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        # A damaged file is a plain `DatabaseError`; mistakes in statements and values have classes of their own.
        is_damaged = type(error) in (DatabaseError, sqlite3.DatabaseError)
        if is_damaged or isinstance(error, OperationalError | sqlite3.OperationalError):
            raise DatabaseUnavailable(f"the database does not answer: {getattr(error, 'orig', error)}") from error


as_unavailable = _AsUnavailable()


class Database:
    """One SQLite file, shared by any number of tasks, threads and processes."""

    def __init__(self, path: Path) -> None:
        """Open nothing yet; connections are made on first use."""
        self.path = path
        self.engine = _sqlite_engine(path)
        self._local = threading.local()
        self._readers: list[Connection] = []
        self._writer = GroupCommit(self._connect)

    async def read(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a reading function of one statement; it sees everything committed before it.

        Raises `DatabaseUnavailable`.
        """
        with as_unavailable:
            return work(self._reader(), *args, **kwargs)

    async def snapshot(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a reading function of several statements, all on one state of the database.

        Raises `DatabaseUnavailable`.
        """
        with as_unavailable, self.reading() as connection:
            return work(connection, *args, **kwargs)

    async def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a writing function in a transaction and return its result once that is durable.

        The function runs in the writer thread. Whatever it raises is raised here,
        after its writes were undone. Raises `DatabaseUnavailable`. A cancelled
        caller does not undo the write.
        """
        future = self._writer.submit(lambda connection: work(connection, *args, **kwargs))
        with as_unavailable:
            return await asyncio.wrap_future(future)

    def write_now(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what `write` does, from code that has no event loop (commands, start-up)."""
        future = self._writer.submit(lambda connection: work(connection, *args, **kwargs))
        with as_unavailable:
            return future.result()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Hold one state of the database for several reading statements, from synchronous code."""
        connection = self._reader()
        if connection.info.get("in_snapshot"):
            yield connection
            return
        connection.exec_driver_sql("BEGIN")
        connection.info["in_snapshot"] = True
        try:
            yield connection
        finally:
            connection.info["in_snapshot"] = False
            connection.exec_driver_sql("ROLLBACK")

    def measure(self) -> Iterator[Measurement]:
        """Yield how the writer is doing."""
        return self._writer.measure()

    async def ping(self) -> None:
        """Prove that the database answers. Raises `DatabaseUnavailable`."""
        await self.read(lambda connection: connection.exec_driver_sql("SELECT 1").close())

    def close(self) -> None:
        """Finish the writes that were accepted and close every connection."""
        self._writer.close()
        for connection in self._readers:
            connection.close()
        self._readers.clear()
        self._local = threading.local()
        self.engine.dispose()

    def _reader(self) -> Connection:
        connection: Connection | None = getattr(self._local, "reader", None)
        if connection is None:
            connection = self._connect()
            connection.exec_driver_sql("PRAGMA query_only=ON")
            self._local.reader = connection
            self._readers.append(connection)
        return connection

    def _connect(self) -> Connection:
        return self.engine.connect()


def _sqlite_engine(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
    )

    @event.listens_for(engine, "connect")
    def configure(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-16384",
            "temp_store=MEMORY",
        ):
            dbapi_connection.execute(f"PRAGMA {pragma}").close()

    return engine
