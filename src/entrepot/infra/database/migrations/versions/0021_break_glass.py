# SPDX-License-Identifier: Apache-2.0
"""Break-glass access: who may take what in an emergency, who did, and the grants that belong to it."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

GRANTS = "Who (kind:name) may do what (role) where (path pattern); with an opening, by breaking the glass"
INDEXES = ("grants", "guardrail_exceptions")


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("grants", sa.Column("opening", bytewise(26), nullable=False, server_default=sa.text("''")))
    if op.get_bind().dialect.supports_comments:
        op.create_table_comment("grants", GRANTS)
    op.drop_index("uq_grants", "grants")
    op.create_index("uq_grants", "grants", ["principal", "path_pattern", "role", "tag_pattern", "opening"], unique=True)
    op.create_index("ix_guardrail_exceptions_principal", "guardrail_exceptions", ["principal"])
    op.create_table(
        "break_glass_eligibilities",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("principal", bytewise(320), nullable=False),
        sa.Column("path_pattern", bytewise(255), nullable=False),
        sa.Column("role", bytewise(64), nullable=False),
        sa.Column("longest_minutes", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", bytewise(320), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_glass_eligibilities")),
        comment="Which role somebody (kind:name) may take where, in an emergency, and for how long at most",
    )
    op.create_index("ix_break_glass_eligibilities_principal", "break_glass_eligibilities", ["principal"])
    op.create_table(
        "break_glass_openings",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("principal", bytewise(320), nullable=False),
        sa.Column("path_pattern", bytewise(255), nullable=False),
        sa.Column("role", bytewise(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_by", bytewise(320)),
        sa.Column("acknowledged_at", sa.BigInteger()),
        sa.Column("acknowledged_by", bytewise(320)),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_glass_openings")),
        comment="Who took which role where, from when to when, and why; who ended it, and who acknowledged it",
    )
    op.create_index("ix_break_glass_openings_principal", "break_glass_openings", ["principal", "opened_at"])
    op.create_index("ix_break_glass_openings_ends_at", "break_glass_openings", ["ends_at"])
    op.create_index("ix_break_glass_openings_acknowledged_at", "break_glass_openings", ["acknowledged_at"])
