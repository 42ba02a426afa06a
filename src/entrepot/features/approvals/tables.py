# SPDX-License-Identifier: Apache-2.0
"""Approvals, and which acts take one."""

from sqlalchemy import BigInteger
from sqlalchemy import CheckConstraint
from sqlalchemy import Column
from sqlalchemy import Index
from sqlalchemy import Table
from sqlalchemy import Text

from entrepot.infra.database.metadata import bytewise
from entrepot.infra.database.metadata import metadata

approvals = Table(
    "approvals",
    metadata,
    Column("id", bytewise(26), primary_key=True),
    Column("act", bytewise(32), nullable=False),
    Column("target", bytewise(1000), nullable=False),
    Column("hours", BigInteger),
    Column("reason", Text, nullable=False),
    Column("requested_by", bytewise(320), nullable=False),
    Column("requested_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("state", bytewise(16), nullable=False),
    Column("decided_by", bytewise(320), nullable=False),
    Column("decided_at", BigInteger),
    Column("comment", Text, nullable=False),
    Column("ended_at", BigInteger),
    CheckConstraint("state IN ('pending', 'approved', 'rejected', 'withdrawn', 'used')", name="state"),
    Index("ix_approvals_state", "state", "id"),
    Index("ix_approvals_requested_by", "requested_by", "id"),
    Index("ix_approvals_expires_at", "expires_at"),
    comment="Who asked to do what, and what a second person said; decided_by is '' until then, hours null for good",
)

approval_rules = Table(
    "approval_rules",
    metadata,
    Column("act", bytewise(32), primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("set_by", bytewise(320), nullable=False),
    comment="The acts that take a second person",
)
