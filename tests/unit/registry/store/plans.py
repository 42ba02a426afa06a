# SPDX-License-Identifier: Apache-2.0
"""How SQLite goes about the statements of a store function."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection


def plans_of(connection: Connection, work: Callable[[Connection], object]) -> list[str]:
    """Run a reading function; return the plan of each statement that it executed, values and all."""
    driver: Any = connection.connection.dbapi_connection
    asked: list[str] = []
    driver.set_trace_callback(asked.append)
    work(connection)
    driver.set_trace_callback(None)
    return [str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {each}").all()) for each in asked]
