# SPDX-License-Identifier: Apache-2.0
"""Copies, and what went along with each."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "copies",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("source", bytewise(255), nullable=False),
        sa.Column("target", bytewise(255), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("with_referrers", sa.Boolean(), nullable=False),
        sa.Column("follow_hours", sa.Integer(), nullable=False),
        sa.Column("requested_by", bytewise(320), nullable=False),
        sa.Column("asker", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("state", bytewise(16), nullable=False),
        sa.Column("brought", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.Column("follow_until", sa.BigInteger()),
        sa.Column("heard", sa.BigInteger(), nullable=False),
        sa.Column("followed", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('running', 'done', 'failed', 'cancelled')", name=op.f("ck_copies_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_copies")),
        comment="Artifacts brought into another repository; items, who asked and what was brought are JSON",
    )
    op.create_index("ix_copies_source", "copies", ["source", "id"])
    op.create_index("ix_copies_target", "copies", ["target", "id"])
    op.create_index("ix_copies_state", "copies", ["state", "id"])
    op.create_index("ix_copies_requested_by", "copies", ["requested_by", "id"])
    op.create_table(
        "copied_entries",
        sa.Column("copy_id", bytewise(26), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("tag", bytewise(128), nullable=False),
        sa.ForeignKeyConstraint(["copy_id"], ["copies.id"], name=op.f("fk_copied_entries_copy_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("copy_id", "digest", "tag", name=op.f("pk_copied_entries")),
        comment="What went along with a copy that is followed; tag '' for the manifest itself",
    )
    op.create_index("ix_copied_entries_digest", "copied_entries", ["digest", "copy_id"])
