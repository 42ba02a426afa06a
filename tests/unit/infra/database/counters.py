# SPDX-License-Identifier: Apache-2.0
"""A small table to read and write, and a second process that writes to it: `python -m … <what> <database>`."""

import sys
from itertools import count
from pathlib import Path

from sqlalchemy import Column
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import MetaData
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from entrepot.infra.database.sqlite import SqliteDatabase

TIMES = 200

counters = Table(
    "counters",
    MetaData(),
    Column("name", String(100), primary_key=True),
    Column("value", Integer, nullable=False),
)


def a_database(path: Path) -> SqliteDatabase:
    """Make a database with the table."""
    database = SqliteDatabase(path)
    counters.metadata.create_all(database.engine)
    return database


def add(connection: Connection, name: str, value: int = 0) -> str:
    """Insert a row."""
    connection.execute(insert(counters).values(name=name, value=value))
    return name


def increment(connection: Connection, name: str) -> int:
    """Read a value and write one more: what gets lost when two do so at once."""
    value = connection.execute(select(counters.c.value).where(counters.c.name == name)).scalar_one()
    connection.execute(update(counters).where(counters.c.name == name).values(value=value + 1))
    return int(value) + 1


def value_of(connection: Connection, name: str) -> int | None:
    """Return a value."""
    return connection.execute(select(counters.c.value).where(counters.c.name == name)).scalar()


def names(connection: Connection) -> set[str]:
    """Return every name."""
    return set(connection.execute(select(counters.c.name)).scalars())


def total(connection: Connection) -> int:
    """Count the rows."""
    return int(connection.execute(select(func.count()).select_from(counters)).scalar_one())


def count_up(database: SqliteDatabase) -> None:
    """Increment the counter `shared`, 200 times."""
    for _ in range(TIMES):
        database.write_now(increment, "shared")


def acknowledge(database: SqliteDatabase) -> None:
    """Insert rows for ever, and print each name once its write has returned."""
    for number in count():
        sys.stdout.write(f"{database.write_now(add, str(number))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    {"count_up": count_up, "acknowledge": acknowledge}[sys.argv[1]](SqliteDatabase(Path(sys.argv[2])))
