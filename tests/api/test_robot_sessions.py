# SPDX-License-Identifier: Apache-2.0
"""Robots in a console that was left open: no secrets for whoever finds it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from entrepot.kernel.clock import MINUTE_MS
from tests.api.robots import CI
from tests.api.robots import ROBOTS
from tests.api.robots import LaterClock
from tests.builders.application import PASSWORD
from tests.builders.application import Application
from tests.builders.application import an_application
from tests.builders.browsers import SESSION
from tests.builders.browsers import Browser
from tests.builders.browsers import logged_in

ACTS: list[tuple[str, str, Any]] = [
    ("POST", ROBOTS, {"project": "team", "name": "cd", "role": "read"}),
    ("POST", f"{CI}/secrets", {}),
    ("POST", f"{CI}:rotate", {}),
    ("PATCH", CI, {"allowed_addresses": ["10.0.0.0/8"]}),
]

pytestmark = pytest.mark.anyio


@pytest.fixture
def clock() -> LaterClock:
    """The present, until a test says otherwise."""
    return LaterClock()


@pytest.fixture
def application(tmp_path: Path, clock: LaterClock) -> Iterator[Application]:
    """Hold an application whose clock a test moves."""
    with an_application(tmp_path, clock=clock) as application:
        yield application


@pytest.fixture
async def root(application: Application) -> Browser:
    """The browser of an administrator who has just logged in and made a robot."""
    browser = await logged_in(application, "root", is_admin=True)
    await browser.post("/api/v1/projects", {"name": "team"})
    await browser.post(ROBOTS, {"project": "team", "name": "ci", "role": "read"})
    return browser


@pytest.mark.parametrize(("method", "path", "document"), ACTS)
async def test_it_takes_a_recent_login(root: Browser, clock: LaterClock, method: str, path: str, document: Any) -> None:
    """To get a secret, or to let one be used from elsewhere; then the same request goes through."""
    clock.ms = 15 * MINUTE_MS
    refused = await root.send(method, path, document)
    proved = await root.post(f"{SESSION}/reauthentication", {"password": PASSWORD})

    assert (refused.status, refused.json["code"], proved.status) == (403, "reauthentication_needed", 200)
    assert (await root.send(method, path, document)).status < 300


async def test_ending_a_secret_does_not(root: Browser, clock: LaterClock) -> None:
    """Whoever finds a leak is not kept waiting."""
    [secret] = (await root.get(f"{CI}/secrets")).json["items"]
    clock.ms = 15 * MINUTE_MS

    assert (await root.send("DELETE", f"{CI}/secrets/{secret['id']}", None)).status == 204
    assert (await root.send("POST", f"{CI}:disable", None)).status == 200
