# SPDX-License-Identifier: Apache-2.0
"""How SQLite goes about what is asked of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from entrepot.infra.database.sqlite import SqliteDatabase


@contextmanager
def noted_plans(database: SqliteDatabase) -> Iterator[list[str]]:
    """Yield the list to which the plan of each query is added, its steps on lines, but those of prepared statements."""
    plans: list[str] = []

    def note(_connection: Any, cursor: Any, statement: str, parameters: Any, *_others: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            steps = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            plans.append("\n".join(step[3] for step in steps))

    event.listen(database.engine, "before_cursor_execute", note)
    yield plans
    event.remove(database.engine, "before_cursor_execute", note)
