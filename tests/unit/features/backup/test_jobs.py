# SPDX-License-Identifier: Apache-2.0
"""Backups that are taken by themselves: exactly one at a time, kept as long as is wanted, and missed if they fail."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import Connection
from sqlalchemy import update

from entrepot.features.backup.description import read_description
from entrepot.features.backup.errors import BackupLate
from entrepot.features.backup.lateness import backup_figures
from entrepot.features.backup.lateness import require_in_time
from entrepot.features.backup.models import SCHEDULER
from entrepot.features.backup.models import TAKE
from entrepot.features.backup.models import Wish
from entrepot.features.backup.settings import BackupSettings
from entrepot.infra.jobs import queue
from entrepot.infra.jobs.store import find_schedule
from entrepot.infra.jobs.tables import schedules
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import Milliseconds
from entrepot.kernel.clock import after
from entrepot.kernel.clock import system_clock
from entrepot.kernel.identifiers import new_ulid
from entrepot.registry.store import backups
from entrepot.registry.store.backups import Backup
from entrepot.registry.store.backups import Facts
from entrepot.registry.store.backups import NewBackup
from tests.builders.application import Application
from tests.builders.application import an_application
from tests.builders.application import in_memory

NIGHTLY = "0 3 * * *"

pytestmark = pytest.mark.anyio


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where backups go."""
    return tmp_path / "backups"


@pytest.fixture
def application(tmp_path: Path, folder: Path) -> Iterator[Application]:
    """An application that keeps two backups, taken every night."""
    with an_application(
        tmp_path, base=in_memory(backup=BackupSettings(folder=folder, schedule=NIGHTLY, keep=2))
    ) as application:
        yield application


async def known(application: Application) -> list[Backup]:
    """Return all backups that are known, the newest first."""
    return await application.database.read(backups.newest_first)


async def change_schedule(application: Application, **values: Milliseconds) -> None:
    """Change when the schedule is due, or was."""

    def change(connection: Connection) -> None:
        connection.execute(update(schedules).where(schedules.c.name == TAKE).values(values))

    await application.database.write(change)


async def fire(application: Application) -> None:
    """Let the time of the schedule come."""
    await change_schedule(application, next_run_at=Milliseconds(1))


async def add(application: Application, name: str, folder: Path, by: str = SCHEDULER, job: str = "") -> None:
    """Record one that was taken, or is taken by a job that is named; with a file."""
    now = system_clock()
    new = NewBackup(name, str(folder / f"{name}.backup"), by, now, after(now, DAY_MS), Facts(job=job))

    def record(connection: Connection) -> None:
        number = backups.add(connection, new)
        if not job:
            backups.complete(connection, number, (now, after(now, DAY_MS)), Milliseconds(0), Facts())

    await application.database.write(record)


async def test_a_schedule_takes_backups(application: Application, folder: Path) -> None:
    """Nobody asked for them: the scheduler did. However often it was due meanwhile, there is one."""
    for _ in range(2):
        await fire(application)
        await application.instance.jobs.turn()
    await application.settle()

    [backup] = await known(application)
    assert (backup.state, backup.taken_by, Path(backup.place).parent) == ("kept", SCHEDULER, folder)
    assert (await asyncio.to_thread(read_description, Path(backup.place))).name == backup.name
    assert backup.facts.job
    assert backup.facts.node


def test_without_a_schedule_there_is_none(tmp_path: Path) -> None:
    """Also where there was one before."""
    folder = tmp_path / "backups"
    with an_application(tmp_path, base=in_memory(backup=BackupSettings(folder=folder, schedule=NIGHTLY))):
        pass
    with an_application(tmp_path, base=in_memory(backup=BackupSettings(folder=folder))) as application:
        assert application.database.snapshot_now(find_schedule, TAKE) is None


@pytest.mark.parametrize(
    "given", [{"schedule": "every night", "folder": "/b"}, {"schedule": NIGHTLY}, {"keep_days": 0}]
)
def test_a_schedule_that_makes_no_sense_is_refused(given: dict[str, object]) -> None:
    """Before a server starts."""
    with pytest.raises(ValidationError):
        BackupSettings.model_validate(given)


async def test_only_so_many_of_the_schedule_are_kept(application: Application, folder: Path) -> None:
    """The oldest end, and their files go; those that people asked for stay."""
    for name in ("old", "newer"):
        await add(application, name, folder)
    await add(application, "by-hand", folder, by="user:alice")

    await fire(application)
    await application.settle()

    states = {each.name: each.state for each in await known(application)}
    assert {name: states[name] for name in ("old", "newer", "by-hand")} == {
        "old": "ended",
        "newer": "kept",
        "by-hand": "kept",
    }


async def test_files_of_backups_that_ended_go(application: Application, folder: Path) -> None:
    """After the next backup, with the bytes that none of the others names; unknown files stay."""
    await application.database.write(queue.enqueue, TAKE, Wish("user:alice"), system_clock())
    await application.settle()
    [first] = await known(application)
    await application.database.write(backups.end, first.name, system_clock())
    await asyncio.to_thread((folder / "foreign.txt").write_text, "no backup")

    await add(application, "in-the-way", folder, job=str(new_ulid()))
    await fire(application)
    await application.settle()

    backups_now = await known(application)
    [kept] = [Path(each.place).name for each in backups_now if each.state == "kept"]
    assert sorted(await asyncio.to_thread(os.listdir, folder)) == sorted(["foreign.txt", kept])
    states = {each.name: each.state for each in backups_now}
    assert states["in-the-way"] == "failed"
    assert sorted(states.values()) == ["ended", "failed", "kept"]


async def test_a_backup_that_failed_is_missed(application: Application, folder: Path) -> None:
    """Until one is taken: by whoever looks at the health of the registry, with the reason."""
    await asyncio.to_thread(folder.write_text, "in the way")
    await require_in_time(application.database)
    await fire(application)
    with pytest.raises(BackupLate, match="the backup cannot be written"):
        await until_late(application)
    figures = await application.database.survey(backup_figures)
    assert figures.failing is not None
    assert (figures.last_taken_at, figures.kept, figures.failing.job is not None) == (None, 0, True)

    await asyncio.to_thread(folder.unlink)
    await retry(application)
    await application.settle()

    await require_in_time(application.database)
    assert (await application.database.survey(backup_figures)).kept == 1


async def until_late(application: Application) -> None:
    """Work until it is found that a backup is missing."""
    async with asyncio.timeout(20):
        while True:
            ring = application.instance.work.next_ring()
            if not await application.instance.jobs.turn():
                await ring.wait()
            await require_in_time(application.database)


async def retry(application: Application) -> None:
    """Let the job that waits after a failure be tried now."""
    [job] = await application.database.read(queue.list_jobs, 1, kind=TAKE)
    await application.database.write(queue.cancel, job.id, system_clock())
    await application.database.write(queue.enqueue, TAKE, Wish(), system_clock())


async def test_a_missing_backup_is_found_without_its_job(application: Application) -> None:
    """Jobs are known for a week; a monthly backup that failed is missed longer."""
    await change_schedule(application, last_run_at=system_clock())

    with pytest.raises(BackupLate, match=r"was not taken$"):
        await require_in_time(application.database)
