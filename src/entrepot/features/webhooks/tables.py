# SPDX-License-Identifier: Apache-2.0
"""Webhooks, what they sign with, and what is or was to be delivered."""

from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import Column
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import LargeBinary
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import RowId
from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("project", bytewise(255), nullable=False),
    Column("name", bytewise(64), nullable=False),
    Column("url", Text, nullable=False),
    Column("events", Text, nullable=False),
    Column("paths", Text, nullable=False),
    Column("format", bytewise(16), nullable=False),
    Column("template", Text, nullable=False),
    Column("content_type", bytewise(160), nullable=False),
    Column("header_names", Text, nullable=False),
    Column("headers_encrypted", LargeBinary),
    Column("owner", bytewise(320), nullable=False),
    Column("paused_by", bytewise(16), nullable=False),
    Column("paused_at", BigInteger),
    Column("pause_reason", Text, nullable=False),
    Column("failing_since", BigInteger),
    Column("delivered_at", BigInteger),
    Column("last_error", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Index("ix_webhooks_project_name", "project", "name", unique=True),
    comment="Of a project, or of the registry (project ''); the values of headers are encrypted",
)

webhook_secrets = Table(
    "webhook_secrets",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("webhook_id", bytewise(26), ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("secret_encrypted", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger),
    Index("ix_webhook_secrets_webhook_id", "webhook_id"),
    comment="What requests are signed with: at most two of a webhook at once",
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("number", RowId, primary_key=True),
    Column("id", bytewise(26), nullable=False),
    Column("webhook_id", bytewise(26), ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("lane", bytewise(255), nullable=False),
    Column("name", bytewise(64), nullable=False),
    Column("subject", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("state", bytewise(16), nullable=False),
    Column("is_first", Boolean, nullable=False),
    Column("due_at", BigInteger),
    Column("claim", bytewise(26)),
    Column("attempts", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("began_at", BigInteger),
    Column("finished_at", BigInteger),
    Column("status", Integer),
    Column("reason", Text, nullable=False),
    Index("ix_webhook_deliveries_id", "id", unique=True),
    Index("ix_webhook_deliveries_webhook_id_due_at", "webhook_id", "is_first", "due_at"),
    Index("ix_webhook_deliveries_webhook_id_lane", "webhook_id", "lane", "is_first", "number"),
    Index("ix_webhook_deliveries_webhook_id_state", "webhook_id", "state", "number"),
    Index("ix_webhook_deliveries_finished_at", "finished_at"),
    comment="One event for one webhook; due_at is when somebody may claim it, a lease being a due_at that is to come",
    sqlite_autoincrement=True,
)

webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    Column("delivery", BigInteger, ForeignKey("webhook_deliveries.number", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("status", Integer),
    Column("request_headers", Text, nullable=False),
    Column("request_body", Text, nullable=False),
    Column("response_headers", Text, nullable=False),
    Column("response_body", Text, nullable=False),
    comment="Requests and answers; of all attempts but the newest the bodies are forgotten",
)

webhook_outcomes = Table(
    "webhook_outcomes",
    metadata,
    Column("outcome", bytewise(16), primary_key=True),
    Column("attempts", BigInteger, nullable=False),
    comment="How many attempts ever came to what, for measurements",
)
