# SPDX-License-Identifier: Apache-2.0
"""Finding text inside text."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import column
from sqlalchemy import literal
from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from entrepot.infra.database.containing import Contains
from entrepot.infra.database.containing import containing
from entrepot.infra.database.engine import Database

NAMES = st.text("aAbB._-%\\01", max_size=6)


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A connection to a database without tables."""
    folder: Path = tmp_path_factory.mktemp("containing")
    database = Database(folder / "database")
    with database.reading() as connection:
        yield connection
    database.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES, NAMES)
def test_every_character_means_itself(connection: Connection, name: str, text: str) -> None:
    """Wildcards and the escape character too; only the case of letters does not matter."""
    found = select(Contains(literal(name), bindparam("pattern")))

    assert bool(connection.execute(found, {"pattern": containing(text)}).scalar()) == (text.lower() in name.lower())


def test_postgresql_is_told_that_case_does_not_matter() -> None:
    """Its `LIKE` minds it."""
    asked = str(Contains(column("name"), bindparam("pattern")).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]

    assert asked == "lower(name) LIKE %(pattern)s ESCAPE '\\'"
