# SPDX-License-Identifier: Apache-2.0
"""The outbox and its consumers' cursors.

On SQLite one writer at a time makes `seq` the commit order, and `txid` is 0. On
PostgreSQL `seq` is drawn before commit, so a higher one may become visible
before a lower one: rows are ordered by `(txid, seq)` there, and read only below
the oldest transaction that still runs.
"""

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Index
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import RowId
from entrepot.infra.database.metadata import metadata

outbox = Table(
    "outbox",
    metadata,
    Column("seq", RowId, primary_key=True),
    Column("txid", BigInteger, nullable=False, server_default="0"),
    Column("id", String(26), nullable=False),
    Column("type", String(64), nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    Column("payload", Text, nullable=False),
    Index("ix_outbox_txid_seq", "txid", "seq"),
    comment="What happened, in commit order; dropped once every consumer is past it and it is old",
    sqlite_autoincrement=True,
)

outbox_consumers = Table(
    "outbox_consumers",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("txid", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("failing_since", BigInteger),
    Column("last_error", Text),
    comment="How far each listener has come; moved in the transaction of its effect",
)
