# SPDX-License-Identifier: Apache-2.0
"""Whoever makes the package block the event loop fails their test."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from types import CodeType

import pytest
from blockbuster import BlockingError
from sqlalchemy import Connection

import entrepot
from entrepot.infra.database.sqlite import SqliteDatabase

PACKAGE = Path(entrepot.__file__).parent


def planted_in_the_package(work: Callable[[], object]) -> Callable[[], object]:
    """Make a function that calls `work` from a file of the package, as far as the detector can tell."""
    code: CodeType = compile("result = work()", str(PACKAGE / "registry/planted.py"), "exec")
    return lambda: exec(code, {"work": work})  # noqa: S102


def ask_sqlite() -> object:
    """Run a statement on a connection of one's own."""
    return sqlite3.connect(":memory:").execute("SELECT 1").fetchone()


def one(connection: Connection) -> object:
    """Ask the database for something."""
    return connection.exec_driver_sql("SELECT 1").scalar()


@pytest.mark.anyio
@pytest.mark.parametrize(
    "work",
    [lambda: time.sleep(0), lambda: Path(__file__).read_bytes(), lambda: Path(__file__).stat(), ask_sqlite],
    ids=["sleep", "read", "stat", "sqlite"],
)
async def test_a_blocking_call_in_the_event_loop_is_found(work: Callable[[], object]) -> None:
    """Sleeping, reading a file and asking SQLite raise when code of the package does it in the loop."""
    with pytest.raises(BlockingError):
        planted_in_the_package(work)()


def test_code_outside_the_event_loop_may_block() -> None:
    """Commands and threads may wait for the disk."""
    planted_in_the_package(lambda: Path(__file__).stat())()


@pytest.mark.anyio
async def test_inline_reads_of_the_database_are_allowed(tmp_path: Path) -> None:
    """`Database.read` and `snapshot` may ask SQLite in the loop: they are the one exception."""
    database = SqliteDatabase(tmp_path / "planted.db")

    answers = [await database.read(one), await database.snapshot(one)]
    await asyncio.to_thread(database.close)

    assert answers == [1, 1]
