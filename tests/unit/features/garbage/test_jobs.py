# SPDX-License-Identifier: Apache-2.0
"""What is done by itself, and when."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from entrepot.features.garbage.jobs import TIDY
from entrepot.features.garbage.models import Task
from entrepot.features.garbage.models import Wish
from entrepot.features.garbage.settings import GarbageSettings
from entrepot.infra.jobs.queue import enqueue
from entrepot.infra.jobs.store import list_schedules
from entrepot.kernel.clock import system_clock
from entrepot.registry.store import collection_runs
from entrepot.registry.store.collection_runs import NEWEST
from tests.builders.application import Application
from tests.builders.application import an_application

pytestmark = pytest.mark.anyio


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Everything, in one process."""
    with an_application(tmp_path) as application:
        yield application


async def test_everything_is_done_at_its_times(application: Application) -> None:
    """Collecting every five minutes, reading again every night, sweeping every week."""
    schedules = await application.database.read(list_schedules, "", 100)

    crons = {schedule.name: schedule.cron for schedule in schedules}
    assert [crons[name] for name in (Task.COLLECT, Task.REHASH, Task.SWEEP, TIDY)] == [
        "*/5 * * * *",
        "30 2 * * *",
        "30 3 * * 0",
        "*/10 * * * *",
    ]


async def test_a_scheduled_run_is_the_collectors(application: Application) -> None:
    """What nobody asked for is done by Entrepot itself."""
    alice = await application.user("alice", ("team/**", "admin"))
    for _ in range(2):
        await alice.push_blob("team/app", b"the same content twice")
    await application.database.write(enqueue, Task.COLLECT, Wish(), system_clock())

    await application.settle()

    [run] = await application.database.read(collection_runs.page, NEWEST, 10)
    assert run.cause == "internal:collector"
    assert '"duplicate"' in run.report


def test_a_schedule_that_never_comes_is_refused() -> None:
    """The configuration says so before a server starts."""
    with pytest.raises(ValidationError, match="schedule"):
        GarbageSettings(schedule="every now and then")
