# SPDX-License-Identifier: Apache-2.0
"""Counting what guardrails would have refused: added up in memory, stored once a second, never in the way of a request.

A crash loses at most the last second.
"""

import asyncio
from dataclasses import dataclass
from dataclasses import replace
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from entrepot.features.guardrails.models import Deed
from entrepot.features.guardrails.models import Simulated
from entrepot.features.guardrails.store import guardrails
from entrepot.features.guardrails.store import simulations as store
from entrepot.infra.database.engine import Database
from entrepot.kernel.access import Principal
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import Unavailable

FLUSH_SECONDS = 1.0
MAX_WAITING = 1_000
"""How many different deeds are kept until they are stored; of others it is only known how many there were."""

MAX_LISTED = 1_000
"""How many different deeds are listed of one guardrail."""

log = structlog.get_logger(__name__)


class _Seen(NamedTuple):
    guardrail: str
    principal: str
    deed: str
    place: str


@dataclass(slots=True)
class _Times:
    first_at: Milliseconds
    last_at: Milliseconds
    count: int = 1


class Simulations:
    """A bounded buffer of what would have been refused, and the task that empties it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: dict[_Seen, _Times] = {}

    def note(self, guardrail: str, principal: Principal, deed: Deed, place: str) -> None:
        """Remember that a guardrail would have refused this."""
        now = self._clock()
        self._add(_Seen(guardrail, principal.identity, deed.value, place), _Times(now, now))

    async def run(self) -> None:
        """Store them every second, and what is left on being cancelled."""
        try:
            while True:
                await asyncio.sleep(FLUSH_SECONDS)
                await self.flush()
        finally:
            await self.flush()

    async def flush(self) -> None:
        """Store what waits. While that is not possible, it waits on."""
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        try:
            await self._database.write(_keep, waiting)
        except Unavailable as error:
            newer, self._waiting = self._waiting, waiting
            for seen, times in newer.items():
                self._add(seen, times)
            log.warning("guardrails.simulations_not_stored", reason=error.message)

    def _add(self, seen: _Seen, times: _Times) -> None:
        if seen not in self._waiting and len(self._waiting) >= MAX_WAITING:
            seen = _Seen(seen.guardrail, "", "", "")
        known = self._waiting.setdefault(seen, _Times(times.first_at, times.last_at, 0))
        known.count += times.count
        known.last_at = times.last_at


def _keep(connection: Connection, waiting: dict[_Seen, _Times]) -> None:
    names = guardrails.names_among(connection, {seen.guardrail for seen in waiting})
    room = {name: MAX_LISTED - store.count(connection, name) for name in names}
    for seen, times in sorted(waiting.items(), key=lambda item: item[0]):
        if seen.guardrail not in names:
            continue
        told = Simulated(seen.principal, seen.deed, seen.place, times.count, times.first_at, times.last_at)
        if seen.principal and not store.is_there(connection, seen.guardrail, told):
            if room[seen.guardrail] > 0:
                room[seen.guardrail] -= 1
            else:
                told = replace(told, principal="", deed="", place="")
        store.keep(connection, seen.guardrail, told)
