# SPDX-License-Identifier: Apache-2.0
"""Quotas, what is counted for them, and what is let pass that is not counted yet."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import bytewise

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    _limits()
    _counted()
    _passing()


def _limits() -> None:
    op.create_table(
        "quotas",
        sa.Column("subject", bytewise(330), nullable=False),
        sa.Column("is_set", sa.Boolean(), nullable=False),
        sa.Column("max_bytes", sa.BigInteger(), nullable=True),
        sa.Column("max_artifacts", sa.BigInteger(), nullable=True),
        sa.Column("max_repositories", sa.BigInteger(), nullable=True),
        sa.Column("max_tags", sa.BigInteger(), nullable=True),
        sa.Column("thresholds", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", bytewise(320), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_quotas")),
        comment="By subject, as project:team or user:jane; '' for every project without its own; one taken away stays",
    )
    op.create_index("ix_quotas_revision", "quotas", ["revision"])
    op.create_table(
        "quota_reached",
        sa.Column("subject", bytewise(330), nullable=False),
        sa.Column("resource", bytewise(16), nullable=False),
        sa.Column("percent", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("subject", "resource", "percent", name=op.f("pk_quota_reached")),
        comment="Thresholds that were told of, and have not been fallen below since",
    )


def _counted() -> None:
    op.create_table(
        "quota_counted",
        sa.Column("kind", bytewise(12), nullable=False),
        sa.Column("repo_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", bytewise(160), nullable=False),
        sa.Column("subject", bytewise(330), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "repo_id", "key", "subject", name=op.f("pk_quota_counted")),
        comment="What is counted for whom; repo_id is 0 for a blob, which counts once, however many hold it",
    )
    op.create_index("ix_quota_counted_subject", "quota_counted", ["subject", "kind", "repo_id", "key"])
    op.create_table(
        "quota_totals",
        sa.Column("subject", bytewise(330), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("artifacts", sa.BigInteger(), nullable=False),
        sa.Column("repositories", sa.BigInteger(), nullable=False),
        sa.Column("tags", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_quota_totals")),
        comment="The sums of quota_counted, written in the background",
    )
    op.create_table(
        "quota_days",
        sa.Column("subject", bytewise(330), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "day", name=op.f("pk_quota_days")),
        comment="What was used at the end of each day on which that changed",
    )
    op.create_index("ix_quota_days_day", "quota_days", ["day"])


def _passing() -> None:
    op.create_table(
        "quota_reservations",
        sa.Column("subject", bytewise(330), nullable=False),
        sa.Column("node", bytewise(26), nullable=False),
        sa.Column("kind", bytewise(12), nullable=False),
        sa.Column("repository", bytewise(255), nullable=False),
        sa.Column("key", bytewise(160), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "node", "kind", "repository", "key", name=op.f("pk_quota_reservations")),
        comment="What a process has let pass beyond its allotment and is not counted yet; of a dead one it expires",
    )
    op.create_index("ix_quota_reservations_expires_at", "quota_reservations", ["expires_at"])
    op.create_table(
        "quota_checks",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("looked_at", sa.BigInteger(), nullable=False),
        sa.Column("repaired", sa.BigInteger(), nullable=False),
        sa.Column("drift_bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_checks")),
        comment="One row: the last time that everything was counted anew, and what had been counted wrong",
    )
