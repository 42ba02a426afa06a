# SPDX-License-Identifier: Apache-2.0
"""What robots may be given: where their secrets are good, when they were used, and names from another registry."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    anywhere = sa.text("''")
    op.add_column("robots", sa.Column("allowed_addresses", sa.Text(), server_default=anywhere, nullable=False))
    op.add_column("credentials", sa.Column("allowed_addresses", sa.Text(), server_default=anywhere, nullable=False))
    op.add_column("credentials", sa.Column("imported_hash", sa.Text(), nullable=True))
    op.add_column("credentials", sa.Column("used_at", sa.BigInteger(), nullable=True))
    op.add_column("credentials", sa.Column("used_from", bytewise(64), nullable=True))
    op.add_column("credentials", sa.Column("replaced_at", sa.BigInteger(), nullable=True))
    op.add_column("credentials", sa.Column("warned_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "login_aliases",
        sa.Column("alias", bytewise(255), nullable=False),
        sa.Column("principal", bytewise(320), nullable=False),
        sa.PrimaryKeyConstraint("alias", name=op.f("pk_login_aliases")),
        comment="Other names that robots log in with, as they did at the registry that they were imported from",
    )
    op.create_index("uq_login_aliases_principal", "login_aliases", ["principal"], unique=True)
