# SPDX-License-Identifier: Apache-2.0
"""Checkpoints of other registries, time stamps of our own, and when a destination that failed is tried again."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("audit_deliveries", sa.Column("retry_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "audit_timestamps",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stamped_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", "stamped_at", name=op.f("pk_audit_timestamps")),
        comment="Time stamps of the checkpoint of a record (RFC 3161, DER)",
    )
    op.create_table(
        "audit_witnessed",
        sa.Column("origin", bytewise(320), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", bytewise(64), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("contradicted_at", sa.BigInteger(), nullable=True),
        sa.Column("contradiction", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("origin", "seq", name=op.f("pk_audit_witnessed")),
        comment="Checkpoints that other registries left here, and the first that contradicts one (JWS)",
    )
    op.create_index("ix_audit_witnessed_received_at", "audit_witnessed", ["received_at"], unique=False)
