# SPDX-License-Identifier: Apache-2.0
"""The one catalogue that every table of Entrepot is declared in."""

import re
from collections.abc import Callable

from sqlalchemy import BigInteger
from sqlalchemy import Connection
from sqlalchemy import Integer
from sqlalchemy import MetaData
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import inspect

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

RowId = BigInteger().with_variant(Integer(), "sqlite")
"""A generated 64-bit key (SQLite generates only for a column that is exactly INTEGER)."""


def bytewise(length: int) -> String:
    """Make a text type whose order and equality are those of its bytes on every engine."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


_families: dict[re.Pattern[str], Callable[[str], Table]] = {}


def declare_family(names: re.Pattern[str], table_of: Callable[[str], Table]) -> None:
    """Declare tables that are made while the program runs: those with such names are as `table_of` says.

    They refer to no other table, and no other refers to them.
    """
    _families[names] = table_of


def family_table(name: str) -> Table | None:
    """Return the table of this name if it is of a declared family."""
    return next((table_of(name) for names, table_of in _families.items() if names.fullmatch(name)), None)


def tables_in(connection: Connection) -> list[Table]:
    """Return every table that is declared, in the order of their references, and those of families that are there."""
    found = map(family_table, sorted(inspect(connection).get_table_names()))
    return [*metadata.sorted_tables, *(table for table in found if table is not None)]
