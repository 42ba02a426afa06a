# SPDX-License-Identifier: Apache-2.0
"""The row of a run: written while it goes, and never for one that did nothing."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType

import msgspec
import structlog
from sqlalchemy import Connection

from entrepot.features.garbage.models import Report
from entrepot.infra.database.engine import Database
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import after
from entrepot.kernel.errors import AppError
from entrepot.kernel.errors import Conflict
from entrepot.kernel.identifiers import new_ulid
from entrepot.registry.store import collection_runs
from entrepot.registry.store.collection_runs import Run
from entrepot.registry.store.collection_runs import RunState

SAVE_SECONDS = 5.0
KEPT_MS = 90 * DAY_MS

Tell = Callable[[int, str], None]
"""Takes how many things were removed so far, and what is being done."""

log = structlog.get_logger(__name__)


class StandsStill(Conflict):
    """Collection was paused, or the mode of the registry forbids it."""

    code = "collection_stands_still"


class Journal:
    """One run, from entering to leaving: an error makes it fail, `StandsStill` and cancellation stop it."""

    def __init__(
        self, database: Database, clock: Clock, cause: str, tell: Tell, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.report = Report()
        self._database = database
        self._clock = clock
        self._tell = tell
        self._monotonic = monotonic
        self._run = Run(new_ulid(), cause, RunState.RUNNING, clock(), None, "{}")
        self._began = self._saved = monotonic()

    async def __aenter__(self) -> "Journal":
        """Mark runs as stopped that died, and forget old ones. Raises `DatabaseUnavailable`."""
        await self._database.write(_begin, self._clock)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        """Write down how it ended. That it stands still is no error."""
        state = RunState.DONE
        if isinstance(error, StandsStill | asyncio.CancelledError):
            state = RunState.STOPPED
        elif error is not None:
            state = RunState.FAILED
            self.report.fail(f"{type(error).__name__}: {error}")
        if not self.report.is_empty:
            await self._end(state)
        return isinstance(error, StandsStill)

    async def advance(self, note: str) -> None:
        """Tell how far it has come; the row follows every few seconds."""
        self._tell(self.report.done, note)
        if self._monotonic() - self._saved >= SAVE_SECONDS and not self.report.is_empty:
            await self._save(RunState.RUNNING)

    async def _end(self, state: RunState) -> None:
        try:
            await self._save(state)
        except AppError as lost:
            log.warning("collection.not_recorded", error=lost.message)
        log.info("collection.ended", state=state.value, **msgspec.to_builtins(self.report))

    async def _save(self, state: RunState) -> None:
        self._saved = self._monotonic()
        self.report.seconds = round(self._saved - self._began, 3)
        finished_at = None if state is RunState.RUNNING else self._clock()
        report = msgspec.json.encode(self.report).decode()
        self._run = replace(self._run, state=state, finished_at=finished_at, report=report)
        await self._database.write(collection_runs.save, self._run)


def _begin(connection: Connection, clock: Clock) -> None:
    collection_runs.stop_others(connection, clock())
    collection_runs.prune(connection, after(clock(), -KEPT_MS))
