# SPDX-License-Identifier: Apache-2.0
"""The database on a PostgreSQL server, through asyncpg, directly or behind a pooler in transaction mode.

A thread with an event loop of its own holds the connections, so that commands
without a loop and requests on any loop share them. A write is one serializable
transaction: where two get into each other's way PostgreSQL refuses one, which is
run again. So writing functions have the effect that SQLite's one writer gives
them, without a lock that nodes share. Functions that lock what they rely on have
it too, in read committed transactions that wait instead of being refused.

Nothing outlives a transaction on a connection: no `SET`, no advisory lock, no
temporary table, no named prepared statement (docs/adr/0013-postgresql.md).
"""

import asyncio
import random
import threading
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Coroutine
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from contextlib import suppress
from functools import partial
from time import perf_counter
from typing import Any
from typing import Concatenate
from typing import cast

import uvloop
from sqlalchemy import Connection
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.ext.asyncio import create_async_engine

from entrepot.infra.database.absence import Absence
from entrepot.infra.database.engine import DURATION
from entrepot.infra.database.engine import WAITING
from entrepot.infra.database.engine import Database
from entrepot.infra.database.engine import DatabaseUnavailable
from entrepot.infra.database.engine import P
from entrepot.infra.database.engine import T
from entrepot.infra.database.engine import as_unavailable
from entrepot.infra.database.engine import durations
from entrepot.infra.database.engine import sqlstate
from entrepot.infra.database.server import SURVEY_SECONDS
from entrepot.infra.database.server import DatabaseServer
from entrepot.infra.telemetry.metrics import Kind
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.infra.telemetry.metrics import Metric

SERIALIZABLE, READ_COMMITTED = "SERIALIZABLE", "READ COMMITTED"

