# SPDX-License-Identifier: Apache-2.0
"""Copies, and what of the source went along with each."""

from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import CheckConstraint
from sqlalchemy import Column
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

copies = Table(
    "copies",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("source", bytewise(255), nullable=False),
    Column("target", bytewise(255), nullable=False),
    Column("items", Text, nullable=False),
    Column("with_referrers", Boolean, nullable=False),
    Column("follow_hours", Integer, nullable=False),
    Column("requested_by", bytewise(320), nullable=False),
    Column("asker", Text, nullable=False),
    Column("requested_at", BigInteger, nullable=False),
    Column("state", bytewise(16), nullable=False),
    Column("brought", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("ended_at", BigInteger),
    Column("follow_until", BigInteger),
    Column("heard", BigInteger, nullable=False),
    Column("followed", BigInteger, nullable=False),
    CheckConstraint("state IN ('running', 'done', 'failed', 'cancelled')", name="state"),
    Index("ix_copies_source", "source", "id"),
    Index("ix_copies_target", "target", "id"),
    Index("ix_copies_state", "state", "id"),
    Index("ix_copies_requested_by", "requested_by", "id"),
    comment="Artifacts brought into another repository; items, who asked and what was brought are JSON",
)

copied_entries = Table(
    "copied_entries",
    metadata,
    Column("copy_id", bytewise(26), ForeignKey("copies.id", ondelete="CASCADE"), primary_key=True),
    Column("digest", bytewise(160), primary_key=True),
    Column("tag", bytewise(128), primary_key=True),
    Index("ix_copied_entries_digest", "digest", "copy_id"),
    comment="What went along with a copy that is followed; tag '' for the manifest itself",
)
