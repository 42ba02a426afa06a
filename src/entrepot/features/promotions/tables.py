# SPDX-License-Identifier: Apache-2.0
"""Paths of promotions, who approves on them, what was asked for, and what people said about it."""

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

promotion_paths = Table(
    "promotion_paths",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("project", bytewise(255), nullable=False),
    Column("name", bytewise(64), nullable=False),
    Column("source", bytewise(255), nullable=False),
    Column("repositories", bytewise(255), nullable=False),
    Column("prefix", bytewise(255), nullable=False),
    Column("tags", bytewise(128), nullable=False),
    Column("tag_suffix", bytewise(32), nullable=False),
    Column("approvals", Integer, nullable=False),
    Column("own_request_counts", Boolean, nullable=False),
    Column("wait_hours", Integer, nullable=False),
    Column("follow_hours", Integer, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("changed_by", bytewise(320), nullable=False),
    Index("ix_promotion_paths_project_name", "project", "name", unique=True),
    Index("ix_promotion_paths_source", "source"),
    comment="From which repositories of one project to which of another, and how many have to approve",
)

promotion_approvers = Table(
    "promotion_approvers",
    metadata,
    Column("path_id", bytewise(26), ForeignKey("promotion_paths.id", ondelete="CASCADE"), primary_key=True),
    Column("approver", bytewise(320), primary_key=True),
    Column("added_at", BigInteger, nullable=False),
    Index("ix_promotion_approvers_approver", "approver", "path_id"),
    comment="Users and groups; a group that was made anew since is another one",
)

promotions = Table(
    "promotions",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("path_id", bytewise(26), nullable=False),
    Column("path", bytewise(64), nullable=False),
    Column("project", bytewise(255), nullable=False),
    Column("source", bytewise(255), nullable=False),
    Column("target", bytewise(255), nullable=False),
    Column("digest", bytewise(160), nullable=False),
    Column("media_type", bytewise(255), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("tag", bytewise(128)),
    Column("tags", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("requested_by", bytewise(320), nullable=False),
    Column("asker", Text, nullable=False),
    Column("requested_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("state", bytewise(16), nullable=False),
    Column("needed", Integer),
    Column("carried_out_by", bytewise(320)),
    Column("executor", Text),
    Column("copy_id", bytewise(26)),
    Column("record", Text, nullable=False),
    Column("record_digest", bytewise(160)),
    Column("reason", Text, nullable=False),
    Column("ended_at", BigInteger),
    CheckConstraint(
        "state IN ('waiting', 'running', 'done', 'failed', 'refused', 'withdrawn', 'expired')", name="state"
    ),
    Index("ix_promotions_path_id", "path_id", "state", "id"),
    Index("ix_promotions_source", "source", "id"),
    Index("ix_promotions_target", "target", "id"),
    Index("ix_promotions_state", "state", "id"),
    Index("ix_promotions_requested_by", "requested_by", "id"),
    Index("ix_promotions_copy_id", "copy_id"),
    Index("ix_promotions_ended_at", "ended_at"),
    comment="What was asked for along a path; who asked, who carries it out, tags and record are JSON",
)

promotion_decisions = Table(
    "promotion_decisions",
    metadata,
    Column("promotion_id", bytewise(26), ForeignKey("promotions.id", ondelete="CASCADE"), primary_key=True),
    Column("decided_by", bytewise(320), primary_key=True),
    Column("verdict", bytewise(16), nullable=False),
    Column("decided_at", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    CheckConstraint("verdict IN ('approve', 'refuse')", name="verdict"),
    comment="What each approver said of a promotion, once",
)
