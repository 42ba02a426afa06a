# SPDX-License-Identifier: Apache-2.0
"""Administrators are those who were granted it."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

VISITS = ("grants", "users")


def upgrade() -> None:
    """Bring the schema forward."""
    op.execute(
        "INSERT INTO grants (principal, path_pattern, role, tag_pattern, created_at, created_by) "
        "SELECT 'user:' || name, 'SYSTEM', 'administrator', '', created_at, 'internal:entrepot' FROM users "
        "WHERE is_admin"
    )
    op.drop_column("users", "is_admin")
