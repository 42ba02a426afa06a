# SPDX-License-Identifier: Apache-2.0
"""How users come and go."""

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
