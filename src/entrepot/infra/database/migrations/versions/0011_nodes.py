# SPDX-License-Identifier: Apache-2.0
"""The processes that serve, and what finds tags and artifacts in all repositories, and jobs by kind and state."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INDEXES = ("jobs", "manifests", "tags")


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "nodes",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nodes")),
        comment="Server processes; each renews its seen_at, and removes its row when it stops",
    )
    op.create_index(op.f("ix_nodes_seen_at"), "nodes", ["seen_at"], unique=False)
    op.create_index("ix_jobs_kind_state_id", "jobs", ["kind", "state", "id"], unique=False)
    _index("manifests", "ix_manifests_digest", ["digest", "repo_id"], "deleted_at IS NULL")
    _index("tags", "ix_tags_name", ["name", "repo_id"], "digest IS NOT NULL")


def _index(table: str, name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=False, sqlite_where=where, postgresql_where=where)
