# SPDX-License-Identifier: Apache-2.0
"""Which rules the facts about all artifacts were looked at by."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "artifact_rules",
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("caught_up_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_artifact_rules")),
        comment="Versions of the rules by which facts were asked for of every manifest that was there before them",
    )
