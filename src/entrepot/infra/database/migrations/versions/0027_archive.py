# SPDX-License-Identifier: Apache-2.0
"""How far the archive beside the bytes has come."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "archive_chain",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", bytewise(26), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("segment_bytes", sa.BigInteger(), nullable=False),
        sa.Column("base", bytewise(26), nullable=True),
        sa.Column("base_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_archive_chain"),
        comment="One row: the newest segment of the archive, and its newest base",
    )
    op.create_table(
        "archive_tables",
        sa.Column("name", bytewise(64), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_archive_tables"),
        comment="What was last archived of the tables that are archived as a whole",
    )
