# SPDX-License-Identifier: Apache-2.0
"""Quotas, what is counted for them, and what processes have let pass that is not counted yet."""

from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import Column
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata


def _amounts() -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in ("bytes", "artifacts", "repositories", "tags")]


quotas = Table(
    "quotas",
    metadata,
    Column("subject", bytewise(330), primary_key=True),
    Column("is_set", Boolean, nullable=False),
    Column("max_bytes", BigInteger),
    Column("max_artifacts", BigInteger),
    Column("max_repositories", BigInteger),
    Column("max_tags", BigInteger),
    Column("thresholds", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("revision", BigInteger, nullable=False, index=True),
    Column("changed_at", BigInteger, nullable=False),
    Column("changed_by", bytewise(320), nullable=False),
    comment="By subject, as project:team or user:jane; '' for every project without its own; one taken away stays",
)

quota_counted = Table(
    "quota_counted",
    metadata,
    Column("kind", bytewise(12), primary_key=True),
    Column("repo_id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", bytewise(160), primary_key=True),
    Column("subject", bytewise(330), primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    Index("ix_quota_counted_subject", "subject", "kind", "repo_id", "key"),
    comment="What is counted for whom; repo_id is 0 for a blob, which counts once, however many hold it",
)

quota_totals = Table(
    "quota_totals",
    metadata,
    Column("subject", bytewise(330), primary_key=True),
    *_amounts(),
    Column("changed_at", BigInteger, nullable=False),
    comment="The sums of quota_counted, written in the background",
)

quota_days = Table(
    "quota_days",
    metadata,
    Column("subject", bytewise(330), primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("bytes", BigInteger, nullable=False),
    Index("ix_quota_days_day", "day"),
    comment="What was used at the end of each day on which that changed",
)

quota_reached = Table(
    "quota_reached",
    metadata,
    Column("subject", bytewise(330), primary_key=True),
    Column("resource", bytewise(16), primary_key=True),
    Column("percent", Integer, primary_key=True, autoincrement=False),
    comment="Thresholds that were told of, and have not been fallen below since",
)

quota_reservations = Table(
    "quota_reservations",
    metadata,
    Column("subject", bytewise(330), primary_key=True),
    Column("node", bytewise(26), primary_key=True),
    Column("kind", bytewise(12), primary_key=True),
    Column("repository", bytewise(255), primary_key=True),
    Column("key", bytewise(160), primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("ix_quota_reservations_expires_at", "expires_at"),
    comment="What a process has let pass beyond its allotment and is not counted yet; of a dead one it expires",
)

quota_checks = Table(
    "quota_checks",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("started_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Column("looked_at", BigInteger, nullable=False),
    Column("repaired", BigInteger, nullable=False),
    Column("drift_bytes", BigInteger, nullable=False),
    comment="One row: the last time that everything was counted anew, and what had been counted wrong",
)
