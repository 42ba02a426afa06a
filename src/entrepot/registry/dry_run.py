# SPDX-License-Identifier: Apache-2.0
"""What collecting would do now: its own steps, done in one transaction, which is then undone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from sqlalchemy import Connection

from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.registry.core import Core
from entrepot.registry.reclaim import ROWS_PER_STEP
from entrepot.registry.reclaim import Outcome
from entrepot.registry.reclaim import Reclaim
from entrepot.registry.store import backups
from entrepot.registry.store import reclaim
from entrepot.registry.store import tombstones
from entrepot.registry.store.collection_figures import Amounts
from entrepot.registry.store.collection_figures import amounts_of

MAX_STEPS = {engine: 1_000 // rows for engine, rows in ROWS_PER_STEP.items()}
"""So many transactions of a run, of 1,000 rows in all, are rehearsed in one, for which other writers wait on SQLite."""

MAX_OBJECTS = 10_000


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a run would do now, and the objects whose bytes it would delete; there is more unless it `is_complete`."""

    outcome: Outcome
    due: Amounts
    is_complete: bool


class _Rehearsed(Exception):
    """Undoes the transaction and carries out what it found."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self.rehearsal = rehearsal


class DryRun:
    """The use case behind `--dry-run`."""

    def __init__(self, core: Core, steps: Reclaim, grace_ms: Callable[[], int]) -> None:
        self._core = core
        self._steps = steps
        self._grace_ms = grace_ms

    async def rehearse(self, max_steps: int = 0) -> Rehearsal:
        """Tell what a run would do now, looking no further than `max_steps`, 0 for `MAX_STEPS`. Changes nothing."""
        closed = await self._core.modes.closed_to_collection()
        limit = max_steps or MAX_STEPS[self._core.database.engine_name]

        def rehearse(connection: Connection) -> NoReturn:
            """Do it, and undo it."""
            raise _Rehearsed(self._do(connection, closed, limit))

        try:
            await self._core.database.write_locked(rehearse)
        except _Rehearsed as rehearsed:
            return rehearsed.rehearsal
        raise AssertionError("a rehearsal ends with what it found")

    def _do(self, connection: Connection, closed: frozenset[str], max_steps: int) -> Rehearsal:
        now = self._core.clock()
        rehearsing = _Rehearsing(connection, self._steps, now, max_steps)
        rehearsing.purge(closed)
        while rehearsing.goes_on() and self._steps.find_unused_in(connection, now):
            pass
        while rehearsing.goes_on() and rehearsing.counts(self._steps.unlink_in(connection, now, closed=closed)):
            pass
        gone_after = after(now, self._grace_ms())
        while rehearsing.goes_on() and rehearsing.counts(self._steps.remove_blobs_in(connection, now, gone_after)):
            pass
        due = tombstones.due(connection, now, list(self._core.stores), MAX_OBJECTS)
        is_complete = rehearsing.steps_left > 0 and len(due) < MAX_OBJECTS
        known = backups.holding(connection)
        free = [each for each in due if backups.holder(known, each.since) is None]
        return Rehearsal(rehearsing.outcome, amounts_of(free), is_complete)


class _Rehearsing:
    """A rehearsal so far, and how many steps it may still take."""

    def __init__(self, connection: Connection, steps: Reclaim, now: Milliseconds, max_steps: int) -> None:
        self.outcome = Outcome()
        self.steps_left = max_steps
        self._connection = connection
        self._steps = steps
        self._now = now
        self._rows = ROWS_PER_STEP[connection.dialect.name]

    def goes_on(self) -> bool:
        """Take a step, if there is one left."""
        if self.steps_left:
            self.steps_left -= 1
        return self.steps_left > 0

    def counts(self, step: Outcome) -> bool:
        """Add up a step; tell whether it did something."""
        self.outcome.add(step)
        return step.looked_at > 0

    def purge(self, closed: frozenset[str]) -> None:
        """Purge in passes, until one purges nothing. What the last one kept is what stays."""
        while True:
            one_pass, place = Outcome(), None
            while self.goes_on() and (found := reclaim.doomed(self._connection, self._now, place, self._rows)):
                one_pass.add(self._steps.purge_in(self._connection, found, self._now, closed))
                place = found[-1]
            is_last = not one_pass.manifests or not self.steps_left
            if not is_last:
                one_pass.kept = []
            self.outcome.add(one_pass)
            if is_last:
                return
