# SPDX-License-Identifier: Apache-2.0
"""Webhooks, their secrets, and what is delivered to them."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import RowId
from entrepot.infra.database.metadata import bytewise

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    _webhooks()
    _deliveries()


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("project", bytewise(255), nullable=False),
        sa.Column("name", bytewise(64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("paths", sa.Text(), nullable=False),
        sa.Column("format", bytewise(16), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("content_type", bytewise(160), nullable=False),
        sa.Column("header_names", sa.Text(), nullable=False),
        sa.Column("headers_encrypted", sa.LargeBinary()),
        sa.Column("owner", bytewise(320), nullable=False),
        sa.Column("paused_by", bytewise(16), nullable=False),
        sa.Column("paused_at", sa.BigInteger()),
        sa.Column("pause_reason", sa.Text(), nullable=False),
        sa.Column("failing_since", sa.BigInteger()),
        sa.Column("delivered_at", sa.BigInteger()),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
        comment="Of a project, or of the registry (project ''); the values of headers are encrypted",
    )
    op.create_index("ix_webhooks_project_name", "webhooks", ["project", "name"], unique=True)
    op.create_table(
        "webhook_secrets",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("webhook_id", bytewise(26), nullable=False),
        sa.Column("secret_encrypted", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_secrets_webhook_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_secrets")),
        comment="What requests are signed with: at most two of a webhook at once",
    )
    op.create_index("ix_webhook_secrets_webhook_id", "webhook_secrets", ["webhook_id"])


def _deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("number", RowId, nullable=False),
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("webhook_id", bytewise(26), nullable=False),
        sa.Column("lane", bytewise(255), nullable=False),
        sa.Column("name", bytewise(64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("state", bytewise(16), nullable=False),
        sa.Column("is_first", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("claim", bytewise(26)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.BigInteger()),
        sa.Column("finished_at", sa.BigInteger()),
        sa.Column("status", sa.Integer()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_webhook_deliveries_webhook_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_webhook_deliveries")),
        comment="One event for one webhook; due_at is when somebody may claim it, a lease being a due_at that is to "
        "come",
        sqlite_autoincrement=True,
    )
    for name, columns in (
        ("webhook_id_due_at", ["webhook_id", "is_first", "due_at"]),
        ("webhook_id_lane", ["webhook_id", "lane", "is_first", "number"]),
        ("webhook_id_state", ["webhook_id", "state", "number"]),
        ("finished_at", ["finished_at"]),
    ):
        op.create_index(f"ix_webhook_deliveries_{name}", "webhook_deliveries", columns)
    op.create_index("ix_webhook_deliveries_id", "webhook_deliveries", ["id"], unique=True)
    op.create_table(
        "webhook_attempts",
        sa.Column("delivery", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("request_headers", sa.Text(), nullable=False),
        sa.Column("request_body", sa.Text(), nullable=False),
        sa.Column("response_headers", sa.Text(), nullable=False),
        sa.Column("response_body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery"], ["webhook_deliveries.number"], name=op.f("fk_webhook_attempts_delivery"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("delivery", "number", name=op.f("pk_webhook_attempts")),
        comment="Requests and answers; of all attempts but the newest the bodies are forgotten",
    )
    op.create_table(
        "webhook_outcomes",
        sa.Column("outcome", bytewise(16), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("outcome", name=op.f("pk_webhook_outcomes")),
        comment="How many attempts ever came to what, for measurements",
    )
