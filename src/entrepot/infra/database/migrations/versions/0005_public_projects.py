# SPDX-License-Identifier: Apache-2.0
"""An index of the public projects, for listings."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INDEXES = ("projects",)


def upgrade() -> None:
    """Bring the schema forward."""
    is_public = sa.text("visibility = 'public'")
    with op.batch_alter_table("projects", schema=None) as batch_op:
        batch_op.create_index(
            "ix_projects_public", ["name"], unique=False, sqlite_where=is_public, postgresql_where=is_public
        )
