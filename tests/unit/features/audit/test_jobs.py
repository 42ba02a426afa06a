# SPDX-License-Identifier: Apache-2.0
"""What is done by itself: old months go, unless it is a clock that was set that makes them old."""

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection

from entrepot.features.audit.jobs import TIDY
from entrepot.features.audit.jobs import AuditPayload
from entrepot.features.audit.store import chain
from entrepot.infra.jobs.queue import enqueue
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import after
from entrepot.kernel.clock import system_clock
from entrepot.registry.even_clock import SET
from entrepot.registry.store import collection_marks
from tests.builders.application import Application
from tests.builders.application import an_application
from tests.builders.databases import a_database
from tests.unit.features.audit.chains import fill

pytestmark = pytest.mark.anyio


def _nothing(_connection: Connection) -> None:
    """Leave the clock alone."""


def _set_the_clock(connection: Connection) -> None:
    """Note that somebody saw the clock being set, a moment ago."""
    collection_marks.set_place(connection, SET, system_clock())


@pytest.fixture
def application(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Application]:
    """An application whose log has two months of long ago, started behind what the test did to the clock."""
    what_was_done: Callable[[Connection], None] = request.param
    with closing(a_database(tmp_path)) as database:
        for days in (600, 500):
            fill(database, 2, after(system_clock(), -days * DAY_MS))
        database.write_now(what_was_done)
    with an_application(tmp_path) as application:
        yield application


@pytest.mark.parametrize(
    ("application", "is_dropped"), [(_nothing, True), (_set_the_clock, False)], indirect=["application"]
)
async def test_nothing_is_dropped_by_a_clock_that_was_set(application: Application, is_dropped: bool) -> None:
    """A month whose time is over goes only by a clock that is believed."""
    await application.database.write(enqueue, TIDY, AuditPayload(), system_clock())

    await application.settle()

    oldest = (await application.database.read(chain.partitions))[0]
    assert (oldest.dropped_at is not None) is is_dropped
