# SPDX-License-Identifier: Apache-2.0
"""What was pushed and pulled, folded by repository and day; the changes of tags of one repository by age."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INDEXES = ("tag_history",)


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "usage_totals",
        sa.Column("repo_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("manifests", sa.BigInteger(), nullable=False),
        sa.Column("pulls", sa.BigInteger(), nullable=False),
        sa.Column("recent_pulls", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("repo_id", name=op.f("pk_usage_totals")),
        comment="By repository; recent_pulls is the sum of its days that are recent",
    )
    with op.batch_alter_table("usage_totals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_usage_totals_bytes"), ["bytes"], unique=False)
        batch_op.create_index(batch_op.f("ix_usage_totals_recent_pulls"), ["recent_pulls"], unique=False)

    op.create_table(
        "usage_days",
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("pulls", sa.BigInteger(), nullable=False),
        sa.Column("pushed_manifests", sa.BigInteger(), nullable=False),
        sa.Column("pushed_bytes", sa.BigInteger(), nullable=False),
        sa.Column("is_recent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("repo_id", "day", name=op.f("pk_usage_days")),
        comment="Days since 1970-01-01 in UTC; is_recent tells whether recent_pulls counts it",
    )
    with op.batch_alter_table("usage_days", schema=None) as batch_op:
        batch_op.create_index("ix_usage_days_is_recent_day", ["is_recent", "day"], unique=False)

    op.create_table(
        "usage_projects",
        sa.Column("namespace", bytewise(255), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("manifests", sa.BigInteger(), nullable=False),
        sa.Column("pulls", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("namespace", name=op.f("pk_usage_projects")),
        comment="By project; a blob counts once however many of its repositories hold it",
    )
    op.create_table(
        "usage_blobs",
        sa.Column("namespace", bytewise(255), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("links", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("namespace", "digest", name=op.f("pk_usage_blobs")),
        comment="In how many repositories of a project a blob is",
    )
    op.create_table(
        "usage_measurements",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stored_bytes", sa.BigInteger(), nullable=False),
        sa.Column("artifacts", sa.BigInteger(), nullable=False),
        sa.Column("repositories", sa.BigInteger(), nullable=False),
        sa.Column("projects", sa.BigInteger(), nullable=False),
        sa.Column("measured_at", sa.BigInteger(), nullable=False),
        sa.Column("took_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_measurements")),
        comment="One row: what the whole registry held when it was last counted",
    )
    with op.batch_alter_table("tag_history", schema=None) as batch_op:
        batch_op.create_index("ix_tag_history_repo_id_id", ["repo_id", "id"], unique=False)
