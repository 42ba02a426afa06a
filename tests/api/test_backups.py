# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/backups`."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.features.backup.description import read_description
from entrepot.features.backup.settings import BackupSettings
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.clock import system_clock
from entrepot.registry.store import backups
from entrepot.registry.store.backups import NewBackup
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.application import in_memory
from tests.builders.manifests import an_image_manifest

BACKUPS = "/api/v1/backups"
IMAGE = an_image_manifest()

pytestmark = pytest.mark.anyio


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where backups go."""
    return tmp_path / "backups"


@pytest.fixture
def application(tmp_path: Path, folder: Path) -> Iterator[Application]:
    """An application that takes a backup once in four years, and copies the bytes."""
    settings = BackupSettings(folder=folder, schedule="0 0 29 2 *", keep_days=7, with_blobs=True)
    with an_application(tmp_path, base=in_memory(backup=settings)) as application:
        yield application


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator."""
    return await application.user("root", is_admin=True)


async def taken(application: Application, root: Client, **wanted: object) -> dict[str, object]:
    """Have a backup taken; return it as it is shown."""
    begun = await root.post(BACKUPS, wanted)
    assert begun.status == 202, begun.body
    await application.settle()
    job = (await root.get(f"/api/v1/jobs/{begun.json['job']}")).json
    assert (job["kind"], job["state"]) == ("backup.take", "succeeded"), job
    shown: dict[str, object] = (await root.get(BACKUPS)).json["items"][0]
    return shown


async def test_a_backup_is_taken_in_the_background(application: Application, root: Client, folder: Path) -> None:
    """It is whole, has the bytes beside it, and says who asked for it."""
    await root.push_image("team/app", IMAGE, "1.0")

    shown = await taken(application, root, keep_days=1)

    file = folder / f"{shown['name']}.backup"
    assert (shown["state"], shown["place"], shown["taken_by"]) == ("kept", str(file), "user:root")
    assert (shown["tags"], shown["objects"], shown["blobs_lost"], shown["drill"]) == (1, 2, 0, None)
    assert shown["blobs_folder"] == str(folder / "blobs")
    description = await asyncio.to_thread(read_description, file)
    assert shown["expires_at"] == rfc3339(after(description.taken_at, DAY_MS))
    assert (await root.get(f"{BACKUPS}/{shown['name']}")).json == shown
    told = {event.type: event for event in await application.events()}
    assert told["backup.taken"].object == f"backup:{shown['name']}"
    assert told["job.started"].principal == "user:root"


async def test_bytes_need_not_be_copied(application: Application, root: Client, folder: Path) -> None:
    """Whatever the configuration says."""
    shown = await taken(application, root, with_blobs=False)

    assert shown["blobs_folder"] is None
    assert not await asyncio.to_thread((folder / "blobs").exists)


async def test_one_is_taken_at_a_time(application: Application, root: Client) -> None:
    """Who asks meanwhile is told the job that does it."""
    first, second = [(await root.post(BACKUPS, {})).json["job"] for _ in range(2)]

    plan = (await root.get(f"{BACKUPS}:plan")).json

    assert first == second == plan["job"]
    await application.settle()
    assert len((await root.get(BACKUPS)).json["items"]) == 1


async def test_how_backups_are_taken_is_told(application: Application, root: Client, folder: Path) -> None:
    """As it is configured, when the next comes, and when the last came."""
    before = (await root.get(f"{BACKUPS}:plan")).json
    shown = await taken(application, root)

    plan = (await root.get(f"{BACKUPS}:plan")).json

    assert (plan["folder"], plan["schedule"], plan["keep_days"], plan["keep"]) == (str(folder), "0 0 29 2 *", 7, 0)
    assert (before["last_taken_at"], before["kept"], before["failing"]) == (None, 0, None)
    assert (plan["last_taken_at"], plan["kept"], plan["job"]) == (shown["taken_at"], 1, None)
    assert plan["next_run_at"][5:10] == "02-29"


