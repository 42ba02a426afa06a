# SPDX-License-Identifier: Apache-2.0
"""A month begins while another process is about to append: the chain stays one."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection

from entrepot.features.audit.sealing import seal
from entrepot.features.audit.store import chain
from entrepot.features.audit.verify import verify_chain
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from tests.builders.databases import a_database
from tests.unit.features.audit.chains import NOVEMBER
from tests.unit.features.audit.chains import an_entry
from tests.unit.features.audit.chains import fill

DECEMBER = Milliseconds(NOVEMBER + 30 * DAY_MS)
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A log of three records in November."""
    with closing(a_database(tmp_path)) as database:
        fill(database, 3)
        yield database


@pytest.mark.parametrize("late", [NOVEMBER, DECEMBER])
async def test_who_waited_goes_on_where_the_chain_is_now(database: Database, late: Milliseconds) -> None:
    """Whichever month it was when the one that waits began."""

    begun = threading.Event()

    def begin_december(connection: Connection) -> None:
        """Append, and end once somebody waits for it."""
        seal(connection, [an_entry(4, DECEMBER)], DECEMBER)
        begun.set()
        while not connection.exec_driver_sql(WAITING).scalar_one():
            pass

    first = asyncio.create_task(database.write_locked(begin_december))
    await asyncio.to_thread(begun.wait)
    await asyncio.gather(first, database.write_locked(seal, [an_entry(5, late)], late))

    report = await asyncio.to_thread(verify_chain, database, [], lambda *_: None)
    assert (report.findings, report.records) == ([], 5)
    assert [(each.month, each.last_seq) for each in await database.read(chain.partitions)] == [
        ("2026_11", 3),
        ("2026_12", 5),
    ]
