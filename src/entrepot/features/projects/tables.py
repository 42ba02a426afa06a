# SPDX-License-Identifier: Apache-2.0
"""The projects there are."""

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Index
from sqlalchemy import Table
from sqlalchemy import text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

IS_OPEN = text("visibility IN ('public', 'internal')")
"""Text, not a parameter: SQLite uses a partial index only for a condition spelled like the index's own."""

projects = Table(
    "projects",
    metadata,
    Column("name", bytewise(255), primary_key=True),
    Column("visibility", bytewise(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", bytewise(320), nullable=False),
    Column("cause", bytewise(16), nullable=False),
    Column("redirect", bytewise(16), nullable=False, server_default="allowed"),
    Index("ix_projects_open", "name", "visibility", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
    comment="First segments of repository names; the cause is a request, or the first push",
)
