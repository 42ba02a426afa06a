# SPDX-License-Identifier: Apache-2.0
"""Projects, one for each namespace that was pushed into before, and the way from a path pattern to its grants."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

VISITS = ("manifests", "repositories")
INDEXES = ("grants",)

_PROJECTS_PUSHED_INTO = """
INSERT INTO projects (name, visibility, created_at, created_by, cause)
SELECT repositories.namespace, 'private', min(repositories.visible_at), coalesce(
    (
        SELECT manifests.pushed_by
        FROM manifests JOIN repositories AS pushed ON pushed.id = manifests.repo_id
        WHERE pushed.namespace = repositories.namespace AND pushed.visible_at IS NOT NULL
        ORDER BY pushed.visible_at, manifests.pushed_at, manifests.digest
        LIMIT 1
    ),
    'internal:upgrade'
), 'push'
FROM repositories
WHERE repositories.visible_at IS NOT NULL
GROUP BY repositories.namespace
"""


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "projects",
        sa.Column("name", bytewise(255), nullable=False),
        sa.Column("visibility", bytewise(16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", bytewise(320), nullable=False),
        sa.Column("cause", bytewise(16), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_projects")),
        comment="First segments of repository names; the cause is a request, or the first push",
    )
    op.execute(_PROJECTS_PUSHED_INTO)
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grants_path_pattern"), ["path_pattern"], unique=False)
