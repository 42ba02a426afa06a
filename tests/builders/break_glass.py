# SPDX-License-Identifier: Apache-2.0
"""Breaking the glass over the management API, and letting its time pass."""

from typing import Any

from sqlalchemy import Connection
from sqlalchemy import update

from entrepot.features.break_glass.tables import break_glass_openings
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import after
from entrepot.kernel.clock import system_clock
from entrepot.registry.tables import grants
from tests.builders.application import Client

GLASS = "/api/v1/break-glass"
ELIGIBILITIES = f"{GLASS}/eligibilities"
OPENINGS = f"{GLASS}/openings"
REASON = "the release pipeline is down"


async def make_eligible(client: Client, principal: str, path_pattern: str, role: str, **terms: object) -> str:
    """Make somebody eligible, and return the id of that."""
    wanted = {"principal": principal, "path_pattern": path_pattern, "role": role, **terms}
    answer = await client.post(ELIGIBILITIES, wanted)
    assert answer.status == 201, answer.body
    return str(answer.json["id"])


async def break_glass(client: Client, eligibility: str, **wanted: object) -> Any:
    """Open what somebody is eligible for, and return that."""
    answer = await client.post(OPENINGS, {"eligibility": eligibility, "reason": REASON, **wanted})
    assert answer.status == 201, answer.body
    return answer.json


def let_time_pass(connection: Connection, opening: str) -> None:
    """Let the time of an opening be over, some seconds ago."""
    at = after(system_clock(), -10 * SECOND_MS)
    began = after(at, -60 * SECOND_MS)
    connection.execute(
        update(break_glass_openings).where(break_glass_openings.c.id == opening).values(opened_at=began, ends_at=at)
    )
    connection.execute(update(grants).where(grants.c.opening == opening).values(expires_at=at))
