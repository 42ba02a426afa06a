# SPDX-License-Identifier: Apache-2.0
"""What people hear of, how they want to, and what is watched for them."""

from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import Column
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import LargeBinary
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import RowId
from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

notifications = Table(
    "notifications",
    metadata,
    Column("number", RowId, primary_key=True),
    Column("id", bytewise(26), nullable=False),
    Column("person", bytewise(320), nullable=False),
    Column("kind", bytewise(64), nullable=False),
    Column("severity", bytewise(16), nullable=False),
    Column("need", bytewise(24), nullable=False),
    Column("project", bytewise(255), nullable=False),
    Column("repository", bytewise(255), nullable=False),
    Column("facts", Text, nullable=False),
    Column("source", bytewise(64), nullable=False),
    Column("fold_key", bytewise(64), nullable=False),
    Column("count", Integer, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("in_console", Boolean, nullable=False),
    Column("read_at", BigInteger),
    Column("mail_due_at", BigInteger),
    Column("mail_id", bytewise(26)),
    Index("uq_notifications_id", "id", unique=True),
    Index("uq_notifications_person_source", "person", "source", unique=True),
    Index("ix_notifications_person", "person", "number"),
    Index("ix_notifications_person_fold_key", "person", "fold_key", "number"),
    Index("ix_notifications_mail_due_at", "person", "mail_due_at"),
    Index("ix_notifications_mail_id", "mail_id"),
    Index("ix_notifications_last_at", "last_at"),
    comment="What somebody hears of; mail_due_at is when it goes into a mail, null for never or already",
    sqlite_autoincrement=True,
)

notification_preferences = Table(
    "notification_preferences",
    metadata,
    Column("person", bytewise(320), primary_key=True),
    Column("address", bytewise(254), nullable=False),
    Column("awaited_address", bytewise(254), nullable=False),
    Column("code_sha256", LargeBinary),
    Column("code_until", BigInteger),
    Column("code_tries", Integer, nullable=False),
    Column("codes_sent", Integer, nullable=False),
    Column("codes_since", BigInteger, nullable=False),
    Column("digest", bytewise(16), nullable=False),
    Column("hour", Integer, nullable=False),
    Column("weekday", Integer, nullable=False),
    Column("time_zone", bytewise(64), nullable=False),
    Column("kinds", Text, nullable=False),
    comment="How somebody wants to hear; address is '' until a code that was sent there came back",
)

notification_mutes = Table(
    "notification_mutes",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("person", bytewise(320), nullable=False),
    Column("kind", bytewise(64), nullable=False),
    Column("project", bytewise(255), nullable=False),
    Column("repository", bytewise(255), nullable=False),
    Column("until", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Index("uq_notification_mutes", "person", "kind", "project", "repository", unique=True),
    Index("ix_notification_mutes_until", "until"),
    comment="What somebody does not want to hear of; '' is anything, a null until is for ever",
)

notification_rules = Table(
    "notification_rules",
    metadata,
    Column("name", bytewise(32), primary_key=True),
    Column("is_enabled", Boolean, nullable=False),
    Column("levels", Text, nullable=False),
    Column("window_minutes", Integer, nullable=False),
    Column("capacity_bytes", BigInteger),
    Column("revision", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("changed_by", bytewise(320), nullable=False),
    comment="Threshold rules that somebody changed; the others are as the program says",
)

notification_conditions = Table(
    "notification_conditions",
    metadata,
    Column("rule", bytewise(32), primary_key=True),
    Column("subject", bytewise(320), primary_key=True),
    Column("level", Integer, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("told_at", BigInteger, nullable=False),
    Column("value", BigInteger, nullable=False),
    Column("facts", Text, nullable=False),
    comment="Thresholds that are crossed now, and when that was told last",
)

notification_failures = Table(
    "notification_failures",
    metadata,
    Column("who", bytewise(320), primary_key=True),
    Column("minute", BigInteger, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Index("ix_notification_failures_minute", "minute"),
    comment="Failed logins of late by account and by address, such as account:user:alice",
)

notification_mails = Table(
    "notification_mails",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("person", bytewise(320), nullable=False),
    Column("address", bytewise(254), nullable=False),
    Column("subject", Text, nullable=False),
    Column("state", bytewise(16), nullable=False),
    Column("notifications", Integer, nullable=False),
    Column("held_back", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Index("ix_notification_mails_person", "person", "created_at"),
    Index("ix_notification_mails_created_at", "created_at"),
    comment="Mails that were or are to be sent, without what they say",
)

notification_outcomes = Table(
    "notification_outcomes",
    metadata,
    Column("outcome", bytewise(16), primary_key=True),
    Column("count", BigInteger, nullable=False),
    comment="How many mails ever came to what, for measurements",
)
