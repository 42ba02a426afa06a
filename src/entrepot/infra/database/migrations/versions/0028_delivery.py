# SPDX-License-Identifier: Apache-2.0
"""Which content reaches clients through the registry alone."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

INDEXES = ("manifest_blobs",)


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("projects", sa.Column("redirect", bytewise(16), server_default="allowed", nullable=False))
    op.add_column("manifest_blobs", sa.Column("large_config", bytewise(160), nullable=True))
    is_set = sa.text("large_config IS NOT NULL")
    op.create_index(
        "ix_manifest_blobs_large_config",
        "manifest_blobs",
        ["repo_id", "large_config"],
        sqlite_where=is_set,
        postgresql_where=is_set,
    )
