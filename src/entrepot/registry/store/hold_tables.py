# SPDX-License-Identifier: Apache-2.0
"""Holds that people place, what clusters say they run, and for how long projects keep what was deleted."""

from sqlalchemy import BigInteger
from sqlalchemy import CheckConstraint
from sqlalchemy import Column
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

placed_holds = Table(
    "placed_holds",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("repo_id", BigInteger, ForeignKey("repositories.id", ondelete="RESTRICT"), nullable=False),
    Column("digest", bytewise(160)),
    Column("tag", bytewise(128)),
    Column("kind", bytewise(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("placed_at", BigInteger, nullable=False),
    Column("placed_by", bytewise(320), nullable=False),
    Column("expires_at", BigInteger),
    Column("released_at", BigInteger),
    Column("released_by", bytewise(320)),
    Column("release_reason", Text),
    CheckConstraint("kind IN ('legal', 'user')", name="kind"),
    Index("ix_placed_holds_repo_id", "repo_id", "id"),
    comment="What nobody may delete, and why; without a digest it is the whole repository",
)
IS_OPEN = text("released_at IS NULL")
Index(
    "ix_placed_holds_open",
    placed_holds.c.repo_id,
    placed_holds.c.digest,
    sqlite_where=IS_OPEN,
    postgresql_where=IS_OPEN,
)

in_use_clusters = Table(
    "in_use_clusters",
    metadata,
    Column("cluster", bytewise(64), primary_key=True),
    Column("reported_at", BigInteger, nullable=False),
    Column("reported_by", bytewise(320), nullable=False),
    Column("until", BigInteger, nullable=False),
    comment="Clusters that say what they run, and until when what each said counts",
)

in_use_pins = Table(
    "in_use_pins",
    metadata,
    Column("cluster", bytewise(64), ForeignKey("in_use_clusters.cluster", ondelete="CASCADE"), primary_key=True),
    Column("repository", bytewise(255), primary_key=True),
    Column("digest", bytewise(160), primary_key=True),
    Index("ix_in_use_pins_repository_digest", "repository", "digest"),
    comment="What each cluster runs; it need not be in this registry",
)

undelete_windows = Table(
    "undelete_windows",
    metadata,
    Column("namespace", bytewise(255), primary_key=True),
    Column("days", Integer, nullable=False),
    comment="For how many days a project keeps what is deleted there, where that is not as configured",
)
