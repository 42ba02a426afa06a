# SPDX-License-Identifier: Apache-2.0
"""Policies of retention, the plans that are made of them, tags that expire, and what came back from the bin when."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

INDEXES = ("artifact_facts",)


def upgrade() -> None:
    """Bring the schema forward."""
    is_expiring = sa.text("expires_after IS NOT NULL")
    op.add_column("artifact_facts", sa.Column("expires_after", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_artifact_facts_expiring",
        "artifact_facts",
        ["digest"],
        sqlite_where=is_expiring,
        postgresql_where=is_expiring,
    )
    op.add_column("manifests", sa.Column("restored_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "retention_policies",
        sa.Column("level", bytewise(16), nullable=False),
        sa.Column("scope", bytewise(255), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("cron", bytewise(64), nullable=False),
        sa.Column("brake_percent", sa.Integer(), nullable=False),
        sa.Column("expires_by_labels", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", bytewise(320), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("level IN ('registry', 'project', 'repository')", name=op.f("ck_retention_policies_level")),
        sa.PrimaryKeyConstraint("level", "scope", name=op.f("pk_retention_policies")),
        comment="What is kept and what goes; the scope is '' for the registry, the rules are JSON",
    )
    op.create_table(
        "retention_plans",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("level", bytewise(16), nullable=False),
        sa.Column("scope", bytewise(255), nullable=False),
        sa.Column("state", bytewise(16), nullable=False),
        sa.Column("given_rules", sa.Text(), nullable=True),
        sa.Column("basis", bytewise(64), nullable=False),
        sa.Column("brake_percent", sa.Integer(), nullable=False),
        sa.Column("made_by", bytewise(320), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("deletions", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("freed_bytes", sa.BigInteger(), nullable=True),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('planning', 'planned', 'running', 'done', 'refused', 'failed')",
            name=op.f("ck_retention_plans_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_plans")),
        comment="What a run would delete, or has deleted; given_rules are those somebody tries, as JSON",
    )
    with op.batch_alter_table("retention_plans", schema=None) as batch_op:
        batch_op.create_index("ix_retention_plans_made_at", ["made_at"], unique=False)
        batch_op.create_index("ix_retention_plans_scope", ["level", "scope", "id"], unique=False)

    op.create_table(
        "retention_steps",
        sa.Column("plan_id", bytewise(26), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("repository", bytewise(255), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("tag", bytewise(128), nullable=True),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("outcome", bytewise(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("outcome IN ('planned', 'deleted', 'spared')", name=op.f("ck_retention_steps_outcome")),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["retention_plans.id"],
            name=op.f("fk_retention_steps_plan_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("plan_id", "number", name=op.f("pk_retention_steps")),
        comment="Each a tag, or with no tag an artifact with all its tags; tags and rules are JSON",
    )
    with op.batch_alter_table("retention_steps", schema=None) as batch_op:
        batch_op.create_index("ix_retention_steps_repository", ["plan_id", "repository", "number"], unique=False)

    op.create_table(
        "retention_doomed",
        sa.Column("plan_id", bytewise(26), nullable=False),
        sa.Column("repo_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["retention_plans.id"],
            name=op.f("fk_retention_doomed_plan_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("plan_id", "repo_id", "digest", name=op.f("pk_retention_doomed")),
        comment="The manifests that go with the steps of a plan, until it is known what that frees",
    )
    _create_expiries()


def _create_expiries() -> None:
    op.create_table(
        "tag_expiries",
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("tag", bytewise(128), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("set_by", bytewise(320), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["repo_id"], ["repositories.id"], name=op.f("fk_tag_expiries_repo_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("repo_id", "tag", name=op.f("pk_tag_expiries")),
        comment="When tags go as somebody has said, while they point at that digest; NULL for never",
    )
    op.create_index("ix_tag_expiries_expires_at", "tag_expiries", ["expires_at"])
    op.create_table(
        "tag_warnings",
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("tag", bytewise(128), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["repo_id"], ["repositories.id"], name=op.f("fk_tag_warnings_repo_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("repo_id", "tag", name=op.f("pk_tag_warnings")),
        comment="Of which tags it was told that they go soon, and when",
    )
