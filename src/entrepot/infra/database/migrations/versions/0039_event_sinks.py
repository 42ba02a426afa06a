# SPDX-License-Identifier: Apache-2.0
"""Who sends what happens to which sink."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "event_sinks",
        sa.Column("name", bytewise(64), nullable=False),
        sa.Column("holder", bytewise(26), nullable=False),
        sa.Column("held_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_event_sinks"),
        comment="Which process sends to a sink of the configuration, and until when no other does",
    )
