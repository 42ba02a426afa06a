# SPDX-License-Identifier: Apache-2.0
"""The index of artifacts by what they are, and saved queries.

Nothing here refers to rows of the core, which may go at any time: the index follows behind, and what is shown is
looked up among what is there.
"""

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Index
from sqlalchemy import LargeBinary
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import text

from entrepot.infra.database.metadata import RowId
from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

_HAS_REVISION = text("revision IS NOT NULL")

search_artifacts = Table(
    "search_artifacts",
    metadata,
    Column("place", RowId, primary_key=True, autoincrement=False),
    Column("repo_id", BigInteger, nullable=False),
    Column("digest", bytewise(160), nullable=False),
    Column("type", bytewise(32), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("platforms", Text, nullable=False),
    Column("label_keys", Text, nullable=False),
    Column("revision", bytewise(64)),
    Column("terms", LargeBinary, nullable=False),
    Index("uq_search_artifacts", "digest", "repo_id", unique=True),
    Index("ix_search_artifacts_repo_id", "repo_id", "place"),
    Index("ix_search_artifacts_size", "size", "place"),
    Index(
        "ix_search_artifacts_revision",
        "revision",
        "place",
        sqlite_where=_HAS_REVISION,
        postgresql_where=_HAS_REVISION,
    ),
    comment="What is known of each artifact of each repository; places are in the order of pushes",
)

search_terms = Table(
    "search_terms",
    metadata,
    Column("term", BigInteger, primary_key=True, autoincrement=False),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    comment="By the hash of what is said of an artifact, the places of those that it is said of",
    sqlite_with_rowid=False,
)

search_saved = Table(
    "search_saved",
    metadata,
    Column("owner", bytewise(320), primary_key=True),
    Column("name", bytewise(64), primary_key=True),
    Column("query", Text, nullable=False),
    Column("project", bytewise(255)),
    Column("changed_at", BigInteger, nullable=False),
    Index("ix_search_saved_project", "project", "name"),
    comment="Queries that somebody kept; one with a project is seen by whoever may read that",
)
