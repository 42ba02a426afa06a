# SPDX-License-Identifier: Apache-2.0
"""Jobs and schedules. The state of a job is in its row and nowhere else."""

from enum import StrEnum

import sqlalchemy as sa

from entrepot.infra.database.metadata import metadata


class JobState(StrEnum):
    """Where a job is. The last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    DEAD = "dead"
    CANCELLED = "cancelled"


# Text, not parameters: SQLite uses a partial index only for a condition spelled like the index's own.
IS_QUEUED = sa.text("state = 'queued'")
IS_OPEN = sa.text("finished_at IS NULL")

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.String(26), primary_key=True),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("unique_key", sa.String(255)),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("run_after", sa.BigInteger, nullable=False),
    sa.Column("claims", sa.Integer, nullable=False, server_default="0"),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("claimed_by", sa.String(320)),
    sa.Column("lease_until", sa.BigInteger, index=True),
    sa.Column("cancel_requested_at", sa.BigInteger),
    sa.Column("progress", sa.Text),
    sa.Column("last_error", sa.Text),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("started_at", sa.BigInteger),
    sa.Column("finished_at", sa.BigInteger, index=True),
    sa.CheckConstraint("state IN ('queued', 'running', 'succeeded', 'dead', 'cancelled')", name="state"),
    sa.CheckConstraint("(state = 'running') = (lease_until IS NOT NULL)", name="lease"),
    sa.CheckConstraint("(state IN ('queued', 'running')) = (finished_at IS NULL)", name="finished"),
    sa.Index("ix_jobs_state_id", "state", "id"),
    sa.Index("ix_jobs_kind_id", "kind", "id"),
    sa.Index("ix_jobs_kind_state_id", "kind", "state", "id"),
    sa.Index("ix_jobs_queued", "kind", "run_after", "id", sqlite_where=IS_QUEUED, postgresql_where=IS_QUEUED),
    sa.Index("uq_jobs_key", "kind", "unique_key", unique=True, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
    comment="`claims` numbers the claims and so fences a worker that lost its lease; payloads never hold secrets",
)

schedules = sa.Table(
    "schedules",
    metadata,
    sa.Column("name", sa.String(200), primary_key=True),
    sa.Column("cron", sa.String(128), nullable=False),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("next_run_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("last_run_at", sa.BigInteger),
)
