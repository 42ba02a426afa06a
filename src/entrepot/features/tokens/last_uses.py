# SPDX-License-Identifier: Apache-2.0
"""When and from where secrets were last used: noted in memory, stored beside the requests, exact to some minutes.

A crash loses what was noted in the last seconds. Each process stores a secret's use
once in five minutes at most, and never an earlier one over a later one.
"""

import asyncio

import structlog

from entrepot.features.tokens.store import credentials
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import MINUTE_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.errors import Unavailable
from entrepot.kernel.identifiers import Ulid
from entrepot.kernel.recent import Recent

NOTED_EVERY_MS = 5 * MINUTE_MS
FLUSH_SECONDS = 2.0
MAX_WAITING = 20_000
MAX_ADDRESS_CHARACTERS = 64

log = structlog.get_logger(__name__)


class LastUses:
    """A bounded buffer of uses and the task that empties it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._noted: Recent[Ulid, bool] = Recent(clock, NOTED_EVERY_MS, MAX_WAITING)
        self._waiting: dict[Ulid, tuple[Milliseconds, str]] = {}

    @property
    def waiting(self) -> int:
        """How many secrets were used and have yet to be stored so."""
        return len(self._waiting)

    def note(self, credential_id: Ulid, address: str) -> None:
        """Remember that a secret was used, unless that was noted of late. Costs a look into a dictionary."""
        if self._noted.get(credential_id) is None and len(self._waiting) < MAX_WAITING:
            self._noted.put(credential_id, True)
            self._waiting[credential_id] = (self._clock(), address[:MAX_ADDRESS_CHARACTERS])

    async def flush(self) -> None:
        """Store what was noted. While nothing can be stored, it waits."""
        uses, self._waiting = self._waiting, {}
        if not uses:
            return
        try:
            await self._database.write_locked(credentials.note_uses, uses)
        except Unavailable as error:
            self._waiting = {**uses, **self._waiting}
            log.warning("secret_uses.not_stored", waiting=self.waiting, reason=error.message)

    async def run(self) -> None:
        """Store every two seconds what was noted, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()
