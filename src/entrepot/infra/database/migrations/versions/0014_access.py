# SPDX-License-Identifier: Apache-2.0
"""Groups, roles that administrators make, grants for some tags and for a time, internal projects."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INDEXES = ("grants", "grants", "grants", "projects")


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "roles",
        sa.Column("name", bytewise(64), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("actions", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", bytewise(320), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_roles")),
        comment="Custom roles; the actions are joined by commas",
    )
    op.create_table(
        "groups",
        sa.Column("name", bytewise(128), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("provider", bytewise(64), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", bytewise(320), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_groups")),
        comment="Groups; the provider is null for those that are kept here",
    )
    op.create_table(
        "group_members",
        sa.Column("group_name", bytewise(128), nullable=False),
        sa.Column("member", bytewise(320), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", bytewise(320), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_name"], ["groups.name"], name=op.f("fk_group_members_group_name"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_name", "member", name=op.f("pk_group_members")),
        comment="Who is in which group; a member is such as user:alice or group:developers",
    )
    op.create_index("ix_group_members_member", "group_members", ["member", "group_name"], unique=False)
    op.add_column("grants", sa.Column("tag_pattern", bytewise(128), server_default=sa.text("''"), nullable=False))
    op.add_column("grants", sa.Column("expires_at", sa.BigInteger(), nullable=True))
    op.create_index("uq_grants", "grants", ["principal", "path_pattern", "role", "tag_pattern"], unique=True)
    op.create_index("ix_grants_role", "grants", ["role"], unique=False)
    ends = sa.text("expires_at IS NOT NULL")
    op.create_index(
        "ix_grants_ending", "grants", ["expires_at"], unique=False, sqlite_where=ends, postgresql_where=ends
    )
    op.drop_index("uq_grants_principal_path_pattern_role", table_name="grants")
    is_open = sa.text("visibility IN ('public', 'internal')")
    op.create_index(
        "ix_projects_open",
        "projects",
        ["name", "visibility"],
        unique=False,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.drop_index("ix_projects_public", table_name="projects")
