# SPDX-License-Identifier: Apache-2.0
"""Rule books: one row for the registry, and one for each project that has rules of a kind."""

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

rule_books = Table(
    "rule_books",
    metadata,
    Column("noun", bytewise(32), primary_key=True),
    Column("project", bytewise(255), primary_key=True),
    Column("rules", Text, nullable=False),
    Column("rule_count", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("changed_by", bytewise(320), nullable=False),
    Index("ix_rule_books_revision", "noun", "revision"),
    comment="Rules as JSON, in order; project '' for the registry; the revision grows with every change of a noun",
)
