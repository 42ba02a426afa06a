# SPDX-License-Identifier: Apache-2.0
"""The server processes there are."""

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Integer
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

nodes = Table(
    "nodes",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False, index=True),
    comment="Server processes; each renews its seen_at, and removes its row when it stops",
)
