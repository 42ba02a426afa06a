# SPDX-License-Identifier: Apache-2.0
"""Templates, and the grants that they give."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "templates",
        sa.Column("project", bytewise(255), nullable=False),
        sa.Column("name", bytewise(64), nullable=False),
        sa.Column("purpose", bytewise(16), nullable=False),
        sa.Column("pattern", bytewise(255), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", bytewise(320), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", bytewise(320), nullable=False),
        sa.CheckConstraint("purpose IN ('project', 'repository')", name=op.f("ck_templates_purpose")),
        sa.PrimaryKeyConstraint("project", "name", name=op.f("pk_templates")),
        comment="What new projects and repositories start with; the project is '' for the registry, settings are JSON",
    )
    op.create_table(
        "template_grants",
        sa.Column("project", bytewise(255), nullable=False),
        sa.Column("template", bytewise(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("principal", bytewise(320), nullable=False),
        sa.Column("role", bytewise(64), nullable=False),
        sa.Column("path", bytewise(255), nullable=False),
        sa.ForeignKeyConstraint(
            ["project", "template"],
            ["templates.project", "templates.name"],
            name=op.f("fk_template_grants_project_template"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project", "template", "position", name=op.f("pk_template_grants")),
        comment="The grants of a template, in order; the principal is 'creator', or such as user:alice",
    )
    op.create_index("ix_template_grants_principal", "template_grants", ["principal"], unique=False)
