# SPDX-License-Identifier: Apache-2.0
"""A registry whose events are counted, and processes that let things pass there."""

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.features.quotas.ledger import Ledger
from tests.builders.core import RunningCore
from tests.builders.core import a_core
from tests.fakes.cut_database import CutDatabase
from tests.unit.features.quotas.counting_core import CountingCore

Processes = Callable[[], Ledger]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCore]:
    """A core with nothing in it."""
    with a_core(tmp_path / "core") as running:
        yield running


@pytest.fixture
def counting(running: RunningCore) -> CountingCore:
    """What counts its events."""
    return CountingCore(running)


@pytest.fixture
def start(running: RunningCore) -> Processes:
    """Start a process that lets things pass."""
    return lambda: Ledger(running.database, running.clock, running.clock.monotonic)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[CutDatabase]:
    """A database that may be away."""
    database = CutDatabase(tmp_path)
    yield database
    database.close()


@pytest.fixture
def cut(running: RunningCore, tmp_path: Path) -> Iterator[CutDatabase]:
    """The database of the core, as somebody sees it from whom it may be away."""
    database = CutDatabase(tmp_path / "core")
    yield database
    database.close()
