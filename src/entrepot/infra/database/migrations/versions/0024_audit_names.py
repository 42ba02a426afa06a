# SPDX-License-Identifier: Apache-2.0
"""What pseudonyms are made with, and the contradictions among checkpoints without reading all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

INDEXES = ("audit_witnessed",)


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("audit_names", sa.Column("salt", sa.LargeBinary(), nullable=True))
    op.create_index(
        "ix_audit_witnessed_contradicted_at",
        "audit_witnessed",
        ["contradicted_at"],
        postgresql_where=sa.text("contradicted_at IS NOT NULL"),
        sqlite_where=sa.text("contradicted_at IS NOT NULL"),
    )
