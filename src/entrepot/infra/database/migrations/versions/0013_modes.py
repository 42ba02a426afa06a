# SPDX-License-Identifier: Apache-2.0
"""Modes of the instance and of projects."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "modes",
        sa.Column("scope", bytewise(255), nullable=False),
        sa.Column("mode", bytewise(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", bytewise(320), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("mode IN ('no-delete', 'read-only', 'maintenance')", name=op.f("ck_modes_mode")),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_modes")),
        comment="What is not rw: the instance (scope '') and projects",
    )
