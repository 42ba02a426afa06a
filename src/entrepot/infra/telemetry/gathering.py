# SPDX-License-Identifier: Apache-2.0
"""Brings together what all parts of all server processes have measured."""

import asyncio
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence

import structlog

from entrepot.infra.telemetry.metrics import Measured
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.infra.telemetry.sharing import SharedMeasurements

SHARE_SECONDS = 1.0

log = structlog.get_logger(__name__)


class Gathering:
    """Knows everything that measures.

    `by_process` is what each process measures of itself, and `of_all` asks for
    what is the same whichever process is asked. `shared` is None where there is
    one process only.
    """

    def __init__(
        self,
        by_process: Sequence[Measured],
        of_all: Callable[[], Awaitable[list[Measurement]]],
        shared: SharedMeasurements | None,
    ) -> None:
        self._by_process = by_process
        self._of_all = of_all
        self._shared = shared

    async def gather(self) -> list[Measurement]:
        """Return everything; those of several processes still have to be added up. Raises `DatabaseUnavailable`."""
        own = await asyncio.to_thread(self._own)
        others = await asyncio.to_thread(self._shared.others) if self._shared else []
        return [*own, *others, *await self._of_all()]

    async def share(self) -> None:
        """Leave this process's numbers for the others every second, until cancelled."""
        if self._shared is None:
            return
        is_failing = False
        while True:
            try:
                await asyncio.to_thread(self._leave, self._shared)
                is_failing = False
            except OSError as error:
                if not is_failing:
                    log.warning("metrics.not_shared", error=error.strerror)
                is_failing = True
            await asyncio.sleep(SHARE_SECONDS)

    def _leave(self, shared: SharedMeasurements) -> None:
        shared.write(self._own())

    def _own(self) -> list[Measurement]:
        return [measurement for each in self._by_process for measurement in each.measure()]
