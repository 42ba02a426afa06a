# SPDX-License-Identifier: Apache-2.0
"""The browser sessions there are. Of what their cookies hold, there are SHA-256 only."""

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Index
from sqlalchemy import LargeBinary
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

sessions = Table(
    "sessions",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("user_name", bytewise(255), nullable=False),
    Column("state", bytewise(16), nullable=False),
    Column("secret_sha256", LargeBinary, nullable=False),
    Column("turn_sha256", LargeBinary, nullable=False),
    Column("turned_at", BigInteger, nullable=False),
    Column("csrf_token", bytewise(64), nullable=False),
    Column("login_mark", bytewise(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False),
    Column("proved_at", BigInteger, nullable=False),
    Column("address", bytewise(64), nullable=False),
    Column("agent", Text, nullable=False),
    Column("former_sha256", LargeBinary),
    Column("former_until", BigInteger),
    Column("challenge", LargeBinary),
    Column("challenged_at", BigInteger),
    Index("ix_sessions_user_name_id", "user_name", "id"),
    Index("ix_sessions_created_at", "created_at"),
    Index("ix_sessions_used_at", "used_at"),
    comment="Logins of browsers; each ends when what it was logged in with changes. used_at is exact to a minute",
)
