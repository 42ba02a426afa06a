# SPDX-License-Identifier: Apache-2.0
"""Which keys encrypted objects need, and the root that the instance keys encrypt."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

INDEXES = ("objects",)


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_index(
        "ix_objects_key_id",
        "objects",
        ["key_id", "object_key"],
        postgresql_where=sa.text("key_id IS NOT NULL"),
        sqlite_where=sa.text("key_id IS NOT NULL"),
    )
    op.create_table(
        "instance_secrets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_instance_secrets")),
        comment="What is derived from instead of the instance key, encrypted by it",
    )
