# SPDX-License-Identifier: Apache-2.0
"""Guardrails, the exceptions from them, and what those that only simulate would have refused."""

from sqlalchemy import BigInteger
from sqlalchemy import CheckConstraint
from sqlalchemy import Column
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

guardrails = Table(
    "guardrails",
    metadata,
    Column("name", bytewise(64), primary_key=True),
    Column("path_pattern", bytewise(255), nullable=False),
    Column("kind", bytewise(32), nullable=False),
    Column("options", Text, nullable=False),
    Column("mode", bytewise(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", bytewise(320), nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("changed_by", bytewise(320), nullable=False),
    CheckConstraint("mode IN ('simulate', 'enforce')", name="mode"),
    comment="What must not happen where, whatever was granted; the options are JSON",
)

guardrail_exceptions = Table(
    "guardrail_exceptions",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("guardrail", bytewise(64), ForeignKey("guardrails.name", ondelete="CASCADE"), nullable=False),
    Column("path_pattern", bytewise(255), nullable=False),
    Column("principal", bytewise(320), nullable=False),
    Column("reason", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("created_by", bytewise(320), nullable=False),
    Index("ix_guardrail_exceptions_guardrail", "guardrail", "id"),
    Index("ix_guardrail_exceptions_principal", "principal"),
    Index("ix_guardrail_exceptions_expires_at", "expires_at"),
    comment="What a guardrail is not about, until then: a path ('' for all), somebody ('' for everybody), or both",
)

guardrail_simulations = Table(
    "guardrail_simulations",
    metadata,
    Column("guardrail", bytewise(64), ForeignKey("guardrails.name", ondelete="CASCADE"), primary_key=True),
    Column("principal", bytewise(320), primary_key=True),
    Column("deed", bytewise(16), primary_key=True),
    Column("place", bytewise(400), primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Index("ix_guardrail_simulations_last_at", "last_at"),
    comment="What would have been refused, by whom, what and where; all three are '' for what is not listed by itself",
)
