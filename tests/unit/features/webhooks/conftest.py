# SPDX-License-Identifier: Apache-2.0
"""A database with webhooks, a clock that stands still, and receivers that tests decide about."""

from collections.abc import AsyncIterator
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.infra.database.engine import Database
from tests.builders.databases import a_database
from tests.fakes.settable_clock import SettableClock
from tests.unit.features.webhooks.queueing import Queueing


@pytest.fixture
def clock() -> SettableClock:
    """A clock that stands still."""
    return SettableClock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty database."""
    database = a_database(tmp_path)
    yield database
    database.close()


@pytest.fixture
async def queueing(database: Database, clock: SettableClock) -> AsyncIterator[Queueing]:
    """What delivers in one process, and its queue."""
    queueing = Queueing(database, clock)
    yield queueing
    await queueing.leave()
