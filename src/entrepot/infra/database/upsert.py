# SPDX-License-Identifier: Apache-2.0
"""`INSERT ... ON CONFLICT`, which SQLite and PostgreSQL both have and SQLAlchemy spells per dialect."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite


def dialect_insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return the insert construct of the connection's dialect: both have `on_conflict_do_nothing` and `_do_update`."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_if_absent(connection: Connection, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert one row unless a unique key of it is taken; tell whether it was inserted."""
    result = connection.execute(dialect_insert(connection, table).on_conflict_do_nothing(), dict(values))
    return result.rowcount == 1
