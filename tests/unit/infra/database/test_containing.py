# SPDX-License-Identifier: Apache-2.0
"""Finding text inside text."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import bindparam
from sqlalchemy import column
from sqlalchemy import literal
from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from entrepot.infra.database.containing import Contains
from entrepot.infra.database.containing import containing
from entrepot.infra.database.engine import Database
from tests.builders.databases import an_empty_database

NAMES = st.text("aAbB._-%\\01", max_size=6)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database without tables."""
    database = an_empty_database(tmp_path_factory.mktemp("containing"))
    yield database
    database.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(NAMES, NAMES)
def test_every_character_means_itself(database: Database, name: str, text: str) -> None:
    """Wildcards and the escape character too; only the case of letters does not matter."""
    asked = select(Contains(literal(name), bindparam("pattern", containing(text))))
    found = database.snapshot_now(lambda connection: connection.execute(asked).scalar_one())

    assert bool(found) == (text.lower() in name.lower())


def test_postgresql_is_told_that_case_does_not_matter() -> None:
    """Its `LIKE` minds it."""
    asked = str(Contains(column("name"), bindparam("pattern")).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]

    assert asked == "lower(name) LIKE %(pattern)s ESCAPE '\\'"
