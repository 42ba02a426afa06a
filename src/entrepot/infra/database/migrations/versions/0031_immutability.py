# SPDX-License-Identifier: Apache-2.0
"""Rules in order, of the registry and of projects; and overrides of what they keep."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "rule_books",
        sa.Column("noun", bytewise(32), nullable=False),
        sa.Column("project", bytewise(255), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("rule_count", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", bytewise(320), nullable=False),
        sa.PrimaryKeyConstraint("noun", "project", name=op.f("pk_rule_books")),
        comment="Rules as JSON, in order; project '' for the registry; the revision grows with every change of a noun",
    )
    op.create_index("ix_rule_books_revision", "rule_books", ["noun", "revision"])
    op.create_table(
        "immutability_overrides",
        sa.Column("repository", bytewise(255), nullable=False),
        sa.Column("tag", bytewise(128), nullable=False),
        sa.Column("project", bytewise(255), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", bytewise(320), nullable=False),
        sa.PrimaryKeyConstraint("repository", "tag", name=op.f("pk_immutability_overrides")),
        comment="Tags that may be moved and deleted until then, whatever rules say",
    )
    op.create_index("ix_immutability_overrides_project", "immutability_overrides", ["project"])
    op.create_index("ix_immutability_overrides_expires_at", "immutability_overrides", ["expires_at"])
