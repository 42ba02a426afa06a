# SPDX-License-Identifier: Apache-2.0
"""Imports, their repositories and artifacts, and what is under way."""

from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import Column
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import LargeBinary
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

imports = Table(
    "imports",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("url", Text, nullable=False),
    Column("login_encrypted", LargeBinary),
    Column("project", bytewise(255), nullable=False),
    Column("terms", Text, nullable=False),
    Column("requested_by", bytewise(320), nullable=False),
    Column("asker", Text, nullable=False),
    Column("requested_at", BigInteger, nullable=False),
    Column("work", bytewise(16), nullable=False),
    Column("state", bytewise(16), nullable=False),
    Column("rests", bytewise(16), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("catalogue", Text, nullable=False),
    Column("is_listed", Boolean, nullable=False),
    Column("began_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("checked_at", BigInteger),
    Column("reason", Text, nullable=False),
    Index("ix_imports_requested_by", "requested_by", "id"),
    Index("ix_imports_state", "state", "id"),
    comment="What is wanted of other registries; terms and asker are JSON, the login is encrypted",
)

import_repositories = Table(
    "import_repositories",
    metadata,
    Column("import_id", bytewise(26), ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    Column("name", bytewise(255), primary_key=True),
    Column("target", bytewise(255), nullable=False),
    Column("state", bytewise(16), nullable=False),
    Column("tags_place", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("waiting", BigInteger, nullable=False),
    Column("looked", BigInteger, nullable=False),
    Column("brought", BigInteger, nullable=False),
    Column("same", BigInteger, nullable=False),
    Column("kept", BigInteger, nullable=False),
    Column("excluded", BigInteger, nullable=False),
    Column("failed", BigInteger, nullable=False),
    Column("bytes_in_all", BigInteger, nullable=False),
    Column("new_bytes", BigInteger, nullable=False),
    Index("ix_import_repositories_target", "import_id", "target"),
    comment="Repositories of an import; counts are of their artifacts, by state",
)

import_items = Table(
    "import_items",
    metadata,
    Column("import_id", bytewise(26), ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    Column("repository", bytewise(255), primary_key=True),
    Column("name", bytewise(160), primary_key=True),
    Column("kind", bytewise(16), nullable=False),
    Column("state", bytewise(16), nullable=False),
    Column("digest", bytewise(160), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("new_bytes", BigInteger, nullable=False),
    Column("created_at", BigInteger),
    Column("date_source", bytewise(16), nullable=False),
    Column("is_dated", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("is_gone", Boolean, nullable=False),
    Index("ix_import_items_state", "import_id", "repository", "state", "name"),
    comment="Artifacts of an import: tags, and referrers by their digest",
)

import_contents = Table(
    "import_contents",
    metadata,
    Column("import_id", bytewise(26), ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", bytewise(160), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("is_here", Boolean, nullable=False),
    comment="What a dry run has found to come, each digest once",
)

import_uploads = Table(
    "import_uploads",
    metadata,
    Column("import_id", bytewise(26), ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    Column("target", bytewise(255), primary_key=True),
    Column("digest", bytewise(160), primary_key=True),
    Column("upload_id", bytewise(26), nullable=False),
    comment="Uploads of blobs that an import has begun",
)
