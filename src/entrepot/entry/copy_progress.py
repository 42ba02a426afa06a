# SPDX-License-Identifier: Apache-2.0
"""How far a copy is: a bar on a terminal, a line now and then elsewhere, nothing for programs."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from collections.abc import Callable
from contextlib import asynccontextmanager
from contextlib import suppress
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn
from rich.progress import DownloadColumn
from rich.progress import Progress
from rich.progress import TextColumn
from rich.progress import TimeRemainingColumn
from rich.progress import TransferSpeedColumn

from entrepot.features.quotas.sizes import shown_size
from entrepot.infra.distribution.flow import Tally
from entrepot.infra.remote.output import Output

BAR_SECONDS = 0.2
LINE_SECONDS = 10.0


@asynccontextmanager
async def shown(tally: Tally, output: Output, err: TextIO | None = None) -> AsyncIterator[None]:
    """Show how far it is while the block runs, on standard error."""
    err = err or sys.stderr
    if output is Output.JSON:
        yield
        return
    task = asyncio.create_task(_bar(tally, err) if err.isatty() else _lines(tally, err))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Remaining:
    """How fast it goes, and how long it takes yet, from how far it was since this began to look."""

    def __init__(self, tally: Tally, clock: Callable[[], float] = time.monotonic) -> None:
        self._tally = tally
        self._clock = clock
        self._began_at: float | None = None
        self._began_with = 0

    def line(self) -> str:
        """Say it in a line."""
        tally = self._tally
        if not tally.bytes_total:
            return "Looking what there is to copy"
        if self._began_at is None:
            self._began_at, self._began_with = self._clock(), tally.bytes_done
        passed = self._clock() - self._began_at
        rate = max(0, tally.bytes_done - self._began_with) / passed if passed > 0 else 0.0
        told = [
            f"{100 * tally.bytes_done // tally.bytes_total} %",
            f"{shown_size(tally.bytes_done)} of {shown_size(tally.bytes_total)}",
            f"{tally.blobs_done} of {tally.blobs_total} blobs",
        ]
        if rate:
            told += [
                f"{shown_size(int(rate))}/s",
                f"{_duration((tally.bytes_total - tally.bytes_done) / rate)} left",
            ]
        return " · ".join(told)


async def _lines(tally: Tally, err: TextIO) -> None:
    remaining = Remaining(tally)
    remaining.line()
    while True:
        await asyncio.sleep(LINE_SECONDS)
        err.write(f"{remaining.line()}\n")
        err.flush()


async def _bar(tally: Tally, err: TextIO) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TextColumn("ETA"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=err), transient=True) as progress:
        task = progress.add_task("Looking", total=None)
        while True:
            if tally.bytes_total:
                described = f"{tally.blobs_done}/{tally.blobs_total} blobs"
                progress.update(task, description=described, total=tally.bytes_total, completed=tally.bytes_done)
            await asyncio.sleep(BAR_SECONDS)


def _duration(seconds: float) -> str:
    whole = int(seconds) + 1
    hours, minutes = whole // 3600, whole % 3600 // 60
    if hours:
        return f"{hours}h{minutes:02d}m"
    return f"{minutes}m{whole % 60:02d}s" if minutes else f"{whole}s"
