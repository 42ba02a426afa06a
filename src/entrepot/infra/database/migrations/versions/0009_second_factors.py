# SPDX-License-Identifier: Apache-2.0
"""Second factors of people."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "second_factors",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("user_name", sa.String(length=255), nullable=False),
        sa.Column("method", bytewise(16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("used_up_to", sa.BigInteger(), nullable=False),
        sa.Column("secret_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("host", bytewise(255), nullable=False),
        sa.Column("challenge", sa.LargeBinary(), nullable=True),
        sa.Column("credential_id", sa.LargeBinary(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", bytewise(255), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_name"], ["users.name"], name=op.f("fk_second_factors_user_name"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factors")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_second_factors_credential_id")),
        comment="Apps and security keys of users; one without confirmed_at proves nothing",
    )
    with op.batch_alter_table("second_factors", schema=None) as batch_op:
        batch_op.create_index("ix_second_factors_user_name", ["user_name"], unique=False)

    op.create_table(
        "recovery_codes",
        sa.Column("user_name", sa.String(length=255), nullable=False),
        sa.Column("code_hmac", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_name"], ["users.name"], name=op.f("fk_recovery_codes_user_name"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_name", "code_hmac", name=op.f("pk_recovery_codes")),
        comment="Codes not used yet, as HMAC-SHA-256 under a key that is not in the database",
    )
