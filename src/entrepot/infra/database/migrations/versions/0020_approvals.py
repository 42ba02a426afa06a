# SPDX-License-Identifier: Apache-2.0
"""Approvals, and which acts take one."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "approvals",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("act", bytewise(32), nullable=False),
        sa.Column("target", bytewise(1000), nullable=False),
        sa.Column("hours", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_by", bytewise(320), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("state", bytewise(16), nullable=False),
        sa.Column("decided_by", bytewise(320), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'approved', 'rejected', 'withdrawn', 'used')", name=op.f("ck_approvals_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
        comment="Who asked to do what, and what a second person said; decided_by is '' until then, hours null for good",
    )
    op.create_index("ix_approvals_state", "approvals", ["state", "id"], unique=False)
    op.create_index("ix_approvals_requested_by", "approvals", ["requested_by", "id"], unique=False)
    op.create_index("ix_approvals_expires_at", "approvals", ["expires_at"], unique=False)
    op.create_table(
        "approval_rules",
        sa.Column("act", bytewise(32), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("set_by", bytewise(320), nullable=False),
        sa.PrimaryKeyConstraint("act", name=op.f("pk_approval_rules")),
        comment="The acts that take a second person",
    )
