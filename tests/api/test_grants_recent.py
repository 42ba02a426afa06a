# SPDX-License-Identifier: Apache-2.0
"""Which memberships take a login of late: those that make somebody an administrator, or open a project."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.kernel.access import Action
from entrepot.kernel.clock import HOUR_MS
from tests.builders.access_rows import add_role
from tests.builders.application import Application
from tests.builders.application import an_application
from tests.builders.browsers import Browser
from tests.builders.browsers import logged_in
from tests.fakes.settable_clock import SettableClock

MEMBERS = "/api/v1/projects/team/members"

pytestmark = pytest.mark.anyio


@pytest.fixture
def clock() -> SettableClock:
    """The time, as far as logins are concerned."""
    return SettableClock()


@pytest.fixture
def application(tmp_path: Path, clock: SettableClock) -> Iterator[Application]:
    """An application on that clock."""
    with an_application(tmp_path, clock=clock) as application:
        yield application


@pytest.fixture
async def browser(application: Application, clock: SettableClock) -> Browser:
    """One in which somebody who administers a project logged in a while ago."""
    await application.user("bob")
    await application.database.write(add_role, "steward", Action.ADMIN)
    await application.database.write(add_role, "builder", Action.PUSH)
    browser = await logged_in(application, "alice", ("team/**", "admin"))
    await browser.post("/api/v1/projects", {"name": "team"})
    clock.advance(HOUR_MS)
    return browser


@pytest.mark.parametrize(
    ("member", "role", "status"),
    [
        ("bob", "maintain", 200),
        ("bob", "admin", 403),
        ("bob", "steward", 403),
        ("bob", "builder", 403),
        ("anonymous", "view", 403),
        ("everyone", "read", 403),
    ],
)
async def test_what_is_dangerous_takes_a_recent_login(browser: Browser, member: str, role: str, status: int) -> None:
    """An administrator by whatever name, and the project open to many, as by a change of its visibility."""
    answer = await browser.send("PUT", f"{MEMBERS}/{member}", {"role": role})

    assert answer.status == status
    assert answer.json.get("code", "") == ("" if status == 200 else "reauthentication_needed")


@pytest.mark.parametrize(("member", "status"), [("bob", 204), ("carol", 403), ("anonymous", 403)])
async def test_so_does_taking_it_away(application: Application, browser: Browser, member: str, status: int) -> None:
    """What was given after a recent login is taken away after one."""
    root = await application.user("root", ("team/**", "admin"), is_admin=True)
    await application.user("carol")
    for name, role in (("bob", "write"), ("carol", "admin"), ("anonymous", "read")):
        assert (await root.send_json("PUT", f"{MEMBERS}/{name}", {"role": role})).status == 200

    answer = await browser.send("DELETE", f"{MEMBERS}/{member}")

    assert answer.status == status
