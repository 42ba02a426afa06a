# SPDX-License-Identifier: Apache-2.0
"""The chain of records, what it stands on, and what stands beside it.

The records of each month are in a table of their own, made with the first of them, so that they can be dropped at
once when their time is over.
"""

import re

from sqlalchemy import BigInteger
from sqlalchemy import Boolean
from sqlalchemy import Column
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import LargeBinary
from sqlalchemy import MetaData
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import text

from entrepot.infra.database.metadata import RowId
from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import declare_family
from entrepot.infra.database.metadata import metadata

_PREFIX = "audit_records_"
_MONTHLY = re.compile(_PREFIX + r"\d{4}_\d{2}")

audit_partitions = Table(
    "audit_partitions",
    metadata,
    Column("month", bytewise(8), primary_key=True),
    Column("first_seq", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("first_previous", LargeBinary, nullable=False),
    Column("last_hash", LargeBinary, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("dropped_at", BigInteger),
    comment="Months such as 2026_11; the row of one stays when its records are dropped, so that the chain goes on",
)

audit_names = Table(
    "audit_names",
    metadata,
    Column("pseudonym", bytewise(32), primary_key=True),
    Column("kind", bytewise(16), nullable=False),
    Column("name", bytewise(320)),
    Column("last_month", bytewise(8), nullable=False),
    Column("salt", LargeBinary),
    Index("uq_audit_names_kind_name", "kind", "name", unique=True),
    Index("ix_audit_names_last_month", "last_month"),
    comment="Whom and which address a pseudonym stands for; the name is NULL once it was erased",
)

audit_uses = Table(
    "audit_uses",
    metadata,
    Column("hour", BigInteger, primary_key=True, autoincrement=False),
    Column("id", bytewise(64), primary_key=True),
    Column("use", Text, nullable=False),
    Column("times", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    comment="Pulls of an hour that is not over, after the first of each kind; they become one record each",
)

audit_checkpoints = Table(
    "audit_checkpoints",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("signed_at", BigInteger, nullable=False),
    Column("token", Text, nullable=False),
    comment="The chain up to a record, signed (JWS)",
)

audit_keys = Table(
    "audit_keys",
    metadata,
    Column("kid", String(64), primary_key=True),
    Column("generation", Integer, nullable=False, unique=True),
    Column("public_jwk", Text, nullable=False),
    Column("private_key_encrypted", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    comment="What checkpoints are signed with; the newest generation signs, the others stay to verify",
)

audit_holds = Table(
    "audit_holds",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("begins_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger),
    Column("placed_at", BigInteger, nullable=False),
    Column("placed_by", bytewise(320), nullable=False),
    Column("released_at", BigInteger),
    Column("released_by", bytewise(320)),
    comment="Spans of time of which nothing is dropped or erased; without an end they go on",
)

audit_deliveries = Table(
    "audit_deliveries",
    metadata,
    Column("destination", bytewise(64), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("delivered_at", BigInteger),
    Column("failing_since", BigInteger),
    Column("last_error", Text),
    Column("retry_at", BigInteger),
    comment="Up to which record, or checkpoint, each destination has been sent everything",
)

audit_witnessed = Table(
    "audit_witnessed",
    metadata,
    Column("origin", bytewise(320), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", bytewise(64), nullable=False),
    Column("token", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("contradicted_at", BigInteger),
    Column("contradiction", Text),
    Index("ix_audit_witnessed_received_at", "received_at"),
    Index(
        "ix_audit_witnessed_contradicted_at",
        "contradicted_at",
        postgresql_where=text("contradicted_at IS NOT NULL"),
        sqlite_where=text("contradicted_at IS NOT NULL"),
    ),
    comment="Checkpoints that other registries left here, and the first that contradicts one (JWS)",
)

audit_timestamps = Table(
    "audit_timestamps",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("stamped_at", BigInteger, primary_key=True, autoincrement=False),
    Column("token", LargeBinary, nullable=False),
    comment="Time stamps of the checkpoint of a record (RFC 3161, DER)",
)

audit_filters = Table(
    "audit_filters",
    metadata,
    Column("owner", bytewise(320), primary_key=True),
    Column("name", bytewise(64), primary_key=True),
    Column("filter", Text, nullable=False),
    Column("is_shared", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    comment="Searches that somebody kept",
)


def records_of(month: str) -> Table:
    """Return the table of the records of a month, such as `2026_11`, which may not be there yet."""
    return monthly_table(f"{_PREFIX}{month}")


def monthly_table(name: str) -> Table:
    """Return the table of that name, in a catalogue of its own."""
    return Table(
        name,
        MetaData(naming_convention=metadata.naming_convention),
        Column("seq", RowId, primary_key=True, autoincrement=False),
        Column("at", BigInteger, nullable=False),
        Column("event", bytewise(26), nullable=False),
        Column("type", bytewise(64), nullable=False),
        Column("actor", bytewise(64), nullable=False),
        Column("kind", bytewise(16), nullable=False),
        Column("credential", bytewise(255), nullable=False),
        Column("provider", bytewise(64), nullable=False),
        Column("on_behalf_of", bytewise(320), nullable=False),
        Column("address", bytewise(32), nullable=False),
        Column("agent", Text, nullable=False),
        Column("project", bytewise(255), nullable=False),
        Column("repository", bytewise(255), nullable=False),
        Column("tag", bytewise(128), nullable=False),
        Column("digest", bytewise(160), nullable=False),
        Column("object", bytewise(320), nullable=False),
        Column("outcome", bytewise(16), nullable=False),
        Column("request_id", bytewise(64), nullable=False),
        Column("times", BigInteger, nullable=False),
        Column("details_sha256", bytewise(64), nullable=False),
        Column("hash", LargeBinary, nullable=False),
        Column("salt", LargeBinary),
        Column("details", Text),
        *(
            Index(f"ix_{name}_{column}", *(() if column == "at" else (column,)), "at")
            for column in ("at", "type", "actor", "address", "project", "repository", "digest", "object", "request_id")
        ),
        comment="What is not hashed is in salt and details, of which the hash is, and can be erased",
    )


declare_family(_MONTHLY, monthly_table)
