# SPDX-License-Identifier: Apache-2.0
"""A database that was restored on another server, whose transactions have smaller numbers."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import insert

from entrepot.infra.database.engine import Database
from entrepot.infra.events import outbox
from entrepot.infra.events.outbox import Cursor
from entrepot.infra.events.renumbering import renumber_restored
from entrepot.infra.events.tables import outbox as events
from entrepot.infra.events.tables import outbox_consumers as consumers
from entrepot.kernel.clock import Milliseconds
from tests.builders.databases import a_database
from tests.builders.databases import until_final_now
from tests.builders.outbox_rows import some_rows

FAR = 2**60
"""A transaction that this server has not reached."""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database with two events of another server, of which a consumer has seen one."""
    with closing(a_database(tmp_path)) as database:
        database.write_now(restore)
        yield database


def restore(connection: Connection) -> None:
    """Put events and a consumer as `pg_restore` does."""
    for seq, payload in ((1, "seen"), (2, "waiting")):
        row = {"seq": seq, "txid": FAR, "id": "x", "type": "told", "occurred_at": 1, "payload": payload}
        connection.execute(insert(events), row)
    connection.execute(insert(consumers), {"name": "audit", "txid": FAR, "seq": 1, "updated_at": 1})
    connection.exec_driver_sql("SELECT setval('outbox_seq_seq', 2)")


def waiting(connection: Connection) -> list[str]:
    """Return what the consumer gets next."""
    return [
        row.payload for row in outbox.read_after(connection, outbox.cursor_of(connection, "audit") or Cursor(0, 0), 9)
    ]


def test_events_would_wait_for_ever(database: Database) -> None:
    """Without being renumbered: neither the old nor the new ones arrive."""
    database.write_now(outbox.append, some_rows("new"))
    until_final_now(database)

    assert database.snapshot_now(waiting) == []


def test_events_arrive_once_they_are_renumbered(database: Database) -> None:
    """Those that waited first, then those of here; a second start changes nothing."""
    database.write_now(renumber_restored)
    database.write_now(outbox.append, some_rows("new"))
    until_final_now(database)
    database.write_now(renumber_restored)

    assert database.snapshot_now(waiting) == ["waiting", "new"]
    assert database.snapshot_now(outbox.lag)[0].behind == 2
    assert database.snapshot_now(outbox.is_kept, Cursor(FAR, 1)) is False
    assert Milliseconds(1) == database.snapshot_now(outbox.lag)[0].waiting_since
