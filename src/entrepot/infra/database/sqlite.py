# SPDX-License-Identifier: Apache-2.0
"""The database in one SQLite file.

A read runs inline on a held autocommit connection: an indexed SQLite read costs
less than handing it to a thread. A write goes to the one writer thread, which
runs whatever is waiting in a single `BEGIN IMMEDIATE` transaction, each function
in a savepoint of its own, and commits once: one `fsync` serves all that waited
(group commit). A write has been committed with `synchronous=FULL` before its
result is returned.
"""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from typing import Concatenate

from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import create_engine
from sqlalchemy import event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import P
from entrepot.infra.database.engine import T
from entrepot.infra.database.engine import as_unavailable
from entrepot.infra.database.group_commit import GroupCommit
from entrepot.infra.telemetry.metrics import Measurement

BUSY_TIMEOUT_MS = 30_000
READER_TIMEOUT_MS = 1_000
"""A reader waits for no writer, only while another process recovers the file, and holds up the event loop meanwhile."""
_WAL_RETRY_SECONDS = 0.01


class SqliteDatabase(Database):
    """One SQLite file."""

    def __init__(self, path: Path) -> None:
        """Open nothing yet; connections are made on first use."""
        self.path = path
        self.engine = _sqlite_engine(path)
        self._local = threading.local()
        self._readers: list[Connection] = []
        self._writer = GroupCommit(self._connect)

    @property
    def engine_name(self) -> str:
        """`sqlite`."""
        return "sqlite"

    @property
    def address(self) -> str:
        """The path of the file."""
        return str(self.path)

    async def read(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in this thread."""
        with as_unavailable:
            try:
                return work(self._reader(), *args, **kwargs)
            except DatabaseError:
                self._drop_reader()
                raise

    async def snapshot(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in this thread."""
        return self.snapshot_now(work, *args, **kwargs)

    async def survey(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in a thread."""
        return await asyncio.to_thread(lambda: self.snapshot_now(work, *args, **kwargs))

    async def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in the writer thread."""
        future = self._writer.submit(lambda connection: work(connection, *args, **kwargs))
        with as_unavailable:
            return await asyncio.wrap_future(future)

    def snapshot_now(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in this thread."""
        with as_unavailable, self.reading() as connection:
            return work(connection, *args, **kwargs)

    def write_now(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in the writer thread and wait for it."""
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

    def change_schema(self, work: Callable[[Connection], T]) -> T:
        """Run `work` as the only writer of the file."""
        with as_unavailable, self.engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                result = work(connection)
            except BaseException:
                connection.exec_driver_sql("ROLLBACK")
                raise
            connection.exec_driver_sql("COMMIT")
            return result

    def measure(self) -> Iterator[Measurement]:
        """Yield how the writer is doing."""
        return self._writer.measure()

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
            connection.exec_driver_sql(f"PRAGMA busy_timeout={READER_TIMEOUT_MS}")
            self._local.reader = connection
            self._readers.append(connection)
        return connection

    def _drop_reader(self) -> None:
        """Let the next read begin with a new connection: the pages that this one holds may be what was wrong."""
        connection: Connection | None = self._local.__dict__.pop("reader", None)
        if connection is not None:
            self._readers.remove(connection)
            connection.close()

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
        _use_wal(dbapi_connection)
        for pragma in (
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-16384",
            "temp_store=MEMORY",
        ):
            dbapi_connection.execute(f"PRAGMA {pragma}").close()

    return engine


def _use_wal(connection: sqlite3.Connection) -> None:
    """Have a write-ahead log: the one who opens a new file makes it, and SQLite lets nobody wait for that."""
    give_up_at = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(_WAL_RETRY_SECONDS)
        else:
            return
