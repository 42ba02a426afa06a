# SPDX-License-Identifier: Apache-2.0
"""Looking for many texts in one statement."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import literal
from sqlalchemy import select

from entrepot.infra.database.among import Among
from entrepot.infra.database.engine import Database
from tests.builders.databases import an_empty_database

# PostgreSQL keeps no NUL in text, and half of a surrogate pair is no text anywhere.
TEXTS = st.text(st.characters(categories=("L", "N", "P", "S", "Z")), max_size=6)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database without tables."""
    database = an_empty_database(tmp_path_factory.mktemp("among"))
    yield database
    database.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS, st.lists(TEXTS, max_size=6))
def test_a_text_is_found_where_it_is_one_of_them(database: Database, text: str, texts: list[str]) -> None:
    """As it is, whatever it has of quotes, brackets and commas."""
    asked = select(Among(literal(text), "texts"))
    found = database.snapshot_now(lambda connection: connection.execute(asked, {"texts": texts}).scalar_one())

    assert bool(found) == (text in texts)


def test_there_may_be_many(database: Database) -> None:
    """Many thousand at once."""
    texts = [str(number) for number in range(20_000)]
    asked = select(Among(literal("19999"), "texts"), Among(literal("20000"), "texts"))
    found = database.snapshot_now(lambda connection: connection.execute(asked, {"texts": texts}).one())

    assert [bool(each) for each in found] == [True, False]
