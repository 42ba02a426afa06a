# SPDX-License-Identifier: Apache-2.0
"""The second factors of people, and the recovery codes that stand in for them."""

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import LargeBinary
from sqlalchemy import String
from sqlalchemy import Table

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

second_factors = Table(
    "second_factors",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("user_name", String(255), ForeignKey("users.name", ondelete="CASCADE"), nullable=False),
    Column("method", bytewise(16), nullable=False),
    Column("name", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("confirmed_at", BigInteger),
    Column("last_used_at", BigInteger),
    Column("used_up_to", BigInteger, nullable=False),
    Column("secret_encrypted", LargeBinary),
    Column("host", bytewise(255), nullable=False),
    Column("challenge", LargeBinary),
    Column("credential_id", LargeBinary, unique=True),
    Column("public_key", LargeBinary),
    Column("sign_count", BigInteger, nullable=False),
    Column("transports", bytewise(255), nullable=False),
    Index("ix_second_factors_user_name", "user_name"),
    comment="Apps and security keys of users; one without confirmed_at proves nothing",
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("user_name", String(255), ForeignKey("users.name", ondelete="CASCADE"), primary_key=True),
    Column("code_hmac", LargeBinary, primary_key=True),
    Column("made_for", bytewise(255)),
    comment="Codes not used yet, as HMAC-SHA-256 under a key that is not in the database",
)
