# SPDX-License-Identifier: Apache-2.0
"""The words of the dashboard."""

from collections.abc import Sequence
from dataclasses import dataclass

from entrepot.features.usage import BusyRepository
from entrepot.features.usage import Totals
from entrepot.infra.telemetry.health import Finding
from entrepot.infra.telemetry.health import Verdict
from entrepot.registry.store.recent_changes import RecentChange

__all__ = ["Overview", "RecentChange", "Room"]


@dataclass(frozen=True, slots=True)
class Room:
    """How much room there is on the disk of a store, in bytes."""

    free_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What one principal may see; `totals` and `room` are None for all but administrators."""

    is_administrator: bool
    totals: Totals | None
    room: Room | None
    recent: Sequence[RecentChange]
    is_recent_complete: bool
    top: Sequence[BusyRepository]
    verdict: Verdict
    findings: Sequence[Finding]
    is_empty: bool
