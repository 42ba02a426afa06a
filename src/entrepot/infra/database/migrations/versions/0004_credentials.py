# SPDX-License-Identifier: Apache-2.0
"""Personal tokens, robots and their secrets, and refresh tokens."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "credentials",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("principal", bytewise(320), nullable=False),
        sa.Column("name", bytewise(64), nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", bytewise(320), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credentials")),
        comment="Personal tokens and the secrets of robots; revoked_at may lie ahead while a robot changes its secret",
    )
    with op.batch_alter_table("credentials", schema=None) as batch_op:
        batch_op.create_index("ix_credentials_principal_id", ["principal", "id"], unique=False)
        batch_op.create_index("ix_credentials_expires_at", ["expires_at"], unique=False)
        batch_op.create_index("ix_credentials_revoked_at", ["revoked_at"], unique=False)
        batch_op.create_index(
            "uq_credentials_principal_name",
            ["principal", "name"],
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        )

    op.create_table(
        "refresh_tokens",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("principal", bytewise(320), nullable=False),
        sa.Column("credential", bytewise(255), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_tokens")),
        comment="Logins that renew themselves; each ends with the credential it came from. used_at is exact to a day",
    )
    with op.batch_alter_table("refresh_tokens", schema=None) as batch_op:
        batch_op.create_index("ix_refresh_tokens_principal", ["principal"], unique=False)
        batch_op.create_index("ix_refresh_tokens_used_at", ["used_at"], unique=False)

    op.create_table(
        "robots",
        sa.Column("name", bytewise(255), nullable=False),
        sa.Column("project", bytewise(255), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", bytewise(320), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_robots")),
        comment="Accounts for programs, named <project>.<name>; what they may do is in grants",
    )
    with op.batch_alter_table("robots", schema=None) as batch_op:
        batch_op.create_index("ix_robots_project_name", ["project", "name"], unique=False)
