# SPDX-License-Identifier: Apache-2.0
"""Policies, and the plans that were made of them."""

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

retention_policies = Table(
    "retention_policies",
    metadata,
    Column("level", bytewise(16), primary_key=True),
    Column("scope", bytewise(255), primary_key=True),
    Column("rules", Text, nullable=False),
    Column("cron", bytewise(64), nullable=False),
    Column("brake_percent", Integer, nullable=False),
    Column("expires_by_labels", Boolean, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("changed_by", bytewise(320), nullable=False),
    Column("begun_at", BigInteger),
    CheckConstraint("level IN ('registry', 'project', 'repository')", name="level"),
    comment="What is kept and what goes; the scope is '' for the registry, the rules are JSON",
)

retention_plans = Table(
    "retention_plans",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("level", bytewise(16), nullable=False),
    Column("scope", bytewise(255), nullable=False),
    Column("state", bytewise(16), nullable=False),
    Column("given_rules", Text),
    Column("basis", bytewise(64), nullable=False),
    Column("brake_percent", Integer, nullable=False),
    Column("made_by", bytewise(320), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("units", BigInteger, nullable=False),
    Column("deletions", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("freed_bytes", BigInteger),
    Column("done", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    CheckConstraint("state IN ('planning', 'planned', 'running', 'done', 'refused', 'failed')", name="state"),
    Index("ix_retention_plans_scope", "level", "scope", "id"),
    Index("ix_retention_plans_made_at", "made_at"),
    comment="What a run would delete, or has deleted; given_rules are those somebody tries, as JSON",
)

retention_steps = Table(
    "retention_steps",
    metadata,
    Column("plan_id", bytewise(26), ForeignKey("retention_plans.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("repository", bytewise(255), nullable=False),
    Column("digest", bytewise(160), nullable=False),
    Column("tag", bytewise(128)),
    Column("tags", Text, nullable=False),
    Column("rules", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("outcome", bytewise(16), nullable=False),
    Column("reason", Text, nullable=False),
    CheckConstraint("outcome IN ('planned', 'deleted', 'spared')", name="outcome"),
    Index("ix_retention_steps_repository", "plan_id", "repository", "number"),
    comment="Each a tag, or with no tag an artifact with all its tags; tags and rules are JSON",
)

retention_doomed = Table(
    "retention_doomed",
    metadata,
    Column("plan_id", bytewise(26), ForeignKey("retention_plans.id", ondelete="CASCADE"), primary_key=True),
    Column("repo_id", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", bytewise(160), primary_key=True),
    comment="The manifests that go with the steps of a plan, until it is known what that frees",
)

tag_expiries = Table(
    "tag_expiries",
    metadata,
    Column("repo_id", BigInteger, ForeignKey("repositories.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", bytewise(128), primary_key=True),
    Column("digest", bytewise(160), nullable=False),
    Column("expires_at", BigInteger),
    Column("set_by", bytewise(320), nullable=False),
    Column("set_at", BigInteger, nullable=False),
    Index("ix_tag_expiries_expires_at", "expires_at"),
    comment="When tags go as somebody has said, while they point at that digest; NULL for never",
)

tag_warnings = Table(
    "tag_warnings",
    metadata,
    Column("repo_id", BigInteger, ForeignKey("repositories.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", bytewise(128), primary_key=True),
    Column("digest", bytewise(160), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    comment="Of which tags it was told that they go soon, and when",
)
