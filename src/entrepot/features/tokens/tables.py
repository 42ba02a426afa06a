# SPDX-License-Identifier: Apache-2.0
"""The keys that registry tokens are signed with, the secrets that programs log in with, and what logins are renewed by.

Of a secret only its SHA-256 is stored: it is as random as a key, so there is nothing to slow down.
One that comes from another registry may be somebody's choice: of that, the salted hash from there is
stored, and from its first use on a hash as of a password.
"""

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import LargeBinary
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text
from sqlalchemy import text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

IS_NOT_REVOKED = text("revoked_at IS NULL")
"""Text, not a parameter: SQLite uses a partial index only for a condition spelled like the index's own."""

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", String(64), primary_key=True),
    Column("generation", Integer, nullable=False, unique=True),
    Column("algorithm", String(16), nullable=False),
    Column("public_jwk", Text, nullable=False),
    Column("private_key_encrypted", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("not_after", BigInteger),
    comment="The newest generation signs; tokens of any key that is not past not_after are accepted",
)

instance_secrets = Table(
    "instance_secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    comment="What is derived from instead of the instance key, encrypted by it",
)

credentials = Table(
    "credentials",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("principal", bytewise(320), nullable=False),
    Column("name", bytewise(64), nullable=False),
    Column("secret_sha256", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", bytewise(320), nullable=False),
    Column("expires_at", BigInteger),
    Column("revoked_at", BigInteger),
    Column("allowed_addresses", Text, nullable=False, server_default=text("''")),
    Column("imported_hash", Text),
    Column("used_at", BigInteger),
    Column("used_from", bytewise(64)),
    Column("replaced_at", BigInteger),
    Column("warned_at", BigInteger),
    Index("ix_credentials_principal_id", "principal", "id"),
    Index("ix_credentials_expires_at", "expires_at"),
    Index("ix_credentials_revoked_at", "revoked_at"),
    Index(
        "uq_credentials_principal_name",
        "principal",
        "name",
        unique=True,
        sqlite_where=IS_NOT_REVOKED,
        postgresql_where=IS_NOT_REVOKED,
    ),
    comment="Personal tokens and the secrets of robots; revoked_at may lie ahead while a robot changes its secret",
)

login_aliases = Table(
    "login_aliases",
    metadata,
    Column("alias", bytewise(255), primary_key=True),
    Column("principal", bytewise(320), nullable=False),
    Index("uq_login_aliases_principal", "principal", unique=True),
    comment="Other names that robots log in with, as they did at the registry that they were imported from",
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("secret_sha256", LargeBinary, nullable=False),
    Column("principal", bytewise(320), nullable=False),
    Column("credential", bytewise(255), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=False),
    Index("ix_refresh_tokens_principal", "principal"),
    Index("ix_refresh_tokens_used_at", "used_at"),
    comment="Logins that renew themselves; each ends with the credential it came from. used_at is exact to a day",
)
