# SPDX-License-Identifier: Apache-2.0
"""What people hear of, how they want to, and what is watched for them."""

import sqlalchemy as sa
from alembic import op

from entrepot.infra.database.metadata import RowId
from entrepot.infra.database.metadata import bytewise

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    _create_notifications()
    _create_notification_preferences()
    _create_notification_mutes()
    _create_notification_rules()
    _create_notification_conditions()
    _create_notification_failures()
    _create_notification_mails()
    _create_notification_outcomes()


def _create_notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("number", RowId, nullable=False),
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("person", bytewise(320), nullable=False),
        sa.Column("kind", bytewise(64), nullable=False),
        sa.Column("severity", bytewise(16), nullable=False),
        sa.Column("need", bytewise(24), nullable=False),
        sa.Column("project", bytewise(255), nullable=False),
        sa.Column("repository", bytewise(255), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("source", bytewise(64), nullable=False),
        sa.Column("fold_key", bytewise(64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("in_console", sa.Boolean(), nullable=False),
        sa.Column("read_at", sa.BigInteger()),
        sa.Column("mail_due_at", sa.BigInteger()),
        sa.Column("mail_id", bytewise(26)),
        sa.PrimaryKeyConstraint("number", name="pk_notifications"),
        comment="What somebody hears of; mail_due_at is when it goes into a mail, null for never or already",
        sqlite_autoincrement=True,
    )
    op.create_index("uq_notifications_id", "notifications", ["id"], unique=True)
    op.create_index("uq_notifications_person_source", "notifications", ["person", "source"], unique=True)
    op.create_index("ix_notifications_person", "notifications", ["person", "number"])
    op.create_index("ix_notifications_person_fold_key", "notifications", ["person", "fold_key", "number"])
    op.create_index("ix_notifications_mail_due_at", "notifications", ["person", "mail_due_at"])
    op.create_index("ix_notifications_mail_id", "notifications", ["mail_id"])
    op.create_index("ix_notifications_last_at", "notifications", ["last_at"])


def _create_notification_preferences() -> None:
    op.create_table(
        "notification_preferences",
        sa.Column("person", bytewise(320), nullable=False),
        sa.Column("address", bytewise(254), nullable=False),
        sa.Column("awaited_address", bytewise(254), nullable=False),
        sa.Column("code_sha256", sa.LargeBinary()),
        sa.Column("code_until", sa.BigInteger()),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("codes_sent", sa.Integer(), nullable=False),
        sa.Column("codes_since", sa.BigInteger(), nullable=False),
        sa.Column("digest", bytewise(16), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("time_zone", bytewise(64), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_notification_preferences"),
        comment="How somebody wants to hear; address is '' until a code that was sent there came back",
    )


def _create_notification_mutes() -> None:
    op.create_table(
        "notification_mutes",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("person", bytewise(320), nullable=False),
        sa.Column("kind", bytewise(64), nullable=False),
        sa.Column("project", bytewise(255), nullable=False),
        sa.Column("repository", bytewise(255), nullable=False),
        sa.Column("until", sa.BigInteger()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notification_mutes"),
        comment="What somebody does not want to hear of; '' is anything, a null until is for ever",
    )
    op.create_index(
        "uq_notification_mutes", "notification_mutes", ["person", "kind", "project", "repository"], unique=True
    )
    op.create_index("ix_notification_mutes_until", "notification_mutes", ["until"])


def _create_notification_rules() -> None:
    op.create_table(
        "notification_rules",
        sa.Column("name", bytewise(32), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("levels", sa.Text(), nullable=False),
        sa.Column("window_minutes", sa.Integer(), nullable=False),
        sa.Column("capacity_bytes", sa.BigInteger()),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", bytewise(320), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_notification_rules"),
        comment="Threshold rules that somebody changed; the others are as the program says",
    )


def _create_notification_conditions() -> None:
    op.create_table(
        "notification_conditions",
        sa.Column("rule", bytewise(32), nullable=False),
        sa.Column("subject", bytewise(320), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "subject", name="pk_notification_conditions"),
        comment="Thresholds that are crossed now, and when that was told last",
    )


def _create_notification_failures() -> None:
    op.create_table(
        "notification_failures",
        sa.Column("who", bytewise(320), nullable=False),
        sa.Column("minute", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("who", "minute", name="pk_notification_failures"),
        comment="Failed logins of late by account and by address, such as account:user:alice",
    )
    op.create_index("ix_notification_failures_minute", "notification_failures", ["minute"])


def _create_notification_mails() -> None:
    op.create_table(
        "notification_mails",
        sa.Column("id", bytewise(26), nullable=False),
        sa.Column("person", bytewise(320), nullable=False),
        sa.Column("address", bytewise(254), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("state", bytewise(16), nullable=False),
        sa.Column("notifications", sa.Integer(), nullable=False),
        sa.Column("held_back", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_notification_mails"),
        comment="Mails that were or are to be sent, without what they say",
    )
    op.create_index("ix_notification_mails_person", "notification_mails", ["person", "created_at"])
    op.create_index("ix_notification_mails_created_at", "notification_mails", ["created_at"])


def _create_notification_outcomes() -> None:
    op.create_table(
        "notification_outcomes",
        sa.Column("outcome", bytewise(16), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("outcome", name="pk_notification_outcomes"),
        comment="How many mails ever came to what, for measurements",
    )
