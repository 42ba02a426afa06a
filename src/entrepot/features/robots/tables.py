# SPDX-License-Identifier: Apache-2.0
"""The robots there are."""

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Index
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

robots = Table(
    "robots",
    metadata,
    Column("name", bytewise(255), primary_key=True),
    Column("project", bytewise(255), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", bytewise(320), nullable=False),
    Column("disabled_at", BigInteger),
    Column("allowed_addresses", Text, nullable=False, server_default=text("''")),
    Index("ix_robots_project_name", "project", "name"),
    comment="Accounts for programs, named <project>.<name>; what they may do is in grants",
)
