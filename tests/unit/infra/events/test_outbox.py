# SPDX-License-Identifier: Apache-2.0
"""Rows appear in commit order, cursors move only from where they are, and what all have seen goes."""

import pytest
from sqlalchemy import Connection
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite

from entrepot.infra.database.engine import Database
from entrepot.infra.events import outbox
from entrepot.infra.events.outbox import BEGINNING
from entrepot.infra.events.outbox import Cursor
from entrepot.infra.events.outbox import OutboxRow
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from tests.builders.databases import sqlite_of
from tests.builders.databases import until_final_now
from tests.builders.outbox_rows import some_rows

POSTGRESQL: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
NOW = Milliseconds(100 * DAY_MS)


def rows_after(database: Database, cursor: Cursor = BEGINNING, limit: int = 100) -> list[OutboxRow]:
    """Return the rows after `cursor`, once nothing else holds them up."""
    until_final_now(database)
    return database.snapshot_now(outbox.read_after, cursor, limit)


def payloads(database: Database, cursor: Cursor = BEGINNING) -> list[str]:
    """Return the payloads of all rows after `cursor`."""
    return [row.payload for row in rows_after(database, cursor)]


class TestReading:
    """`append` and `read_after`."""

    def test_rows_are_read_in_the_order_they_were_appended(self, database: Database) -> None:
        """Rows come back whole, oldest first."""
        rows = some_rows("a", "b", "c")
        database.write_now(outbox.append, rows[:2])
        database.write_now(outbox.append, rows[2:])

        found = rows_after(database)
        assert [(row.id, row.type, row.occurred_at, row.payload) for row in found] == [tuple(row) for row in rows]

    def test_a_page_ends_at_its_limit_and_the_next_goes_on_behind_it(self, database: Database) -> None:
        """The cursor of the last row read is where the next page begins."""
        database.write_now(outbox.append, some_rows("a", "b", "c"))

        page = rows_after(database, limit=2)
        assert [row.payload for row in page] == ["a", "b"]
        assert payloads(database, page[-1].cursor) == ["c"]

    def test_rows_of_an_undone_transaction_never_appear(self, database: Database) -> None:
        """What the caller's transaction undoes was never told."""

        def append_and_fail(connection: Connection) -> None:
            outbox.append(connection, some_rows("lost"))
            raise ArithmeticError

        with pytest.raises(ArithmeticError):
            database.write_now(append_and_fail)
        database.write_now(outbox.append, some_rows("kept"))

        assert payloads(database) == ["kept"]

    def test_nothing_is_appended_for_nothing(self, database: Database) -> None:
        """An empty list of rows is fine."""
        database.write_now(outbox.append, [])

        assert payloads(database) == []

    @pytest.mark.sqlite
    def test_reading_far_into_the_outbox_looks_at_no_row_before(self, database: Database) -> None:
        """The cursor is sought in the primary key, however long the outbox is."""
        statement = outbox._BY_SEQ.read_after.compile(dialect=sqlite.dialect())
        with sqlite_of(database).reading() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", (1, 1, 0)).all()

        assert [step[3] for step in plan] == ["SEARCH outbox USING INTEGER PRIMARY KEY (rowid>?)"]

    def test_postgresql_reads_only_below_the_oldest_running_transaction(self) -> None:
        """There a row of a slow transaction cannot be skipped: order and horizon are by transaction."""
        statement = str(outbox._BY_TRANSACTION.read_after.compile(dialect=POSTGRESQL))

        assert "(outbox.txid, outbox.seq) > (" in statement
        assert "outbox.txid < CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)" in statement
        assert "ORDER BY outbox.txid, outbox.seq" in statement


