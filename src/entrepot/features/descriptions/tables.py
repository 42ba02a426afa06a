# SPDX-License-Identifier: Apache-2.0
"""What projects and repositories are, and whose."""

from sqlalchemy import BigInteger
from sqlalchemy import CheckConstraint
from sqlalchemy import Column
from sqlalchemy import Index
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

descriptions = Table(
    "descriptions",
    metadata,
    Column("kind", bytewise(16), primary_key=True),
    Column("name", bytewise(255), primary_key=True),
    Column("project", bytewise(255), nullable=False),
    Column("summary", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("owner", bytewise(320), nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("changed_by", bytewise(320), nullable=False),
    CheckConstraint("kind IN ('project', 'repository')", name="kind"),
    Index("ix_descriptions_project", "project"),
    comment="What a project or repository is, in Markdown, and whom to ask; it goes with the project",
)
