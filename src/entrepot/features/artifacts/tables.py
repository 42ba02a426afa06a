# SPDX-License-Identifier: Apache-2.0
"""What is known of artifacts, by the digest of their manifest."""

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

IS_EXPIRING = text("expires_after IS NOT NULL")
"""Text, not a parameter: SQLite uses a partial index only for a condition spelled like the index's own."""

artifact_rules = Table(
    "artifact_rules",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("caught_up_at", BigInteger, nullable=False),
    comment="Versions of the rules by which facts were asked for of every manifest that was there before them",
)

artifact_facts = Table(
    "artifact_facts",
    metadata,
    Column("digest", bytewise(160), primary_key=True),
    Column("type", bytewise(32), nullable=False, index=True),
    Column("facts", Text, nullable=False),
    Column("rules_version", Integer, nullable=False),
    Column("derived_at", BigInteger, nullable=False),
    Column("expires_after", BigInteger),
    Index("ix_artifact_facts_expiring", "digest", sqlite_where=IS_EXPIRING, postgresql_where=IS_EXPIRING),
    comment="Derived from content alone, so the same for every repository that holds the manifest",
)