class TestCursors:
    """`register`, `advance` and `record_failure`."""

    @pytest.mark.parametrize(("from_beginning", "told"), [(True, ["old", "new"]), (False, ["new"])])
    def test_a_consumer_begins_where_it_says(self, database: Database, from_beginning: bool, told: list[str]) -> None:
        """A new consumer is told everything that is kept, or only what comes after it."""
        database.write_now(outbox.append, some_rows("old"))
        until_final_now(database)
        database.write_now(outbox.register, "audit", NOW, from_beginning=from_beginning)
        database.write_now(outbox.append, some_rows("new"))

        cursor = database.snapshot_now(outbox.cursor_of, "audit")
        assert cursor is not None
        assert payloads(database, cursor) == told

    def test_registering_again_changes_nothing(self, database: Database) -> None:
        """A restart does not move the cursor."""
        database.write_now(outbox.register, "audit", NOW)
        database.write_now(outbox.append, some_rows("missed while down"))
        database.write_now(outbox.register, "audit", NOW)

        assert database.snapshot_now(outbox.cursor_of, "audit") == BEGINNING

    def test_a_cursor_moves_only_from_where_it_is(self, database: Database) -> None:
        """Of two that handled the same batch, one finds that the cursor has moved."""
        database.write_now(outbox.register, "audit", NOW)

        assert database.write_now(outbox.advance, "audit", BEGINNING, Cursor(0, 5), NOW)
        assert not database.write_now(outbox.advance, "audit", BEGINNING, Cursor(0, 5), NOW)

    def test_an_unregistered_consumer_has_no_cursor(self, database: Database) -> None:
        """Forgetting a consumer forgets its place."""
        database.write_now(outbox.register, "audit", NOW)
        database.write_now(outbox.unregister, "audit")

        assert database.snapshot_now(outbox.cursor_of, "audit") is None

    def test_a_failure_keeps_its_first_moment_until_the_cursor_moves(self, database: Database) -> None:
        """`failing_since` says how long a consumer has been stuck, `last_error` why it is now."""
        database.write_now(outbox.register, "audit", NOW)
        database.write_now(outbox.record_failure, "audit", "first", NOW)
        database.write_now(outbox.record_failure, "audit", "second" * 500, Milliseconds(NOW + 5))
        (stuck,) = database.snapshot_now(outbox.lag)
        database.write_now(outbox.advance, "audit", BEGINNING, Cursor(0, 5), NOW)
        (moving,) = database.snapshot_now(outbox.lag)

        assert (stuck.failing_since, stuck.last_error) == (NOW, ("second" * 500)[:500])
        assert (moving.failing_since, moving.last_error) == (None, None)


def test_lag_tells_how_many_rows_wait_and_since_when(database: Database) -> None:
    """A consumer that is behind shows the age of the first row it has not seen."""
    database.write_now(outbox.append, some_rows("seen", occurred_at=1))
    (seen,) = rows_after(database)
    database.write_now(outbox.register, "fast", NOW)
    database.write_now(outbox.register, "slow", NOW)
    database.write_now(outbox.append, some_rows("unseen", occurred_at=2))
    database.write_now(outbox.append, some_rows("unseen", occurred_at=3))
    *_, last = rows_after(database)
    database.write_now(outbox.advance, "fast", seen.cursor, last.cursor, NOW)

    fast, slow = database.snapshot_now(outbox.lag)
    assert (fast.name, fast.behind, fast.waiting_since) == ("fast", 0, None)
    assert (slow.name, slow.behind, slow.waiting_since) == ("slow", 2, 2)


class TestPruning:
    """`prune`."""

    def test_only_old_rows_that_every_consumer_has_passed_go(self, database: Database) -> None:
        """The slowest consumer and the age both keep a row."""
        database.write_now(outbox.append, some_rows("old and seen", "old and unseen", occurred_at=1))
        database.write_now(outbox.append, some_rows("young", occurred_at=NOW))
        seen, *_ = rows_after(database)
        database.write_now(outbox.register, "fast", NOW)
        database.write_now(outbox.register, "slow", NOW, from_beginning=True)
        database.write_now(outbox.advance, "slow", BEGINNING, seen.cursor, NOW)

        assert database.write_now(outbox.prune, NOW, 100) == 1
        assert payloads(database) == ["old and unseen", "young"]

    def test_without_consumers_only_the_age_counts(self, database: Database) -> None:
        """Rows that nobody reads go too."""
        database.write_now(outbox.append, some_rows("old", occurred_at=1))
        database.write_now(outbox.append, some_rows("young", occurred_at=NOW))
        until_final_now(database)

        assert database.write_now(outbox.prune, NOW, 100) == 1
        assert payloads(database) == ["young"]

    def test_one_call_deletes_no_more_than_its_limit(self, database: Database) -> None:
        """Other writers get their turn between batches."""
        database.write_now(outbox.append, some_rows("a", "b", "c", occurred_at=1))
        until_final_now(database)

        assert [database.write_now(outbox.prune, NOW, 2) for _ in range(3)] == [2, 1, 0]

    def test_a_place_is_never_given_out_again(self, database: Database) -> None:
        """A consumer at the end of an emptied outbox is told what comes next."""
        database.write_now(outbox.append, some_rows("a", "b", occurred_at=1))
        until_final_now(database)
        database.write_now(outbox.register, "audit", NOW)
        database.write_now(outbox.prune, NOW, 100)
        database.write_now(outbox.append, some_rows("next"))

        cursor = database.snapshot_now(outbox.cursor_of, "audit")
        assert cursor is not None
        assert payloads(database, cursor) == ["next"]
