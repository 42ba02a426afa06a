# SPDX-License-Identifier: Apache-2.0
"""When clients last used each tag and each manifest, and since when that is recorded."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "usage_tag_uses",
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("tag", bytewise(128), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("repo_id", "tag", name=op.f("pk_usage_tag_uses")),
        comment="When a client last asked by this tag; it only grows",
    )
    op.create_table(
        "usage_artifact_uses",
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("repo_id", "digest", name=op.f("pk_usage_artifact_uses")),
        comment="When a client last asked for this manifest, by its digest or by a tag; it only grows",
    )
    op.create_table(
        "usage_recordings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("uses_since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_recordings")),
        comment="One row: since when every use by a client is recorded; a restored database has none at first",
    )
