# SPDX-License-Identifier: Apache-2.0
"""The audit log."""

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
