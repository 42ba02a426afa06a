# SPDX-License-Identifier: Apache-2.0
"""Whether the clock can be believed: what ends by its time only ends when nobody has set the clock of late."""

import time
from collections.abc import Callable

import structlog
from sqlalchemy import Connection

from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import HOUR_MS
from entrepot.kernel.clock import SECOND_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.registry.store import collection_marks

EVEN_MS = HOUR_MS
"""How long the clock must have been even. A stop that was longer counts as a clock that was set."""

STEP_SECONDS = 60.0
"""A clock that moved this much more or less than time went by was set."""

LOOK_SECONDS = 60.0
"""How long what the database says of it is believed without asking again."""

SEEN = "clock-seen"
SET = "clock-set"
"""The marks that keep the time that any process saw last, and when one saw that the clock had been set."""

log = structlog.get_logger(__name__)


class EvenClock:
    """Watches the clock of this process against the time that goes by, and against what other processes saw.

    By a clock that was wrong, and after a long stop, every lease and every idle
    upload looks as if it had ended years ago. Their clients get an hour to go on.
    """

    def __init__(self, database: Database, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._monotonic = monotonic
        self._distance = self._distance_of_clocks()
        self._looked_at: float | None = None
        self._set_at: Milliseconds | None = None

    def start(self) -> None:
        """Look at it for the first time, from code that has no event loop. Raises `DatabaseUnavailable`."""
        now, distance = self._clock(), self._distance_of_clocks()
        self._note(self._database.write_now(_look, now, was_set=False, is_first=True), now, distance)

    async def uneven_until(self) -> Milliseconds | None:
        """Return until when nothing ends by its time, None if it may. Raises `DatabaseUnavailable`."""
        now, distance = self._clock(), self._distance_of_clocks()
        was_set = abs(distance - self._distance) > STEP_SECONDS
        is_first = self._looked_at is None
        if was_set or self._looked_at is None or self._monotonic() - self._looked_at >= LOOK_SECONDS:
            self._note(await self._database.write(_look, now, was_set=was_set, is_first=is_first), now, distance)
        ends = None if self._set_at is None else after(self._set_at, EVEN_MS)
        return ends if ends is not None and now < ends else None

    def _note(self, set_at: Milliseconds | None, now: Milliseconds, distance: float) -> None:
        self._set_at, self._distance, self._looked_at = set_at, distance, self._monotonic()
        if set_at == now:
            log.warning("clock.was_set", hint="Leases, uploads and deletions end an hour later for it.")

    def _distance_of_clocks(self) -> float:
        return self._clock() / SECOND_MS - self._monotonic()


def _look(connection: Connection, now: Milliseconds, *, was_set: bool, is_first: bool) -> Milliseconds | None:
    """Write down what time it is, and return when the clock was set last.

    Neither mark depends on the other, so processes that do this at once lose nothing.
    """
    seen_at, set_at = (collection_marks.find(connection, name, int) for name in (SEEN, SET))
    was_away = is_first and seen_at is not None and abs(now - seen_at) > EVEN_MS
    is_in_future = set_at is not None and set_at > now
    collection_marks.set_place(connection, SEEN, now)
    if was_set or was_away or is_in_future:
        collection_marks.set_place(connection, SET, now)
        return now
    return None if set_at is None else Milliseconds(set_at)
