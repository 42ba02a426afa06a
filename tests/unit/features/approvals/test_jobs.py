# SPDX-License-Identifier: Apache-2.0
"""The background work of approvals."""

import asyncio
from pathlib import Path

from entrepot.features.approvals import count_pending
from entrepot.features.approvals.jobs import KEPT_MS
from entrepot.features.approvals.jobs import forget_old
from entrepot.features.approvals.models import PENDING_MS
from entrepot.features.approvals.service import Listed
from entrepot.kernel.clock import after
from tests.unit.features.approvals.desk import TEAM
from tests.unit.features.approvals.desk import a_desk
from tests.unit.features.approvals.desk import person

ALICE = person("alice")


def test_what_ended_long_ago_is_forgotten(tmp_path: Path) -> None:
    """What ended of late is still listed, and does not count as waiting."""
    with a_desk(tmp_path) as desk:
        desk.begin("alice")

        async def after_waiting(span_ms: int) -> tuple[int, int]:
            """Tidy up later; return how many are listed, and how many wait."""
            now = after(desk.clock(), span_ms)
            await forget_old(desk.database, now)
            listed = await desk.approvals.page(ALICE, Listed.MINE, "", 10)
            return len(listed.items), await desk.database.read(count_pending, now)

        async def go() -> list[tuple[int, int]]:
            """Ask for something, and let time pass."""
            await desk.allow("alice", is_allowed=True)
            await desk.approvals.request(ALICE, TEAM, "a reason")
            return [
                await after_waiting(span) for span in (0, PENDING_MS, PENDING_MS + KEPT_MS, PENDING_MS + KEPT_MS + 1)
            ]

        assert asyncio.run(go()) == [(1, 1), (1, 0), (1, 0), (0, 0)]
