# SPDX-License-Identifier: Apache-2.0
"""What robots may be given."""

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
