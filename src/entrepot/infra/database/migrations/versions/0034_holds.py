# SPDX-License-Identifier: Apache-2.0
"""Holds that people place, what clusters run, and how long each project keeps what is deleted."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "placed_holds",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", bytewise(160), nullable=True),
        sa.Column("tag", bytewise(128), nullable=True),
        sa.Column("kind", bytewise(16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("placed_by", bytewise(320), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.Column("released_by", bytewise(320), nullable=True),
        sa.Column("release_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('legal', 'user')", name=op.f("ck_placed_holds_kind")),
        sa.ForeignKeyConstraint(
            ["repo_id"], ["repositories.id"], name=op.f("fk_placed_holds_repo_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placed_holds")),
        comment="What nobody may delete, and why; without a digest it is the whole repository",
    )
    op.create_index("ix_placed_holds_repo_id", "placed_holds", ["repo_id", "id"])
    is_open = sa.text("released_at IS NULL")
    op.create_index(
        "ix_placed_holds_open",
        "placed_holds",
        ["repo_id", "digest"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "in_use_clusters",
        sa.Column("cluster", bytewise(64), nullable=False),
        sa.Column("reported_at", sa.BigInteger(), nullable=False),
        sa.Column("reported_by", bytewise(320), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cluster", name=op.f("pk_in_use_clusters")),
        comment="Clusters that say what they run, and until when what each said counts",
    )
    op.create_table(
        "in_use_pins",
        sa.Column("cluster", bytewise(64), nullable=False),
        sa.Column("repository", bytewise(255), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.ForeignKeyConstraint(
            ["cluster"], ["in_use_clusters.cluster"], name=op.f("fk_in_use_pins_cluster"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("cluster", "repository", "digest", name=op.f("pk_in_use_pins")),
        comment="What each cluster runs; it need not be in this registry",
    )
    op.create_index("ix_in_use_pins_repository_digest", "in_use_pins", ["repository", "digest"])
    op.create_table(
        "undelete_windows",
        sa.Column("namespace", bytewise(255), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("namespace", name=op.f("pk_undelete_windows")),
        comment="For how many days a project keeps what is deleted there, where that is not as configured",
    )
