# SPDX-License-Identifier: Apache-2.0
"""How the statements of search find what they look at."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection

from entrepot.features.search.models import Known
from entrepot.features.search.store import names as store
from entrepot.kernel.spans import Span
from entrepot.oci.reference import RepositoryName
from entrepot.registry.store.repositories import RepositoryId
from tests.builders.databases import sqlite_of
from tests.unit.features.search.conftest import Stock

PLACE = Known(RepositoryId(1), RepositoryName("team/app"))
SPAN = Span("a", "b")

Look = Callable[[Connection], object]

LOOKS: dict[str, tuple[Look, str]] = {
    "names": (lambda connection: store.name_behind(connection, SPAN, 10), "sqlite_autoindex_repositories_1 (name"),
    "parts of names": (
        lambda connection: store.containing_text(connection, SPAN, "a"),
        "sqlite_autoindex_repositories_1 (name",
    ),
    "tags of one": (lambda connection: store.tags_in(connection, PLACE, SPAN, 9), "sqlite_autoindex_tags_1 (repo_id=?"),
    "artifacts of one": (
        lambda connection: store.artifacts_in(connection, PLACE, SPAN, 9),
        "sqlite_autoindex_manifests_1 (repo_id=?",
    ),
    "tags": (lambda connection: store.tags_anywhere(connection, SPAN, RepositoryId(0), 9), "ix_tags_name"),
    "artifacts": (
        lambda connection: store.artifacts_anywhere(connection, SPAN, RepositoryId(0), 9),
        "ix_manifests_digest",
    ),
}


@pytest.mark.sqlite
@pytest.mark.parametrize("look", LOOKS)
def test_every_look_follows_an_index(stock: Stock, look: str) -> None:
    """In its order: nothing is sorted, and no row is read that is not looked at."""
    run, index = LOOKS[look]
    with sqlite_of(stock.running.database).reading() as connection:
        statement = _traced(connection, run)
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all())

    assert index in plan
    assert "SCAN" not in plan
    assert "TEMP" not in plan


def _traced(connection: Connection, run: Look) -> str:
    """Return the one statement that is executed, with its values."""
    statements: list[str] = []
    driver: Any = connection.connection.dbapi_connection
    driver.set_trace_callback(statements.append)
    run(connection)
    driver.set_trace_callback(None)
    [statement] = statements
    return statement
