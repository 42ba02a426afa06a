# SPDX-License-Identifier: Apache-2.0
"""Groups and their members."""

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

groups = Table(
    "groups",
    metadata,
    Column("name", bytewise(128), primary_key=True),
    Column("description", Text, nullable=False),
    Column("provider", bytewise(64)),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", bytewise(320), nullable=False),
    comment="Groups; the provider is null for those that are kept here",
)

group_members = Table(
    "group_members",
    metadata,
    Column("group_name", bytewise(128), ForeignKey(groups.c.name, ondelete="CASCADE"), primary_key=True),
    Column("member", bytewise(320), primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", bytewise(320), nullable=False),
    Index("ix_group_members_member", "member", "group_name"),
    comment="Who is in which group; a member is such as user:alice or group:developers",
)
