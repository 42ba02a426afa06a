# SPDX-License-Identifier: Apache-2.0
"""The keys that registry tokens are signed with."""

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Integer
from sqlalchemy import LargeBinary
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import metadata

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