CONFLICTS = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock: the transaction has no effect and may be run again (PostgreSQL, 13.5)."""

SYMPTOMS = frozenset({"23503", "23505"})
"""Violated keys: of a function that looks before it writes, a sign that another one wrote in between (13.2.3)."""

TAKES_NO_WRITES = "25006"
"""Read-only transaction: what a standby says."""

MAX_SYMPTOMS = 3

MAX_ATTEMPTS = 12
LONGEST_PAUSE_SECONDS = 0.5
POOL_WAIT_SECONDS = 10.0
IDLE_IN_UPGRADE = "60s"
"""A process that upgrades the schema and says nothing for so long has lost its turn."""

AGAIN = Metric(
    "entrepot_database_writes_again",
    "Writes that were run again because another transaction got in their way.",
    Kind.COUNTER,
)

_DIALECT = "postgresql.entrepot"
_LOCK_SCHEMA = (
    f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_IN_UPGRADE}'",
    "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)",
    "LOCK TABLE alembic_version IN EXCLUSIVE MODE",
)

Work = Callable[[Connection], T]


class Dialect(PGDialect_asyncpg):
    """SQLAlchemy's, with what it asks at the start of each connection in transactions.

    A pooler in transaction mode may send the halves of a query outside of one to different servers. Connections to a
    server that takes no writes are of no use any more: after a failover, new ones lead to the one that does.
    Nor are those that were ended between two statements, of which asyncpg says that they are at work.
    """

    supports_statement_cache = True

    def is_disconnect(self, e: Any, connection: Any, cursor: Any) -> bool:
        """Tell whether the connections of the pool have to be replaced."""
        is_lost: bool = super().is_disconnect(e, connection, cursor)  # type: ignore[no-untyped-call]
        return is_lost or sqlstate(e) == TAKES_NO_WRITES or isinstance(e, self.loaded_dbapi.InternalClientError)

    async def setup_asyncpg_json_codec(self, conn: Any) -> None:
        """Learn how the server writes JSON, which reflection reads."""
        async with conn.driver_connection.transaction():
            await super().setup_asyncpg_json_codec(conn)  # type: ignore[no-untyped-call]

    async def setup_asyncpg_jsonb_codec(self, conn: Any) -> None:
        """Do the same for JSONB."""
        async with conn.driver_connection.transaction():
            await super().setup_asyncpg_jsonb_codec(conn)  # type: ignore[no-untyped-call]


registry.register(_DIALECT, __name__, Dialect.__name__)


class PostgresqlDatabase(Database):
    """One database of a PostgreSQL server."""

    def __init__(self, server: DatabaseServer) -> None:
        """Open nothing yet; connections are made on first use."""
        self.server = server
        self._absence = Absence()
        self._thread = _LoopThread()
        self._engine = create_async_engine(
            f"{_DIALECT.replace('.', '+')}://",
            async_creator=server.connect,
            pool_size=server.connections,
            max_overflow=0,
            pool_timeout=POOL_WAIT_SECONDS,
            pool_use_lifo=True,
            hide_parameters=True,
            connect_args={
                "prepared_statement_cache_size": 0,
                "prepared_statement_name_func": str,
            },
        )
        self._conflicted = asyncio.Lock()
        self._durations = durations()
        self._waiting = 0
        self._again = 0

    @property
    def engine_name(self) -> str:
        """`postgresql`."""
        return "postgresql"

    @property
    def address(self) -> str:
        """Host, port and name of the database."""
        return self.server.address

    async def read(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in a transaction of its own, with the server's default isolation; waits a few seconds at most."""
        called, patience = partial(_called, work, args, kwargs), self.server.answer_seconds
        return await self._absence.ask(lambda: self._ask(self._read(self._engine, called, patience)))

    async def snapshot(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in a repeatable read."""
        called, patience = partial(_called, work, args, kwargs), self.server.answer_seconds
        return await self._ask(self._read(self._repeatable(), called, patience))

    async def survey(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` as `snapshot` does, with more patience: it is another thread that waits for the server."""
        called = partial(_called, work, args, kwargs)
        return await self._ask(self._read(self._repeatable(), called, SURVEY_SECONDS))

    async def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in a serializable transaction, again if need be."""
        called, patience = partial(_called, work, args, kwargs), self.server.answer_seconds
        return await self._ask(self._write(called, SERIALIZABLE, patience))

    async def write_locked(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` in a read committed transaction, again after a deadlock or where a key was taken meanwhile."""
        called, patience = partial(_called, work, args, kwargs), self.server.answer_seconds
        return await self._ask(self._write(called, READ_COMMITTED, patience))

    def snapshot_now(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` as `snapshot` does and wait for it, however long: no request does."""
        return self._wait(self._read(self._repeatable(), partial(_called, work, args, kwargs), None))

    def write_now(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `work` as `write` does and wait for it, however long."""
        return self._wait(self._write(partial(_called, work, args, kwargs), SERIALIZABLE, None))

    def change_schema(self, work: Callable[[Connection], T]) -> T:
        """Run `work` with the table of revisions locked.

        The lock ends with the transaction: also when the process that holds it dies, or falls silent for a minute.
        """
        return self._wait(self._change_schema(work))

    def measure(self) -> Iterator[Measurement]:
        """Yield how many writes are under way, how long they took, and how many were run again."""
        yield Measurement(WAITING, [self._waiting])
        yield Measurement(DURATION, self._durations.values)
        yield Measurement(AGAIN, [self._again])

    def close(self) -> None:
        """Close every connection once what runs has ended."""
        self._thread.close(self._engine.dispose)

    async def _ask(self, coroutine: Coroutine[Any, Any, T]) -> T:
        # Shielded: what was begun goes on to its end, whoever no longer waits for it.
        future = self._thread.submit(coroutine)
        with as_unavailable:
            return await asyncio.shield(asyncio.wrap_future(future))

    def _wait(self, coroutine: Coroutine[Any, Any, T]) -> T:
        with as_unavailable:
            return self._thread.submit(coroutine).result()

    def _repeatable(self) -> AsyncEngine:
        return self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    async def _read(self, engine: AsyncEngine, work: Work[T], patience_seconds: float | None) -> T:
        async with _answered_within(patience_seconds):
            try:
                async with engine.connect() as connection:
                    return await connection.run_sync(work)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
            # The server was started anew since the connection was made, and the pool has dropped all of that time.
            async with engine.connect() as connection:
                return await connection.run_sync(work)

    async def _write(self, work: Work[T], isolation: str, patience_seconds: float | None) -> T:
        asked_at = perf_counter()
        self._waiting += 1
        try:
            async with _answered_within(patience_seconds):
                return await self._tried_again(work, isolation)
        finally:
            self._waiting -= 1
            self._durations.observe(perf_counter() - asked_at)

    async def _tried_again(self, work: Work[T], isolation: str) -> T:
        done, result = await self._tried(work, isolation, 1)
        if done:
            return cast("T", result)
        async with self._conflicted:  # those that got into each other's way go on one after another
            for attempt in range(2, MAX_ATTEMPTS + 1):
                self._again += 1
                done, result = await self._tried(work, isolation, attempt)
                if done:
                    return cast("T", result)
                await asyncio.sleep(min(LONGEST_PAUSE_SECONDS, 0.001 * 2**attempt) * random.random())  # noqa: S311
        raise DatabaseUnavailable(f"other writes got in the way of this one {MAX_ATTEMPTS} times")

    async def _tried(self, work: Work[T], isolation: str, attempt: int) -> tuple[bool, T | None]:
        """Run `work` once; tell whether it was done, or should be run again, and its result."""
        engine = self._engine.execution_options(isolation_level=isolation)
        try:
            async with engine.begin() as connection:
                return True, await connection.run_sync(work)
        except DBAPIError as error:
            state = sqlstate(error)
            if state not in CONFLICTS and not (state in SYMPTOMS and attempt <= MAX_SYMPTOMS):
                raise
            return False, None

    async def _change_schema(self, work: Work[T]) -> T:
        async with self._engine.connect() as connection:
            await _lock_schema(connection)
            result = await connection.run_sync(work)
            await connection.commit()
            return result


@asynccontextmanager
async def _answered_within(patience_seconds: float | None) -> AsyncIterator[None]:
    """Give up what takes longer, and the connection with it: it would be of no use to whoever gets it next."""
    limit = asyncio.timeout(patience_seconds)
    try:
        async with limit:
            yield
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise DatabaseUnavailable(f"the database has not answered for {patience_seconds:g} s") from error


async def _lock_schema(connection: AsyncConnection) -> None:
    """Lock the table of revisions, which is made if there is none.

    `IF NOT EXISTS` does not see a table that another transaction is making: it waits for it, and then fails.
    """
    try:
        await _run_all(connection, _LOCK_SCHEMA)
    except IntegrityError:
        await connection.rollback()
        await _run_all(connection, _LOCK_SCHEMA)


async def _run_all(connection: AsyncConnection, statements: tuple[str, ...]) -> None:
    for statement in statements:
        await connection.exec_driver_sql(statement)


def _called(work: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any], connection: Connection) -> T:
    return work(connection, *args, **kwargs)


class _LoopThread:
    """A thread that runs an event loop from the first submission on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def submit(self, coroutine: Coroutine[Any, Any, T]) -> "Future[T]":
        """Run it; from any thread but this one."""
        with self._lock:
            if self._is_closed:
                coroutine.close()
                raise RuntimeError("the database is closed")
            if self._loop is None:
                self._loop = uvloop.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="database", daemon=True)
                self._thread.start()
            return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def close(self, last: Callable[[], Awaitable[None]]) -> None:
        """Let what runs end, run `last`, and stop. Idempotent."""
        with self._lock:
            self._is_closed = True
            loop, self._loop = self._loop, None
        if loop is None or self._thread is None:
            return
        with suppress(Exception):
            asyncio.run_coroutine_threadsafe(_ended(last), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        self._thread.join()
        loop.close()


async def _ended(last: Callable[[], Awaitable[None]]) -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others, return_exceptions=True)
    await last()
