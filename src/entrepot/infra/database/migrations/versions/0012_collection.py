# SPDX-License-Identifier: Apache-2.0
"""What the collector works on: its queue, its marks and its runs, when manifests are purged, why objects go."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INDEXES = ("manifests", "objects")


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "collection_queue",
        sa.Column("kind", bytewise(8), nullable=False),
        sa.Column("repo_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("reason", bytewise(16), nullable=False),
        sa.CheckConstraint("kind IN ('link', 'blob')", name=op.f("ck_collection_queue_kind")),
        sa.PrimaryKeyConstraint("kind", "repo_id", "digest", name=op.f("pk_collection_queue")),
        comment="What may have lost its last use; repo_id is 0 for a blob, which belongs to none",
    )
    op.create_index("ix_collection_queue_kind_not_before", "collection_queue", ["kind", "not_before"], unique=False)
    op.create_table(
        "collection_marks",
        sa.Column("name", bytewise(64), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_collection_marks")),
        comment="How far a walk over a table or a store has come, and whether collection stands still",
    )
    op.create_table(
        "collection_runs",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("cause", bytewise(320), nullable=False),
        sa.Column("state", bytewise(16), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("report", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('running', 'done', 'stopped', 'failed')", name=op.f("ck_collection_runs_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_runs")),
        comment="What each run of the collector did; the report is JSON",
    )
    op.add_column("tombstones", sa.Column("reason", bytewise(16), server_default="duplicate", nullable=False))
    in_the_bin = sa.text("deleted_at IS NOT NULL")
    op.create_index(
        "ix_manifests_purge",
        "manifests",
        ["purge_after", "repo_id", "digest"],
        unique=False,
        sqlite_where=in_the_bin,
        postgresql_where=in_the_bin,
    )
    is_missing = sa.text("state = 'missing'")
    op.create_index(
        "ix_objects_missing",
        "objects",
        ["object_key"],
        unique=False,
        sqlite_where=is_missing,
        postgresql_where=is_missing,
    )
