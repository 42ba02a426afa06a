# SPDX-License-Identifier: Apache-2.0
"""Templates, and the grants that they give."""

from sqlalchemy import BigInteger
from sqlalchemy import CheckConstraint
from sqlalchemy import Column
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

templates = Table(
    "templates",
    metadata,
    Column("project", bytewise(255), primary_key=True),
    Column("name", bytewise(64), primary_key=True),
    Column("purpose", bytewise(16), nullable=False),
    Column("pattern", bytewise(255), nullable=False),
    Column("settings", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", bytewise(320), nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("changed_by", bytewise(320), nullable=False),
    CheckConstraint("purpose IN ('project', 'repository')", name="purpose"),
    comment="What new projects and repositories start with; the project is '' for the registry, settings are JSON",
)

template_grants = Table(
    "template_grants",
    metadata,
    Column("project", bytewise(255), primary_key=True),
    Column("template", bytewise(64), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("principal", bytewise(320), nullable=False),
    Column("role", bytewise(64), nullable=False),
    Column("path", bytewise(255), nullable=False),
    ForeignKeyConstraint(["project", "template"], ["templates.project", "templates.name"], ondelete="CASCADE"),
    Index("ix_template_grants_principal", "principal"),
    comment="The grants of a template, in order; the principal is 'creator', or such as user:alice",
)
