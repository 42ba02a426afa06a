# SPDX-License-Identifier: Apache-2.0
"""Readiness and its reasons."""

import asyncio
import json

import pytest

from entrepot.infra.http.response import Response
from entrepot.infra.telemetry.health import FRESH_SECONDS
from entrepot.infra.telemetry.health import Health
from entrepot.infra.telemetry.health import Verdict
from entrepot.infra.telemetry.health import verdict_on
from entrepot.kernel.errors import Unavailable

pytestmark = pytest.mark.anyio


class Part:
    """Something that can be out of order."""

    def __init__(self) -> None:
        self.problem = ""
        self.times_checked = 0

    async def check(self) -> None:
        """Raise the problem, if there is one."""
        self.times_checked += 1
        if self.problem:
            raise Unavailable(self.problem)


class SilentPart(Part):
    """Something that says nothing until it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.speaks = asyncio.Event()
        self.was_given_up = False

    async def check(self) -> None:
        """Wait for that."""
        await super().check()
        try:
            await self.speaks.wait()
        except asyncio.CancelledError:
            self.was_given_up = True
            raise


class Stage:
    """A server with a database, a storage and a disk, and its clock."""

    def __init__(self) -> None:
        self.database, self.storage, self.disk = Part(), Part(), Part()
        self.now = 100.0
        required = {"database": self.database.check, "storage": self.storage.check}
        self.health = Health(required, {"disk": self.disk.check}, lambda: self.now)


@pytest.fixture
def stage() -> Stage:
    """Everything in order."""
    return Stage()


def content(response: Response) -> dict[str, object]:
    """Return what an answer says."""
    assert isinstance(response.body, bytes)
    decoded: dict[str, object] = json.loads(response.body)
    return decoded


async def test_a_server_in_order_is_ready(stage: Stage) -> None:
    """There is no reason then, and no warning."""
    response = await stage.health.readiness()

    assert (response.status, content(response)) == (200, {"status": "ready", "reasons": [], "warnings": []})
    assert await stage.health.is_ready()


async def test_every_reason_is_told(stage: Stage) -> None:
    """An unready server says all that is wrong, and when to come back."""
    stage.database.problem, stage.storage.problem = "it is away", "it is full"
    response = await stage.health.readiness()

    assert response.status == 503
    assert content(response)["reasons"] == ["database: it is away", "storage: it is full"]
    assert (b"retry-after", b"5") in response.headers


async def test_a_warning_leaves_the_server_ready(stage: Stage) -> None:
    """A disk that is nearly full still serves pulls."""
    stage.disk.problem = "the disk of the data folder has 12 MiB left"
    response = await stage.health.readiness()

    assert response.status == 200
    assert content(response)["warnings"] == ["disk: the disk of the data folder has 12 MiB left"]


async def test_a_balancer_may_do_without_what_all_nodes_lack(stage: Stage) -> None:
    """What it excludes is told as a warning; what it does not is a reason still."""
    stage.database.problem = "it is away"
    told = await stage.health.readiness(["database"])
    asked_plainly = await stage.health.readiness()
    stage.health.stop()

    assert (told.status, content(told)["warnings"]) == (200, ["database: it is away"])
    assert asked_plainly.status == 503
    assert (await stage.health.readiness(["database", "storage"])).status == 503


async def test_often_asked_is_seldom_looked(stage: Stage) -> None:
    """However many ask, parts are checked every two seconds at most, and then anew."""
    for _ in range(5):
        await stage.health.readiness()
    assert stage.database.times_checked == 1

    stage.now += FRESH_SECONDS
    stage.database.problem = "it is away"
    assert not await stage.health.is_ready()


async def test_nobody_waits_for_a_check_that_does_not_come_back(stage: Stage) -> None:
    """It is told as a reason, asked no second time meanwhile, and looked at anew once it came back."""
    storage = SilentPart()
    checks = {"database": stage.database.check, "storage": storage.check}
    health = Health(checks, {}, lambda: stage.now, look_seconds=0.01)
    told = [content(await health.readiness())["reasons"]]
    stage.now += FRESH_SECONDS
    excluded, times_checked = await health.readiness(["storage"]), storage.times_checked
    storage.speaks.set()
    stage.now += FRESH_SECONDS
    told.append(content(await health.readiness())["reasons"])

    assert told == [["storage: it has not answered for 0.01 s"], []]
    assert (excluded.status, times_checked) == (200, 1)


async def test_what_says_nothing_does_not_outlive_the_server(stage: Stage) -> None:
    """A server that stops waits for no check."""
    storage = SilentPart()
    health = Health({"storage": storage.check}, {}, lambda: stage.now, look_seconds=0.01)
    await health.readiness()
    health.stop()
    await asyncio.sleep(0)

    assert storage.was_given_up


async def test_a_server_that_stops_is_not_ready(stage: Stage) -> None:
    """It wants nothing new, at once."""
    await stage.health.readiness()
    stage.health.stop()
    response = await stage.health.readiness()

    assert (response.status, content(response)["reasons"]) == (503, ["server: it is stopping"])
    assert not await stage.health.is_ready()


async def test_what_was_found_is_summed_up(stage: Stage) -> None:
    """A disk that is nearly full is a warning; a storage that cannot store is more than that."""
    verdicts = []
    for part in (None, stage.disk, stage.storage):
        if part is not None:
            part.problem = "out of order"
        stage.now += FRESH_SECONDS
        verdicts.append(verdict_on(await stage.health.findings()))

    assert verdicts == [Verdict.READY, Verdict.DEGRADED, Verdict.UNREADY]
    found = {each.name: each.reason for each in await stage.health.findings()}
    assert found == {"database": None, "storage": "out of order", "disk": "out of order"}


async def test_what_is_watched_may_become_known_later(stage: Stage) -> None:
    """From then on nothing else is looked at, and that at once."""
    stage.storage.problem = "out of order"
    before = await stage.health.is_ready()
    stage.health.watch({"database": stage.database.check}, {})

    assert (before, await stage.health.is_ready()) == (False, True)
