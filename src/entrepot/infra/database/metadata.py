# SPDX-License-Identifier: Apache-2.0
"""The one catalogue that every table of Entrepot is declared in."""

from sqlalchemy import BigInteger
from sqlalchemy import Integer
from sqlalchemy import MetaData
from sqlalchemy import String

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
