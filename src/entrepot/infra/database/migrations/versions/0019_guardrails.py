# SPDX-License-Identifier: Apache-2.0
"""Guardrails, their exceptions, and what those that only simulate would have refused."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "guardrails",
        sa.Column("name", bytewise(64), nullable=False),
        sa.Column("path_pattern", bytewise(255), nullable=False),
        sa.Column("kind", bytewise(32), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("mode", bytewise(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", bytewise(320), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", bytewise(320), nullable=False),
        sa.CheckConstraint("mode IN ('simulate', 'enforce')", name=op.f("ck_guardrails_mode")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_guardrails")),
        comment="What must not happen where, whatever was granted; the options are JSON",
    )
    op.create_table(
        "guardrail_exceptions",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("guardrail", bytewise(64), nullable=False),
        sa.Column("path_pattern", bytewise(255), nullable=False),
        sa.Column("principal", bytewise(320), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", bytewise(320), nullable=False),
        sa.ForeignKeyConstraint(
            ["guardrail"],
            ["guardrails.name"],
            name=op.f("fk_guardrail_exceptions_guardrail"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardrail_exceptions")),
        comment="What a guardrail is not about, until then: a path ('' for all), somebody ('' for everybody), or both",
    )
    op.create_index("ix_guardrail_exceptions_guardrail", "guardrail_exceptions", ["guardrail", "id"], unique=False)
    op.create_index("ix_guardrail_exceptions_expires_at", "guardrail_exceptions", ["expires_at"], unique=False)
    op.create_table(
        "guardrail_simulations",
        sa.Column("guardrail", bytewise(64), nullable=False),
        sa.Column("principal", bytewise(320), nullable=False),
        sa.Column("deed", bytewise(16), nullable=False),
        sa.Column("place", bytewise(400), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["guardrail"],
            ["guardrails.name"],
            name=op.f("fk_guardrail_simulations_guardrail"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("guardrail", "principal", "deed", "place", name=op.f("pk_guardrail_simulations")),
        comment="What would have been refused, by whom, what and where; "
        "all three are '' for what is not listed by itself",
    )
    op.create_index("ix_guardrail_simulations_last_at", "guardrail_simulations", ["last_at"], unique=False)
