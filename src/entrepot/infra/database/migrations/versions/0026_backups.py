# SPDX-License-Identifier: Apache-2.0
"""Backups, and the dead objects whose bytes they hold back."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import RowId
from entrepot.infra.database.metadata import bytewise

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

INDEXES = ("tombstones", "tombstones")


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "backups",
        sa.Column("id", RowId, nullable=False),
        sa.Column("name", bytewise(64), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("newest_object", sa.BigInteger(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backups")),
        sa.UniqueConstraint("name", name=op.f("uq_backups_name")),
        comment="Copies of the database that may be restored: until one has ended, the bytes it names stay",
        sqlite_autoincrement=True,
    )
    op.add_column("tombstones", sa.Column("object_since", sa.BigInteger(), nullable=True))
    op.add_column("tombstones", sa.Column("backup_id", sa.BigInteger(), nullable=True))
    op.drop_index("ix_tombstones_state_delete_after", table_name="tombstones")
    for name, columns, where in (
        ("ix_tombstones_due", ["state", "delete_after"], sa.text("backup_id IS NULL")),
        ("ix_tombstones_backup", ["backup_id", "object_key"], sa.text("backup_id IS NOT NULL")),
    ):
        op.create_index(name, "tombstones", columns, postgresql_where=where, sqlite_where=where)
