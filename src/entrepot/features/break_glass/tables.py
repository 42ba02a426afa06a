# SPDX-License-Identifier: Apache-2.0
"""Who may break the glass, and who did."""

from sqlalchemy import BigInteger
from sqlalchemy import Column
from sqlalchemy import Index
from sqlalchemy import Integer
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

break_glass_eligibilities = Table(
    "break_glass_eligibilities",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("principal", bytewise(320), nullable=False),
    Column("path_pattern", bytewise(255), nullable=False),
    Column("role", bytewise(64), nullable=False),
    Column("longest_minutes", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", bytewise(320), nullable=False),
    Index("ix_break_glass_eligibilities_principal", "principal"),
    comment="Which role somebody (kind:name) may take where, in an emergency, and for how long at most",
)

break_glass_openings = Table(
    "break_glass_openings",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("principal", bytewise(320), nullable=False),
    Column("path_pattern", bytewise(255), nullable=False),
    Column("role", bytewise(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("ended_by", bytewise(320)),
    Column("acknowledged_at", BigInteger),
    Column("acknowledged_by", bytewise(320)),
    Column("comment", Text, nullable=False),
    Index("ix_break_glass_openings_principal", "principal", "opened_at"),
    Index("ix_break_glass_openings_ends_at", "ends_at"),
    Index("ix_break_glass_openings_acknowledged_at", "acknowledged_at"),
    comment="Who took which role where, from when to when, and why; who ended it, and who acknowledged it",
)
