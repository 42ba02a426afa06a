# SPDX-License-Identifier: Apache-2.0
"""What becomes of every column that may name a user."""

import re

from sqlalchemy import Column
from sqlalchemy import MetaData
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text

import entrepot.entry.tables  # noqa: F401 - the schema is complete from here on
from entrepot.features.users.following import FOLLOWING
from entrepot.features.users.following import STAYING
from entrepot.infra.database.metadata import metadata

IDENTITY_CHARACTERS = 320
"""How long columns are that hold such as `user:alice`."""

TELLING = re.compile(
    r"user|owner|principal|member|subject|holder|account|author|actor|approver|requester|invit|accept|became|made_for"
    r"|_by$|^by$|^cause$"
)
NAMES = {"users", "former_users"}
"""Tables whose `name` is that of a user."""


def may_name_a_user(column: "Column[str]") -> bool:
    """Tell whether a column may hold a user's name or identity: by its type, its name or what it refers to."""
    if not isinstance(column.type, String | Text):
        return False
    table = column.table.name
    refers = any(key.target_fullname == "users.name" for key in column.foreign_keys)
    is_name = column.name == "name" and table in NAMES
    is_long = getattr(column.type, "length", None) == IDENTITY_CHARACTERS
    return refers or is_name or is_long or TELLING.search(column.name) is not None


def found_in(catalogue: MetaData) -> set[str]:
    """Return every column that may name a user, such as `grants.principal`."""
    tables = catalogue.tables.values()
    return {f"{table.name}.{column.name}" for table in tables for column in table.columns if may_name_a_user(column)}


def test_every_column_that_may_name_a_user_is_declared() -> None:
    """A new one has to say whether it follows when the user is renamed (`FOLLOWING`), or why it stays (`STAYING`)."""
    declared = {f"{each.table}.{each.column}" for each in FOLLOWING} | set(STAYING)

    assert found_in(metadata) == declared


def test_no_column_is_declared_twice() -> None:
    """It follows, or it stays."""
    assert not {f"{each.table}.{each.column}" for each in FOLLOWING} & set(STAYING)


def test_a_new_column_is_noticed() -> None:
    """By its length, by its name, and by what it refers to."""
    catalogue = MetaData()
    Table("users", catalogue, Column("name", String(255)))
    Table("later", catalogue, Column("who", String(320)), Column("asked_by", Text), Column("size", String(32)))

    assert found_in(catalogue) == {"users.name", "later.who", "later.asked_by"}


def test_columns_that_follow_are_there() -> None:
    """So is what limits them."""
    for each in FOLLOWING:
        columns = metadata.tables[each.table].c
        assert each.column in columns
        assert not each.until or each.until in columns
