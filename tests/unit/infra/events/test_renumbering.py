# SPDX-License-Identifier: Apache-2.0
"""Events whose transactions were those of another server."""

from collections.abc import Sequence

import pytest
from sqlalchemy import Connection
from sqlalchemy import insert
from sqlalchemy import select

from entrepot.infra.database.engine import Database
from entrepot.infra.events import outbox
from entrepot.infra.events.outbox import Cursor
from entrepot.infra.events.renumbering import renumber
from entrepot.infra.events.renumbering import renumber_restored
from entrepot.infra.events.tables import outbox as events
from entrepot.infra.events.tables import outbox_consumers as consumers
from tests.builders.outbox_rows import some_rows

PLACES = (Cursor(0, 3), Cursor(0, 4), Cursor(5, 10), Cursor(7, 8), Cursor(7, 9))
"""Of events in the order in which they were committed."""


def put(connection: Connection, places: Sequence[Cursor], seen: Sequence[Cursor]) -> None:
    """Insert events that are called like their places, and a consumer for each place in `seen`."""
    for place in places:
        row = {"id": "x", "type": "told", "occurred_at": 1, "payload": f"{place.txid}-{place.seq}"}
        connection.execute(insert(events), row | place._asdict())
    for place in seen:
        row = {"name": f"{place.txid}-{place.seq}", "updated_at": 1}
        connection.execute(insert(consumers), row | place._asdict())


def to_come(connection: Connection, name: str) -> list[str]:
    """Return which events a consumer has not seen, in order."""
    rows = connection.execute(select(events.c.payload, events.c.txid, events.c.seq).order_by(events.c.seq))
    cursor = outbox.cursor_of(connection, name)
    assert cursor is not None
    return [row.payload for row in rows if Cursor(row.txid, row.seq) > cursor]


@pytest.mark.parametrize(
    ("seen", "left"),
    [
        (Cursor(0, 0), 5),
        (Cursor(0, 3), 4),
        (Cursor(0, 4), 3),
        (Cursor(4, 11), 3),
        (Cursor(5, 10), 2),
        (Cursor(7, 8), 1),
        (Cursor(7, 9), 0),
        (Cursor(9, 2), 0),
    ],
)
def test_a_consumer_sees_what_it_has_not_seen(database: Database, seen: Cursor, left: int) -> None:
    """Every other event once, in the order that they had."""
    database.write_now(put, PLACES, [seen])
    names = [f"{place.txid}-{place.seq}" for place in PLACES]

    database.write_now(renumber)

    assert database.snapshot_now(to_come, f"{seen.txid}-{seen.seq}") == names[len(names) - left :]


def test_every_event_is_of_no_transaction_then(database: Database) -> None:
    """With places that nobody was told of; those that were of none keep theirs."""
    database.write_now(put, PLACES, [Cursor(7, 20)])

    database.write_now(renumber)

    rows = database.snapshot_now(lambda connection: connection.execute(select(events.c.txid, events.c.seq)).all())
    assert sorted(tuple(row) for row in rows) == [(0, 3), (0, 4), (0, 21), (0, 22), (0, 23)]


def test_events_of_here_come_after_them(database: Database) -> None:
    """A consumer that has seen all sees what is written afterwards."""
    database.write_now(put, PLACES, [Cursor(7, 9)])
    database.write_now(renumber)
    row = {"seq": 30, "id": "x", "type": "told", "occurred_at": 1, "payload": "new", "txid": 0}
    database.write_now(lambda connection: connection.execute(insert(events), row).close())

    assert database.snapshot_now(to_come, "7-9") == ["new"]


def test_events_of_here_are_left_alone(database: Database) -> None:
    """What this server wrote has the places that it gave."""
    database.write_now(outbox.append, some_rows("one", "two"))
    before = database.snapshot_now(lambda connection: connection.execute(select(events)).all())

    database.write_now(renumber_restored)

    assert database.snapshot_now(lambda connection: connection.execute(select(events)).all()) == before
