# SPDX-License-Identifier: Apache-2.0
"""How far the archive has come."""

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Integer
from sqlalchemy import Table

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

archive_chain = Table(
    "archive_chain",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("line", bytewise(26), nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("digest", bytewise(160), nullable=False),
    Column("segment_bytes", BigInteger, nullable=False),
    Column("base", bytewise(26)),
    Column("base_at", BigInteger),
    comment="One row: the newest segment of the archive, and its newest base",
)

archive_tables = Table(
    "archive_tables",
    metadata,
    Column("name", bytewise(64), primary_key=True),
    Column("digest", bytewise(160), nullable=False),
    comment="What was last archived of the tables that are archived as a whole",
)
