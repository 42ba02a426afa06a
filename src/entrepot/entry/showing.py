# SPDX-License-Identifier: Apache-2.0
"""Showing what a long command is doing: one line that changes, on a terminal; else a line now and then."""

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import Progress
from rich.progress import SpinnerColumn
from rich.progress import TextColumn
from rich.progress import TimeElapsedColumn

LINE_SECONDS = 5.0


@contextmanager
def showing() -> Iterator[Callable[[str], None]]:
    """Hold what is told what is being done."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        yield _Lines(console).say
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("")
        yield lambda text: progress.update(task, description=text)


class _Lines:
    """Tells a log."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told = monotonic()

    def say(self, text: str) -> None:
        """Print a line every few seconds."""
        if monotonic() >= self._told + LINE_SECONDS:
            self._told = monotonic()
            self._console.print(text, markup=False)
