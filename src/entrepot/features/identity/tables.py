# SPDX-License-Identifier: Apache-2.0
"""The people who have an account here, those who had one, and whose logins failed."""

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Integer
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import RowId
from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

users = Table(
    "users",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(255), nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    Column("password_changed_at", BigInteger, nullable=False),
    Column("provider", bytewise(64)),
    Column("second_factor_at", BigInteger),
    comment="Local accounts; one with disabled_at may do nothing",
)

former_users = Table(
    "former_users",
    metadata,
    Column("name", bytewise(255), primary_key=True),
    Column("deleted_at", BigInteger, nullable=False),
    Column("became", bytewise(255)),
    comment="Names that had an account; none of them is given out again",
)

login_failures = Table(
    "login_failures",
    metadata,
    Column("subject", bytewise(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_failed_at", BigInteger, nullable=False, index=True),
    comment="Wrong passwords of late; a subject is the SHA-256 of an address, or of an account name at an address",
)
