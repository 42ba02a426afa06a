# SPDX-License-Identifier: Apache-2.0
"""Databases for tests: SQLite files, or databases of the PostgreSQL server that `ENTREPOT_TEST_POSTGRESQL` names.

One is known by its folder, and is a copy of a database that this process upgraded
once. On PostgreSQL text is sorted as people do unless a column says otherwise, so
that a column that has to say so is found out; a pooler that `ENTREPOT_TEST_POOLER`
names is in between.
"""

import asyncio
import os
from collections.abc import Iterator
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from pydantic import SecretStr
from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import Executable
from sqlalchemy import event

from entrepot.entry.configuration import DATABASE_FILE
from entrepot.infra.database import schema
from entrepot.infra.database.engine import Database
from entrepot.infra.database.postgresql import READ_COMMITTED
from entrepot.infra.database.postgresql import SERIALIZABLE
from entrepot.infra.database.postgresql import PostgresqlDatabase
from entrepot.infra.database.server import DatabaseServer
from entrepot.infra.database.settings import DatabaseSettings
from entrepot.infra.database.sqlite import SqliteDatabase
from tests.builders.sqlite import upgraded_file

VARIABLES = ("ENTREPOT_TEST_POSTGRESQL", "ENTREPOT_TEST_POOLER", "ENTREPOT_TEST_AUTHORITY")

SERVER, POOLER, AUTHORITY = (os.environ.get(name, "") for name in VARIABLES)
"""URIs of any database of the server, for somebody who may make others, directly and through a pooler; and the file of
who signed its certificate. Each may be empty."""

AS_PEOPLE_SORT = "TEMPLATE template0 ENCODING UTF8 LOCALE 'C.UTF-8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"

WRITING = (SERIALIZABLE, READ_COMMITTED)

_names: dict[Path, str] = {}
_numbers = count()


def a_database(folder: Path) -> Database:
    """Open the database of a folder: the first time one with today's schema and nothing in it."""
    return opened(_of(folder, is_upgraded=True))


def an_empty_database(folder: Path) -> Database:
    """Open the database of a folder: the first time one without any schema."""
    return opened(_of(folder, is_upgraded=False))


def section(folder: Path) -> DatabaseSettings:
    """Return the section of the configuration that leads to `a_database` of a data folder."""
    found = _of(folder, is_upgraded=True)
    return DatabaseSettings(url=SecretStr(found)) if SERVER else DatabaseSettings()


def place_of(database: Database) -> str:
    """Return what `opened` takes, here or in another process."""
    return database.server.url if isinstance(database, PostgresqlDatabase) else str(sqlite_of(database).path)


def opened(place: str) -> Database:
    """Open a database that may be open already, and need not survive the loss of power."""
    if place.startswith("postgresql://"):
        return PostgresqlDatabase(DatabaseServer(place))
    database = SqliteDatabase(Path(place))
    event.listen(database.engine, "connect", lambda driver, _: driver.execute("PRAGMA synchronous=OFF").close())
    return database


def opened_again(database: Database) -> Database:
    """Open the same database as a process of its own does."""
    return opened(place_of(database))


def engine_of(database: Database) -> Engine:
    """Return what tells SQLAlchemy's events of a database."""
    return database._engine.sync_engine if isinstance(database, PostgresqlDatabase) else sqlite_of(database).engine


def sqlite_of(database: Database) -> SqliteDatabase:
    """Take a database for what it is in tests about SQLite."""
    assert isinstance(database, SqliteDatabase)
    return database


