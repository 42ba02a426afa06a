# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/system`."""

import platform
import re
from asyncio import to_thread
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from entrepot import __version__
from entrepot.features.system.models import Node
from entrepot.features.system.service import NEWEST
from entrepot.features.system.store import page
from entrepot.infra.database import schema
from entrepot.kernel.clock import MINUTE_MS
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.browsers import logged_in
from tests.builders.databases import opened
from tests.builders.databases import place_of
from tests.fakes.settable_clock import SettableClock

SYSTEM = "/api/v1/system"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator."""
    return await application.user("root", is_admin=True)


@pytest.fixture
def called(tmp_path: Path) -> Iterator[Application]:
    """Hold an application that knows what clients call it."""
    with an_application(tmp_path, public_url="https://registry.example") as application:
        yield application


@pytest.fixture
def clock() -> SettableClock:
    """The time, as far as logins are concerned."""
    return SettableClock()


EMPTY_BYTES = 100_000
"""What tables and indexes take up before anything is in them is more than this."""


@pytest.fixture
def timed(tmp_path: Path, clock: SettableClock) -> Iterator[Application]:
    """Hold an application on that clock."""
    with an_application(tmp_path, clock=clock) as application:
        yield application


async def test_the_system_tells_its_versions(application: Application, root: Client) -> None:
    """Those of the server, of Python, and of the database and its schema; and what the database takes up."""
    shown = (await root.get(SYSTEM)).json

    assert (shown["version"], shown["python"], shown["workers"]) == (__version__, platform.python_version(), 1)
    kind = application.database.engine_name
    assert (shown["database"]["kind"], shown["database"]["schema_revision"]) == (kind, schema.needed_revision())
    assert re.fullmatch(r"\d+\.\d+(\.\d+)?", shown["database"]["version"])
    assert shown["database"]["size_bytes"] > EMPTY_BYTES
    assert shown["storage"] == {"url": "memory:", "kind": "memory", "free_bytes": None, "total_bytes": None}


async def test_the_system_tells_its_address(called: Application) -> None:
    """The one that clients call it by."""
    root = await called.user("root", is_admin=True)

    assert (await root.get(SYSTEM)).json["address"] == "https://registry.example"


async def test_processes_are_listed_while_they_are_there(application: Application, root: Client) -> None:
    """From the first heartbeat to the last word."""
    presence = application.instance.presence
    before = (await root.get(f"{SYSTEM}/nodes")).json["items"]
    await presence.tell()
    [shown] = (await root.get(f"{SYSTEM}/nodes")).json["items"]
    await presence.leave()
    after = (await root.get(f"{SYSTEM}/nodes")).json["items"]

    assert (before, after) == ([], [])
    assert (shown["id"], shown["pid"], shown["is_alive"]) == (presence.node.id, presence.node.pid, True)
    assert (shown["host"], shown["version"]) == (presence.node.host, __version__)


async def test_keys_are_listed_without_the_keys(root: Client) -> None:
    """By name, with the one that signs first."""
    [key] = (await root.get(f"{SYSTEM}/keys")).json["items"]

    assert set(key) == {"kid", "algorithm", "created_at", "not_after", "is_current"}
    assert (key["algorithm"], key["not_after"], key["is_current"]) == ("ES256", None, True)


async def test_a_new_key_signs_after_a_rotation(root: Client) -> None:
    """The former one stays good until its tokens have expired, and so do they."""
    token = (await root.get("/auth/token?service=entrepot")).json["token"]
    [former] = (await root.get(f"{SYSTEM}/keys")).json["items"]

    answer = await root.post(f"{SYSTEM}/keys:rotate", {})

    current, old = answer.json["items"]
    assert (answer.status, current["is_current"], old["is_current"]) == (200, True, False)
    assert (old["kid"], old["created_at"]) == (former["kid"], former["created_at"])
    assert old["not_after"] > current["created_at"]
    bearer = Client(root.server, (("authorization", f"Bearer {token}"),))
    assert (await bearer.get(SYSTEM)).status == 200


async def test_a_browser_left_open_rotates_no_key(timed: Application, clock: SettableClock) -> None:
    """It takes a login of the last few minutes."""
    browser = await logged_in(timed, "root", is_admin=True)
    clock.advance(15 * MINUTE_MS)

    answer = await browser.post(f"{SYSTEM}/keys:rotate", {})

    assert (answer.status, answer.json["code"]) == (403, "reauthentication_needed")
    assert len((await browser.get(f"{SYSTEM}/keys")).json["items"]) == 1


async def test_a_server_is_listed_while_it_runs(timed: Application) -> None:
    """And no longer once it was stopped."""
    place = place_of(timed.database)
    async with timed.instance.running():
        while not (listed := await to_thread(_nodes_of, place)):
            pass

    left = await to_thread(_nodes_of, place)
    assert [node.id for node in listed] == [timed.instance.presence.node.id]
    assert left == []


def _nodes_of(place: str) -> list[Node]:
    with closing(opened(place)) as database:
        return database.snapshot_now(page, NEWEST, 10)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("GET", "/nodes"), ("GET", "/keys"), ("POST", "/keys:rotate")]
)
async def test_the_system_is_for_administrators(
    application: Application, alice: Client, method: str, path: str
) -> None:
    """Others are told nothing of it."""
    assert (await alice.send(method, f"{SYSTEM}{path}")).status == 403
    assert (await application.anonymous().send(method, f"{SYSTEM}{path}")).status == 401
