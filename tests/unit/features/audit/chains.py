# SPDX-License-Identifier: Apache-2.0
"""Chains of records for tests, and ways to tamper with them."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection
from sqlalchemy import text
from sqlalchemy import update

from entrepot.features.audit.checkpoints import Checkpoints
from entrepot.features.audit.models import Entry
from entrepot.features.audit.models import Month
from entrepot.features.audit.sealing import seal
from entrepot.features.audit.store import chain
from entrepot.features.audit.store import checkpoints
from entrepot.features.audit.tables import records_of
from entrepot.features.tokens import InstanceKey
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid
from tests.fakes.settable_clock import SettableClock

KEY = InstanceKey(b"k" * 32)
NOVEMBER = Milliseconds(1_794_000_000_000)
"""2026-11-06."""
MONTH = Month("2026_11")
TABLE = "audit_records_2026_11"


def an_entry(number: int = 0, at: int = NOVEMBER, **fields: object) -> Entry:
    """Make something that happened."""
    entry = Entry(
        event=new_ulid(),
        at=Milliseconds(at),
        type="group.created",
        principal="user:alice",
        address="192.0.2.1",
        object=f"group:group-{number}",
        details={"after": {"number": number}},
    )
    return replace(entry, **fields)  # type: ignore[arg-type]


def fill(database: Database, count: int, at: int = NOVEMBER) -> None:
    """Record so many things."""
    database.write_now(seal, [an_entry(number, at) for number in range(count)], Milliseconds(at))


def sign(database: Database, at: int = NOVEMBER) -> None:
    """Sign the chain as it stands."""
    signing = Checkpoints(database, KEY, "home", SettableClock(at))
    assert database.write_now(signing.sign_within, Milliseconds(at)) is not None


def run(database: Database, statement: str) -> None:
    """Change the database as somebody does who got at it; `records` are those of the month."""
    database.write_now(lambda connection: connection.exec_driver_sql(statement.replace("records", TABLE)).close())


def alter(database: Database, column: str, value: str) -> None:
    """Change one thing about the seventh record."""
    table = records_of(MONTH)
    altered = update(table).where(table.c.seq == 7).values({column: text(value)})
    database.write_now(lambda connection: connection.execute(altered).close())


def tokens(database: Database) -> list[str]:
    """Return every checkpoint."""
    return [each.token for each in database.snapshot_now(checkpoints.page, 0, 1_000)]


def rewrite(connection: Connection, entries: Sequence[Entry]) -> None:
    """Write the log anew from its first record, as somebody can who holds the database."""
    [partition] = chain.partitions(connection)
    connection.exec_driver_sql("DELETE FROM audit_checkpoints")
    connection.exec_driver_sql("DELETE FROM audit_partitions")
    records_of(partition.month).drop(connection)
    seal(connection, entries, NOVEMBER)


def go_on(database: Database) -> None:
    """Record one thing more, and sign."""
    fill(database, 1)
    sign(database)


def write_anew(database: Database, count: int) -> None:
    """Write another log in the place of this one, and sign it, as somebody can who holds database and key."""
    database.write_now(rewrite, [an_entry(number, object=f"group:other-{number}") for number in range(count)])
    sign(database)
