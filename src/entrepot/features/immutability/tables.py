# SPDX-License-Identifier: Apache-2.0
"""Overrides: tags that may be changed for a while although a rule keeps them."""

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Index
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

immutability_overrides = Table(
    "immutability_overrides",
    metadata,
    Column("repository", bytewise(255), primary_key=True),
    Column("tag", bytewise(128), primary_key=True),
    Column("project", bytewise(255), nullable=False),
    Column("reason", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", bytewise(320), nullable=False),
    Index("ix_immutability_overrides_project", "project"),
    Index("ix_immutability_overrides_expires_at", "expires_at"),
    comment="Tags that may be moved and deleted until then, whatever rules say",
)
