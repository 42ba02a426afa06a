# SPDX-License-Identifier: Apache-2.0
"""Sessions of the console."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "sessions",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("user_name", bytewise(255), nullable=False),
        sa.Column("state", bytewise(16), nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("turn_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("turned_at", sa.BigInteger(), nullable=False),
        sa.Column("csrf_token", bytewise(64), nullable=False),
        sa.Column("login_mark", bytewise(64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.Column("proved_at", sa.BigInteger(), nullable=False),
        sa.Column("address", bytewise(64), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("former_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("former_until", sa.BigInteger(), nullable=True),
        sa.Column("challenge", sa.LargeBinary(), nullable=True),
        sa.Column("challenged_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        comment="Logins of browsers; each ends when what it was logged in with changes. used_at is exact to a minute",
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index("ix_sessions_created_at", ["created_at"], unique=False)
        batch_op.create_index("ix_sessions_used_at", ["used_at"], unique=False)
        batch_op.create_index("ix_sessions_user_name_id", ["user_name", "id"], unique=False)
