# SPDX-License-Identifier: Apache-2.0
"""Rows for the outbox."""

from entrepot.infra.events.outbox import NewRow
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.identifiers import new_ulid


def some_rows(*payloads: str, kind: str = "told", occurred_at: int = 1_000) -> list[NewRow]:
    """Make one row for each payload."""
    return [NewRow(new_ulid(), kind, Milliseconds(occurred_at), payload) for payload in payloads]
