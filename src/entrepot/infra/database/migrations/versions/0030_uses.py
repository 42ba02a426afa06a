# SPDX-License-Identifier: Apache-2.0
"""When tags and manifests were last used; pulls and pushes by name, bytes sent, and growth, by day."""

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
    op.create_table(
        "usage_project_days",
        sa.Column("namespace", bytewise(255), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("grown_bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("namespace", "day", name=op.f("pk_usage_project_days")),
        comment="By how much what a project holds grew on a day, or shrank",
    )
    with op.batch_alter_table("usage_project_days", schema=None) as batch_op:
        batch_op.create_index("ix_usage_project_days_day", ["day"], unique=False)

    op.create_table(
        "usage_counts",
        sa.Column("kind", bytewise(16), nullable=False),
        sa.Column("period", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("name", bytewise(320), nullable=False),
        sa.Column("pulls", sa.BigInteger(), nullable=False),
        sa.Column("pushes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "period", "repo_id", "name", name=op.f("pk_usage_counts")),
        comment="Pulls and pushes by hour, by day, and on each day by name; the period is an hour or a day since 1970",
    )
    op.add_column("usage_days", sa.Column("sent_bytes", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
