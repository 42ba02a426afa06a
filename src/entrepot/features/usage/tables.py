# SPDX-License-Identifier: Apache-2.0
"""What usage was added up to. Nothing here refers to rows of the core, which may go at any time."""

from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import Column
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import Table
from sqlalchemy import text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

usage_totals = Table(
    "usage_totals",
    metadata,
    Column("repo_id", BigInteger, primary_key=True, autoincrement=False),
    Column("bytes", BigInteger, nullable=False, index=True),
    Column("manifests", BigInteger, nullable=False),
    Column("pulls", BigInteger, nullable=False),
    Column("recent_pulls", BigInteger, nullable=False, index=True),
    comment="By repository; recent_pulls is the sum of its days that are recent",
)

usage_days = Table(
    "usage_days",
    metadata,
    Column("repo_id", BigInteger, primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("pulls", BigInteger, nullable=False),
    Column("pushed_manifests", BigInteger, nullable=False),
    Column("pushed_bytes", BigInteger, nullable=False),
    Column("is_recent", Boolean, nullable=False),
    Column("sent_bytes", BigInteger, nullable=False, server_default=text("0")),
    Index("ix_usage_days_is_recent_day", "is_recent", "day"),
    comment="Days since 1970-01-01 in UTC; is_recent tells whether recent_pulls counts it",
)

usage_projects = Table(
    "usage_projects",
    metadata,
    Column("namespace", bytewise(255), primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    Column("manifests", BigInteger, nullable=False),
    Column("pulls", BigInteger, nullable=False),
    comment="By project; a blob counts once however many of its repositories hold it",
)

usage_blobs = Table(
    "usage_blobs",
    metadata,
    Column("namespace", bytewise(255), primary_key=True),
    Column("digest", bytewise(160), primary_key=True),
    Column("links", BigInteger, nullable=False),
    comment="In how many repositories of a project a blob is",
)

usage_measurements = Table(
    "usage_measurements",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("stored_bytes", BigInteger, nullable=False),
    Column("artifacts", BigInteger, nullable=False),
    Column("repositories", BigInteger, nullable=False),
    Column("projects", BigInteger, nullable=False),
    Column("measured_at", BigInteger, nullable=False),
    Column("took_ms", BigInteger, nullable=False),
    comment="One row: what the whole registry held when it was last counted",
)

usage_project_days = Table(
    "usage_project_days",
    metadata,
    Column("namespace", bytewise(255), primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("grown_bytes", BigInteger, nullable=False),
    Index("ix_usage_project_days_day", "day"),
    comment="By how much what a project holds grew on a day, or shrank",
)

usage_counts = Table(
    "usage_counts",
    metadata,
    Column("kind", bytewise(16), primary_key=True),
    Column("period", Integer, primary_key=True, autoincrement=False),
    Column("repo_id", BigInteger, primary_key=True),
    Column("name", bytewise(320), primary_key=True),
    Column("pulls", BigInteger, nullable=False),
    Column("pushes", BigInteger, nullable=False),
    comment="Pulls and pushes by hour, by day, and on each day by name; the period is an hour or a day since 1970",
)

usage_tag_uses = Table(
    "usage_tag_uses",
    metadata,
    Column("repo_id", BigInteger, primary_key=True),
    Column("tag", bytewise(128), primary_key=True),
    Column("last_used_at", BigInteger, nullable=False),
    comment="When a client last asked by this tag; it only grows",
)

usage_artifact_uses = Table(
    "usage_artifact_uses",
    metadata,
    Column("repo_id", BigInteger, primary_key=True),
    Column("digest", bytewise(160), primary_key=True),
    Column("last_used_at", BigInteger, nullable=False),
    comment="When a client last asked for this manifest, by its digest or by a tag; it only grows",
)

usage_recordings = Table(
    "usage_recordings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("uses_since", BigInteger, nullable=False),
    comment="One row: since when every use by a client is recorded; a restored database has none at first",
)
