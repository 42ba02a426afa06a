# SPDX-License-Identifier: Apache-2.0
"""The audit log."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "audit_partitions",
        sa.Column("month", bytewise(8), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("first_previous", sa.LargeBinary(), nullable=False),
        sa.Column("last_hash", sa.LargeBinary(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("dropped_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_audit_partitions")),
        comment="Months such as 2026_11; the row of one stays when its records are dropped, so that the chain goes on",
    )
    op.create_table(
        "audit_names",
        sa.Column("pseudonym", bytewise(32), nullable=False),
        sa.Column("kind", bytewise(16), nullable=False),
        sa.Column("name", bytewise(320)),
        sa.Column("last_month", bytewise(8), nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", name=op.f("pk_audit_names")),
        comment="Whom and which address a pseudonym stands for; the name is NULL once it was erased",
    )
    op.create_index("uq_audit_names_kind_name", "audit_names", ["kind", "name"], unique=True)
    op.create_index("ix_audit_names_last_month", "audit_names", ["last_month"])
    op.create_table(
        "audit_uses",
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", bytewise(64), nullable=False),
        sa.Column("use", sa.Text(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "id", name=op.f("pk_audit_uses")),
        comment="Pulls of an hour that is not over, after the first of each kind; they become one record each",
    )
    op.create_table(
        "audit_checkpoints",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_checkpoints")),
        comment="The chain up to a record, signed (JWS)",
    )
    op.create_table(
        "audit_keys",
        sa.Column("kid", sa.String(64), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("public_jwk", sa.Text(), nullable=False),
        sa.Column("private_key_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_audit_keys")),
        sa.UniqueConstraint("generation", name=op.f("uq_audit_keys_generation")),
        comment="What checkpoints are signed with; the newest generation signs, the others stay to verify",
    )
    op.create_table(
        "audit_holds",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("begins_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger()),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("placed_by", bytewise(320), nullable=False),
        sa.Column("released_at", sa.BigInteger()),
        sa.Column("released_by", bytewise(320)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_holds")),
        comment="Spans of time of which nothing is dropped or erased; without an end they go on",
    )
    op.create_table(
        "audit_deliveries",
        sa.Column("destination", bytewise(64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("delivered_at", sa.BigInteger()),
        sa.Column("failing_since", sa.BigInteger()),
        sa.Column("last_error", sa.Text()),
        sa.PrimaryKeyConstraint("destination", name=op.f("pk_audit_deliveries")),
        comment="Up to which record, or checkpoint, each destination has been sent everything",
    )
    op.create_table(
        "audit_filters",
        sa.Column("owner", bytewise(320), nullable=False),
        sa.Column("name", bytewise(64), nullable=False),
        sa.Column("filter", sa.Text(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "name", name=op.f("pk_audit_filters")),
        comment="Searches that somebody kept",
    )
