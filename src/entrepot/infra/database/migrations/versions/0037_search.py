# SPDX-License-Identifier: Apache-2.0
"""The index of artifacts by what they are, and saved queries."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import RowId
from entrepot.infra.database.metadata import bytewise

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    has_revision = sa.text("revision IS NOT NULL")
    op.create_table(
        "search_artifacts",
        sa.Column("place", RowId, autoincrement=False, nullable=False),
        sa.Column("repo_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", bytewise(160), nullable=False),
        sa.Column("type", bytewise(32), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("platforms", sa.Text(), nullable=False),
        sa.Column("label_keys", sa.Text(), nullable=False),
        sa.Column("revision", bytewise(64), nullable=True),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_search_artifacts")),
        comment="What is known of each artifact of each repository; places are in the order of pushes",
    )
    op.create_index("uq_search_artifacts", "search_artifacts", ["digest", "repo_id"], unique=True)
    op.create_index("ix_search_artifacts_repo_id", "search_artifacts", ["repo_id", "place"])
    op.create_index("ix_search_artifacts_size", "search_artifacts", ["size", "place"])
    op.create_index(
        "ix_search_artifacts_revision",
        "search_artifacts",
        ["revision", "place"],
        sqlite_where=has_revision,
        postgresql_where=has_revision,
    )
    op.create_table(
        "search_terms",
        sa.Column("term", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("term", "place", name=op.f("pk_search_terms")),
        comment="By the hash of what is said of an artifact, the places of those that it is said of",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_saved",
        sa.Column("owner", bytewise(320), nullable=False),
        sa.Column("name", bytewise(64), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("project", bytewise(255), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "name", name=op.f("pk_search_saved")),
        comment="Queries that somebody kept; one with a project is seen by whoever may read that",
    )
    op.create_index("ix_search_saved_project", "search_saved", ["project", "name"])
