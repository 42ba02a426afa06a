# SPDX-License-Identifier: Apache-2.0
"""The invitations there are, and for a while those there were."""

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import LargeBinary
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

invitations = Table(
    "invitations",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("secret_hmac", LargeBinary, nullable=False, unique=True),
    Column("label", Text, nullable=False),
    Column("user_name", bytewise(64)),
    Column("terms", Text, nullable=False),
    Column("invited_by", bytewise(320), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("accepted_as", bytewise(255)),
    comment="Links by which people make their own account; of the secret in one there is an HMAC-SHA-256 only",
)
