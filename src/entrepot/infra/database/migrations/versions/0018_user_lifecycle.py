# SPDX-License-Identifier: Apache-2.0
"""How users come and go."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("former_users", sa.Column("became", bytewise(255), nullable=True))
    op.add_column("recovery_codes", sa.Column("made_for", bytewise(255), nullable=True))
    op.create_table(
        "invitations",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("secret_hmac", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("user_name", bytewise(64), nullable=True),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("invited_by", bytewise(320), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("accepted_as", bytewise(255), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("secret_hmac", name=op.f("uq_invitations_secret_hmac")),
        comment="Links by which people make their own account; of the secret in one there is an HMAC-SHA-256 only",
    )