async def test_a_backup_is_removed_with_its_file(application: Application, root: Client, folder: Path) -> None:
    """It holds nothing back any longer, which is told; asking again changes nothing."""
    name = (await taken(application, root))["name"]

    removed = await root.send("DELETE", f"{BACKUPS}/{name}")
    again = await root.send("DELETE", f"{BACKUPS}/{name}")

    assert (removed.status, removed.json["is_file_removed"]) == (200, True)
    assert (again.status, again.json["is_file_removed"]) == (200, False)
    assert not await asyncio.to_thread((folder / f"{name}.backup").exists)
    assert (await root.get(f"{BACKUPS}/{name}")).json["state"] == "ended"
    assert [event.type for event in await application.events()].count("backup.removed") == 1


async def test_a_file_elsewhere_is_left_alone(application: Application, root: Client, tmp_path: Path) -> None:
    """A command may have taken it anywhere; the server removes files in its own folder only."""
    elsewhere = tmp_path / "elsewhere.backup"
    await asyncio.to_thread(elsewhere.write_text, "mine")
    now = system_clock()
    new = NewBackup("mine", str(elsewhere), "bob@host", now, after(now, DAY_MS))
    await application.database.write(backups.add, new)

    removed = await root.send("DELETE", f"{BACKUPS}/mine")

    assert removed.json == {"name": "mine", "place": str(elsewhere), "is_file_removed": False}
    assert await asyncio.to_thread(elsewhere.read_text) == "mine"
    assert (await root.get(f"{BACKUPS}/mine")).json["state"] == "failed"


async def test_what_a_backup_alone_holds_back_is_told(application: Application, root: Client) -> None:
    """What was deleted since, and was freed but for it."""
    await root.push_image("team/app", IMAGE, "1.0")
    name = (await taken(application, root))["name"]
    artifact = f"/api/v1/repositories/team/app/-/artifacts/{IMAGE.digest}"

    freed = await root.post(f"{artifact}:free-now", {})

    held = (await root.get(f"{BACKUPS}/{name}")).json["held_back"]
    [told] = freed.json["freed"]["held_back"]
    assert freed.json["freed"]["freed_bytes"] == 0
    assert held == {"objects": told["objects"], "bytes": told["bytes"]}
    assert held["objects"] == 2
    assert (await root.get(f"{BACKUPS}:plan")).json["held_back_bytes"] == held["bytes"]


async def test_backups_come_in_pages(application: Application, root: Client) -> None:
    """The newest first."""
    now = system_clock()
    for number in range(5):
        new = NewBackup(f"b{number}", "/elsewhere", "bob@host", now, after(now, DAY_MS))
        await application.database.write(backups.add, new)

    pages = await root.pages(f"{BACKUPS}?limit=2")

    assert [[each["name"] for each in page] for page in pages] == [["b4", "b3"], ["b2", "b1"], ["b0"]]


@pytest.mark.parametrize("wanted", [{"keep_days": 0}, {"keep_days": 3651}, {"folder": "/etc"}, {"name": "x"}])
async def test_neither_folder_nor_name_is_the_clients_to_say(root: Client, wanted: dict[str, object]) -> None:
    """Nor a time that is none."""
    assert (await root.post(BACKUPS, wanted)).status == 400


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Application]:
    """An application without a folder for backups."""
    with an_application(tmp_path) as application:
        yield application


async def test_without_a_folder_none_is_taken(bare: Application) -> None:
    """What has to be configured is told, and no schedule is there."""
    root = await bare.user("root", is_admin=True)

    refused = await root.post(BACKUPS, {})

    assert (refused.status, refused.json["code"]) == (409, "no_backup_folder")
    plan = (await root.get(f"{BACKUPS}:plan")).json
    assert (plan["folder"], plan["schedule"], plan["next_run_at"]) == (None, None, None)
