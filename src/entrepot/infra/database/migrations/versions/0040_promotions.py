# SPDX-License-Identifier: Apache-2.0
"""Promotions: paths, who approves on them, what was asked for, and what people said about it."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    _add_paths()
    _add_promotions()


def _add_paths() -> None:
    op.create_table(
        "promotion_paths",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("project", bytewise(255), nullable=False),
        sa.Column("name", bytewise(64), nullable=False),
        sa.Column("source", bytewise(255), nullable=False),
        sa.Column("repositories", bytewise(255), nullable=False),
        sa.Column("prefix", bytewise(255), nullable=False),
        sa.Column("tags", bytewise(128), nullable=False),
        sa.Column("tag_suffix", bytewise(32), nullable=False),
        sa.Column("approvals", sa.Integer(), nullable=False),
        sa.Column("own_request_counts", sa.Boolean(), nullable=False),
        sa.Column("wait_hours", sa.Integer(), nullable=False),
        sa.Column("follow_hours", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", bytewise(320), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion_paths")),
        comment="From which repositories of one project to which of another, and how many have to approve",
    )
    op.create_index("ix_promotion_paths_project_name", "promotion_paths", ["project", "name"], unique=True)
    op.create_index("ix_promotion_paths_source", "promotion_paths", ["source"])
    op.create_table(
        "promotion_approvers",
        sa.Column("path_id", bytewise(26), nullable=False),
        sa.Column("approver", bytewise(320), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["path_id"], ["promotion_paths.id"], name=op.f("fk_promotion_approvers_path_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("path_id", "approver", name=op.f("pk_promotion_approvers")),
        comment="Users and groups; a group that was made anew since is another one",
    )
    op.create_index("ix_promotion_approvers_approver", "promotion_approvers", ["approver", "path_id"])


def _add_promotions() -> None:
    op.create_table(
        "promotions",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("path_id", bytewise(26), nullable=False),
        sa.Column("path", bytewise(64), nullable=False),
        sa.Column("project", bytewise(255), nullable=False),
        sa.Column("source", bytewise(255), nullable=False),
        sa.Column("target", bytewise(255), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("media_type", bytewise(255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("tag", bytewise(128)),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("requested_by", bytewise(320), nullable=False),
        sa.Column("asker", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("state", bytewise(16), nullable=False),
        sa.Column("needed", sa.Integer()),
        sa.Column("carried_out_by", bytewise(320)),
        sa.Column("executor", sa.Text()),
        sa.Column("copy_id", bytewise(26)),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("record_digest", bytewise(160)),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'refused', 'withdrawn', 'expired')",
            name=op.f("ck_promotions_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotions")),
        comment="What was asked for along a path; who asked, who carries it out, tags and record are JSON",
    )
    op.create_index("ix_promotions_path_id", "promotions", ["path_id", "state", "id"])
    op.create_index("ix_promotions_source", "promotions", ["source", "id"])
    op.create_index("ix_promotions_target", "promotions", ["target", "id"])
    op.create_index("ix_promotions_state", "promotions", ["state", "id"])
    op.create_index("ix_promotions_requested_by", "promotions", ["requested_by", "id"])
    op.create_index("ix_promotions_copy_id", "promotions", ["copy_id"])
    op.create_index("ix_promotions_ended_at", "promotions", ["ended_at"])
    op.create_table(
        "promotion_decisions",
        sa.Column("promotion_id", bytewise(26), nullable=False),
        sa.Column("decided_by", bytewise(320), nullable=False),
        sa.Column("verdict", bytewise(16), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("verdict IN ('approve', 'refuse')", name=op.f("ck_promotion_decisions_verdict")),
        sa.ForeignKeyConstraint(
            ["promotion_id"], ["promotions.id"], name=op.f("fk_promotion_decisions_promotion_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("promotion_id", "decided_by", name=op.f("pk_promotion_decisions")),
        comment="What each approver said of a promotion, once",
    )
