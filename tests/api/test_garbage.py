# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/garbage`."""

from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy import update

from entrepot.kernel.clock import system_clock
from entrepot.oci.media_types import OCI_CONFIG
from entrepot.registry.even_clock import SET
from entrepot.registry.store import collection_marks
from entrepot.registry.tables import manifests
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest

GARBAGE = "/api/v1/garbage"
RUNS = f"{GARBAGE}/runs"
IMAGE = an_image_manifest()
ABSENT = ("paused", "mode", "waits_until", "last_run", "last_sweep", "last_rehash")
NAMES = ("unique", "shared", "binned", "leased", "uploads")
BYTES = len(A_CONFIG) + len(A_LAYER)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator."""
    return await application.user("root", is_admin=True)


async def test_garbage_is_shown(root: Client) -> None:
    """What waits, how long bytes stay and why; and nothing of what has not happened."""
    answer = await root.get(GARBAGE)

    assert answer.json["grace"] == {
        "minutes": 10,
        "reasons": ["a download that began before may still read the bytes"],
    }
    assert answer.json["waiting"] == {
        "queued": 0,
        "oldest_due_at": None,
        "objects": 0,
        "bytes": 0,
        "next_due_at": None,
    }
    assert [answer.json[name] for name in ABSENT] == [None] * len(ABSENT)


@pytest.fixture
def behind_a_set_clock(tmp_path: Path) -> Iterator[Application]:
    """An application that was started again after its clock had been set."""
    with an_application(tmp_path) as before:
        before.database.write_now(collection_marks.set_place, SET, system_clock())
    with an_application(tmp_path) as application:
        yield application


async def test_a_clock_that_was_set_is_told(behind_a_set_clock: Application) -> None:
    """Nothing is collected for an hour, and the status says until when."""
    root = await behind_a_set_clock.user("root", is_admin=True)

    until = (await root.get(GARBAGE)).json["waits_until"]

    minutes = (datetime.fromisoformat(until) - datetime.now(UTC)).total_seconds() / 60
    assert 58 < minutes <= 60


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/runs"),
        ("GET", "/runs/01KA7Q8B4H3M5V9XEYD2T6RZNW"),
        ("GET", "/storage"),
        ("POST", "/runs"),
        ("POST", ":pause"),
        ("POST", ":resume"),
    ],
)
async def test_garbage_takes_an_administrator(application: Application, alice: Client, method: str, path: str) -> None:
    """Nobody else sees or does anything."""
    strangers = [application.anonymous(), alice]

    answers = [await client.send_json(method, f"{GARBAGE}{path}", {}) for client in strangers]

    assert [answer.status for answer in answers] == [401, 403]


async def test_collection_is_paused_and_resumed(root: Client) -> None:
    """It says who paused it."""
    paused = await root.post(f"{GARBAGE}:pause", {})
    resumed = await root.post(f"{GARBAGE}:resume", {})

    assert paused.json["paused"]["by"] == "user:root"
    assert resumed.json["paused"] is None


async def test_a_run_is_begun_by_hand(application: Application, root: Client) -> None:
    """Its job can be followed, the run tells what it did, and the figures count what is gone."""
    await root.push_image("team/app", IMAGE, "1.0")
    freed = await root.post(f"/api/v1/repositories/team/app/-/artifacts/{IMAGE.digest}:free-now", {})
    assert freed.status == 200, freed.body
    await root.push_blob("team/app", b"nobody uses this")

    started = await root.post(RUNS, {})
    await application.settle()

    job = (await root.get(f"/api/v1/jobs/{started.json['job']}")).json
    assert (started.status, job["kind"], job["state"]) == (202, "garbage.collect", "succeeded")
    status = (await root.get(GARBAGE)).json
    assert status["deleted"] == {"purged": {"objects": 2, "bytes": BYTES}}


async def test_a_run_is_shown(application: Application, root: Client) -> None:
    """In the list, and by itself; one that did nothing is not there."""
    await root.push_image("team/app", IMAGE)
    await root.send("DELETE", f"/v2/team/app/manifests/{IMAGE.digest}")
    await application.database.write(_end_windows)
    await root.post(RUNS, {})
    await application.settle()
    await root.post(RUNS, {})
    await application.settle()

    [run] = (await root.get(RUNS)).json["items"]

    assert (run["cause"], run["state"], run["manifests"], run["kept"]) == ("user:root", "done", 1, {"lease": 2})
    assert (await root.get(f"{RUNS}/{run['id']}")).json == run
    unknown = await root.get(f"{RUNS}/01KA7Q8B4H3M5V9XEYD2T6RZNW")
    assert (unknown.status, unknown.json["code"]) == (404, "garbage_run_unknown")


async def test_a_dry_run_changes_nothing(application: Application, root: Client) -> None:
    """It tells what a run would do, and then a run does it."""
    await root.push_image("team/app", IMAGE)
    await root.send("DELETE", f"/v2/team/app/manifests/{IMAGE.digest}")
    await application.database.write(_end_windows)

    first, second = [(await root.post(RUNS, {"dry_run": True})).json for _ in range(2)]

    assert first == second
    assert first["job"] is None
    assert (first["would"]["manifests"], first["would"]["kept"], first["would"]["is_complete"]) == (
        1,
        {"lease": 2},
        True,
    )


async def test_only_collecting_is_rehearsed(root: Client) -> None:
    """A sweep has no dry run."""
    answer = await root.post(RUNS, {"task": "garbage.sweep", "dry_run": True})

    assert (answer.status, answer.json["code"]) == (400, "no_rehearsal")


async def test_sweeps_are_begun_by_hand(application: Application, root: Client) -> None:
    """Each leaves what it found."""
    await root.push_image("team/app", IMAGE, "1.0")

    for task in ("garbage.sweep", "garbage.rehash"):
        await root.post(RUNS, {"task": task})
    await application.settle()

    status = (await root.get(GARBAGE)).json
    assert status["last_sweep"]["orphans"] == {"objects": 0, "bytes": 0}
    assert status["last_rehash"]["read"] == {"objects": 2, "bytes": BYTES}


async def test_storage_is_shown_by_project(root: Client) -> None:
    """Each blob counts once: for one project alone, for several, as deleted, as waiting for its artifact."""
    await root.push_image("first/app", IMAGE, "1.0")
    await root.push_image("second/app", IMAGE, "1.0")
    await root.push_blob("second/app", b"still waiting")
    other = an_image_manifest(config=a_descriptor(b"{}", OCI_CONFIG))
    await root.push_image("third/app", other, "1.0", config=b"{}")
    await root.delete("third/app", other.digest)

    pages = await root.pages(f"{GARBAGE}/storage?limit=2")

    sums = {each["project"]: [each[name] for name in NAMES] for page in pages for each in page}
    assert sums == {
        "first": [0, BYTES, 0, 0, 0],
        "second": [0, BYTES, 0, 13, 0],
        "third": [0, 0, len(A_LAYER) + 2, 0, 0],
    }


def _end_windows(connection: Connection) -> None:
    """Let nothing that is deleted be restored any longer."""
    connection.execute(update(manifests).where(manifests.c.deleted_at.is_not(None)).values(purge_after=1))
