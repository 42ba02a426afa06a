# SPDX-License-Identifier: Apache-2.0
"""What runs beside the requests goes on, whatever one turn of it runs into."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from entrepot.entry.instance import going_on
from tests.builders.application import Application
from tests.builders.application import an_application

pytestmark = pytest.mark.anyio


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Hold an application on an empty database."""
    with an_application(tmp_path) as application:
        yield application


class Task:
    """Fails so many times, then runs until it is cancelled."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.has_failed = asyncio.Event()
        self.is_running = asyncio.Event()

    async def run(self) -> None:
        """Do so."""
        if self.failures:
            self.failures -= 1
            self.has_failed.set()
            raise KeyError("what nobody thought of")
        self.is_running.set()
        await asyncio.Event().wait()


async def test_a_task_that_fails_is_told_of_and_begins_anew() -> None:
    """Each time, and no more often than it fails."""
    task = Task(failures=2)
    with capture_logs() as logs:
        running = asyncio.create_task(going_on(task.run, pause_seconds=0))
        await task.is_running.wait()
        running.cancel()
        await asyncio.wait({running})

    assert running.cancelled()
    assert [(each["event"], each["log_level"], each["task"]) for each in logs] == [
        ("task.failed", "error", "Task.run")
    ] * 2


async def test_a_task_that_has_nothing_to_do_ends() -> None:
    """It is not begun anew."""
    begun = []

    async def nothing() -> None:
        begun.append(1)

    await going_on(nothing, pause_seconds=0)

    assert begun == [1]


async def test_a_task_that_fails_while_it_ends_does_not_begin_anew() -> None:
    """As when what is left cannot be stored: the process would never end."""
    began = asyncio.Event()

    async def failing_at_last() -> None:
        try:
            began.set()
            await asyncio.Event().wait()
        finally:
            raise KeyError("what nobody thought of")

    with capture_logs():
        running = asyncio.create_task(going_on(failing_at_last, pause_seconds=0))
        await began.wait()
        running.cancel()
        done, _ = await asyncio.wait({running}, timeout=5)

    assert done == {running}
    assert isinstance(running.exception(), KeyError)


async def test_a_process_notices(application: Application) -> None:
    """What features run beside the requests, it runs so."""
    task = Task(failures=1)
    with capture_logs() as logs:
        async with replace(application.instance, tasks=(task.run,)).running():
            await task.has_failed.wait()
            await asyncio.sleep(0)

    assert [each["task"] for each in logs if each["event"] == "task.failed"] == ["Task.run"]
