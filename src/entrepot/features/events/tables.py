# SPDX-License-Identifier: Apache-2.0
"""Who sends what happens to which sink."""

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Table

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

event_sinks = Table(
    "event_sinks",
    metadata,
    Column("name", bytewise(64), primary_key=True),
    Column("holder", bytewise(26), nullable=False),
    Column("held_until", BigInteger, nullable=False),
    comment="Which process sends to a sink of the configuration, and until when no other does",
)
