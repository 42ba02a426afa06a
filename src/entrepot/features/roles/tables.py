# SPDX-License-Identifier: Apache-2.0
"""The roles that administrators made."""

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

roles = Table(
    "roles",
    metadata,
    Column("name", bytewise(64), primary_key=True),
    Column("description", Text, nullable=False),
    Column("actions", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", bytewise(320), nullable=False),
    comment="Custom roles; the actions are joined by commas",
)
