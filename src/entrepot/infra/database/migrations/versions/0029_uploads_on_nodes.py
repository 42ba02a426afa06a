# SPDX-License-Identifier: Apache-2.0
"""Whether some node writes to an upload at this moment."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.add_column("uploads", sa.Column("writing_until", sa.BigInteger(), nullable=True))
