# SPDX-License-Identifier: Apache-2.0
"""Accounts of identity providers and with a second factor, names that had an account, and failed logins."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("provider", bytewise(64), nullable=True))
        batch_op.add_column(sa.Column("second_factor_at", sa.BigInteger(), nullable=True))

    op.create_table(
        "former_users",
        sa.Column("name", bytewise(255), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_former_users")),
        comment="Names that had an account; none of them is given out again",
    )
    op.create_table(
        "login_failures",
        sa.Column("subject", bytewise(64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_login_failures")),
        comment="Wrong passwords of late; a subject is the SHA-256 of an address, or of an account name at an address",
    )
    with op.batch_alter_table("login_failures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_failures_last_failed_at"), ["last_failed_at"], unique=False)
