# SPDX-License-Identifier: Apache-2.0
"""What the writer tells about itself."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from entrepot.infra.database.engine import DURATION
from entrepot.infra.database.engine import WAITING
from entrepot.infra.database.group_commit import BATCH
from entrepot.infra.database.sqlite import SqliteDatabase

pytestmark = [pytest.mark.anyio, pytest.mark.sqlite]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteDatabase]:
    """An empty database."""
    database = SqliteDatabase(tmp_path / "test.db")
    yield database
    database.close()


def measured(database: SqliteDatabase) -> dict[str, list[float]]:
    """Return everything it tells, by the metric's name."""
    return {each.metric.name: each.values for each in database.measure()}


def nothing(_connection: Connection) -> None:
    """Write nothing."""


async def test_commits_and_their_writes_are_counted(database: SqliteDatabase) -> None:
    """What waits together is one commit, and every write in it took its time, failed ones too."""
    is_begun, may_end = threading.Event(), threading.Event()

    def slow(_connection: Connection) -> None:
        is_begun.set()
        may_end.wait()

    first = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(is_begun.wait)
    rest = [asyncio.create_task(database.write(nothing)) for _ in range(4)]
    await asyncio.sleep(0)
    waiting = measured(database)[WAITING.name]
    may_end.set()
    await asyncio.gather(first, *rest)
    found = measured(database)

    assert waiting == [4]
    assert found[BATCH.name] == [1, 0, 1, 0, 0, 0, 0, 0, 5]
    assert sum(found[DURATION.name][:-1]) == 5
    assert found[WAITING.name] == [0]


async def test_a_database_that_wrote_nothing_has_nothing_to_tell(database: SqliteDatabase) -> None:
    """Reading does not count."""
    await database.ping()
    found = measured(database)

    assert set(found[BATCH.name] + found[DURATION.name] + found[WAITING.name]) == {0}
