# SPDX-License-Identifier: Apache-2.0
"""The people who have an account here."""

from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import Column
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import RowId
from entrepot.infra.database.metadata import metadata

users = Table(
    "users",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(255), nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("is_admin", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    Column("password_changed_at", BigInteger, nullable=False),
    comment="Local accounts; one with disabled_at may do nothing",
)