def refuse_writes(connection: Connection, *, is_on: bool = True) -> None:
    """Let the connection that is written with take no more writes, as on a disk or a server that became read-only.

    It is the one that is read with too on PostgreSQL, as long as nothing else goes on.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET default_transaction_read_only = {is_on}")
    else:
        connection.exec_driver_sql(f"PRAGMA query_only = {is_on}")


def lose(database: Database) -> None:
    """Let nobody get at a database any more, which goes on to be used."""
    if isinstance(database, PostgresqlDatabase):
        on_server(f"DROP DATABASE {urlsplit(database.server.url).path[1:]} WITH (FORCE)")
        return
    database.close()
    path = sqlite_of(database).path
    path.unlink()
    path.mkdir()


def plant(database: Database, statements: Sequence[Executable]) -> None:
    """Change a database behind the back of its foreign keys."""

    def execute(connection: Connection) -> None:
        for statement in statements:
            connection.execute(statement)

    def execute_unchecked(connection: Connection) -> None:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        execute(connection)

    if isinstance(database, PostgresqlDatabase):
        database.write_now(execute_unchecked)
        return
    with sqlite_of(database).engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        execute(connection)


@contextmanager
def traced_reads(database: Database) -> Iterator[list[str]]:
    """Yield the list that every statement of reads is appended to, prepared ones too; with values on SQLite."""
    statements: list[str] = []

    def note(statement: str) -> None:
        if statement.startswith(("SELECT", "WITH")):
            statements.append(statement)

    def note_execution(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if connection.get_execution_options().get("isolation_level") not in WRITING:
            note(statement)

    if isinstance(database, PostgresqlDatabase):
        event.listen(engine_of(database), "before_cursor_execute", note_execution)
        yield statements
        event.remove(engine_of(database), "before_cursor_execute", note_execution)
        return
    drivers: list[Any] = [reader.connection.dbapi_connection for reader in sqlite_of(database)._readers]
    for driver in drivers:
        driver.set_trace_callback(note)
    yield statements
    for driver in drivers:
        driver.set_trace_callback(None)


async def until_final(database: Database) -> None:
    """Return once what is committed may be read from the outbox: a transaction elsewhere on a server holds it up."""
    if database.engine_name == "postgresql":
        own = await database.write(_own_transaction)
        while await database.read(_oldest_running) <= own:
            pass


def until_final_now(database: Database) -> None:
    """Do what `until_final` does, without an event loop."""
    if database.engine_name == "postgresql":
        own = database.write_now(_own_transaction)
        while database.snapshot_now(_oldest_running) <= own:
            pass


def _own_transaction(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT pg_current_xact_id()::text").scalar_one())


def _oldest_running(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT pg_snapshot_xmin(pg_current_snapshot())::text").scalar_one())


@contextmanager
def dropping() -> Iterator[None]:
    """Drop what was made on the server meanwhile."""
    before = set(_names)
    if SERVER:
        _template()  # outlives all but the first who drops
    yield
    made = [folder for folder in _names if folder not in before]
    on_server(*(f"DROP DATABASE IF EXISTS {_names.pop(folder)} WITH (FORCE)" for folder in made))


def on_server(*statements: str) -> None:
    """Execute statements that no transaction may hold, one after the other."""
    if not statements:
        return

    async def execute() -> None:
        connection = await asyncpg.connect(SERVER)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, execute()).result()


def _of(folder: Path, *, is_upgraded: bool) -> str:
    if not SERVER:
        file = folder / DATABASE_FILE
        if is_upgraded and not file.exists():
            folder.mkdir(exist_ok=True)
            file.write_bytes(upgraded_file())
        return str(file)
    key = folder.absolute()
    if key not in _names:
        origin = f"TEMPLATE {_template()} STRATEGY FILE_COPY" if is_upgraded else AS_PEOPLE_SORT
        _names[key] = _create(origin)
    return _url(POOLER or SERVER, _names[key])


def _create(origin: str) -> str:
    name = f"entrepot_test_{os.getpid()}_{next(_numbers)}"
    on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} {origin}")
    return name


def _url(server: str, name: str) -> str:
    return urlsplit(server)._replace(path=f"/{name}").geturl()


@cache
def _template() -> str:
    _names[Path("template")] = name = _create(AS_PEOPLE_SORT)
    with closing(opened(_url(SERVER, name))) as database:
        schema.upgrade(database)
    return name
