# SPDX-License-Identifier: Apache-2.0
"""How deliveries and witnessed checkpoints stand, in numbers."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from entrepot.features.audit.store import chain
from entrepot.features.audit.store import checkpoints
from entrepot.features.audit.store import deliveries
from entrepot.features.audit.store import witnessed
from entrepot.kernel.clock import Milliseconds


@dataclass(frozen=True, slots=True)
class AuditFigures:
    """What there is to watch."""

    behind: dict[str, int]
    """How many records each configured destination has not been sent, or is behind with checkpoints."""
    failing_since: dict[str, Milliseconds | None]
    contradictions: int
    """Checkpoints of other registries that contradict each other."""


def audit_figures(connection: Connection, configured: Collection[str]) -> AuditFigures:
    """Return them, for the destinations of these names."""
    head, signed = chain.head(connection), checkpoints.newest(connection)
    last_record, last_signed = 0 if head is None else head.last_seq, 0 if signed is None else signed.seq
    sent = [each for each in deliveries.all_of(connection) if each.destination.partition("/")[0] in configured]
    return AuditFigures(
        {
            each.destination: max(0, (last_signed if "/" in each.destination else last_record) - each.seq)
            for each in sent
        },
        {each.destination: each.failing_since for each in sent},
        witnessed.contradictions(connection),
    )
