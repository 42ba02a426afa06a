# SPDX-License-Identifier: Apache-2.0
"""One Entrepot is a witness for the audit log of another."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from entrepot.features.audit import anchors_at
from entrepot.features.audit.delivering import Delivering
from entrepot.features.audit.destinations.interface import NotDelivered
from entrepot.features.audit.destinations.opening import Destinations
from entrepot.features.audit.destinations.witness import PAGE
from entrepot.features.audit.destinations.witness import PATH
from entrepot.features.audit.settings import DeliverySettings
from entrepot.features.audit.verify import verify_chain
from entrepot.infra.database.engine import Database
from entrepot.infra.http.outbound.client import Outbound
from entrepot.infra.http.outbound.settings import OutgoingSettings
from entrepot.kernel.clock import system_clock
from tests.api.robots import ROBOTS
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.databases import a_database
from tests.builders.logins import basic
from tests.fakes.scripted_server import Scripted
from tests.fakes.scripted_server import ScriptedServer
from tests.unit.features.audit.chains import fill
from tests.unit.features.audit.chains import go_on
from tests.unit.features.audit.chains import sign
from tests.unit.features.audit.chains import tokens
from tests.unit.features.audit.chains import write_anew
from tests.unit.infra.http.serving.site import serving

pytestmark = pytest.mark.anyio

WITNESSED = "/api/v1/audit/witnessed"


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """The witness."""
    (tmp_path / "witness").mkdir()
    with an_application(tmp_path / "witness") as application:
        yield application


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Database]:
    """The log of the other one: ten records, the last of which is signed."""
    (tmp_path / "origin").mkdir()
    with closing(a_database(tmp_path / "origin")) as database:
        fill(database, 10)
        sign(database)
        yield database


@pytest.fixture
async def root(application: Application) -> Client:
    """Its administrator."""
    return await application.user("root", is_admin=True)


@dataclass
class Origin:
    """The other Entrepot, as the robot that it has at the witness."""

    log: Database
    robot: Client
    settings: DeliverySettings
    destinations: Destinations

    async def deliver(self) -> int:
        """Send the witness what is new."""
        settings = {"witness": self.settings}
        return await Delivering(self.log, settings, self.destinations, system_clock).deliver("witness", lambda _: None)

    async def tokens(self) -> list[str]:
        """Return every checkpoint that there is at the origin."""
        return await asyncio.to_thread(tokens, self.log)

    async def findings(self, *anchors: str) -> list[int]:
        """Verify the log; return the records at which something was found."""
        report = await asyncio.to_thread(verify_chain, self.log, anchors, lambda *_: None)
        return [finding.seq for finding in report.findings]


@pytest.fixture
async def origin(
    application: Application, root: Client, log: Database, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Origin]:
    """Have a robot for it that may leave checkpoints, and nothing else."""
    grants = [{"path_pattern": "SYSTEM", "role": "witness"}]
    made = (await root.post(ROBOTS, {"name": "witness", "grants": grants})).json
    monkeypatch.setenv("WITNESS_SECRET", made["secret"])
    async with serving(application.server) as site:
        given = {
            "url": f"entrepot+http://127.0.0.1:{site.port}",
            "login": made["name"],
            "secret_variable": "WITNESS_SECRET",
        }
        settings = DeliverySettings.model_validate(given)
        robot = basic(application, made["name"], made["secret"])
        yield Origin(log, robot, settings, Destinations(Outbound(OutgoingSettings()), system_clock))


async def test_checkpoints_are_kept_and_given_back(origin: Origin, root: Client) -> None:
    """Each once, under the name of the robot, however often it comes; auditors read them too."""
    assert await origin.deliver() == 1
    await asyncio.to_thread(go_on, origin.log)
    assert await origin.deliver() == 1
    both = await origin.tokens()
    again = await origin.robot.post(WITNESSED, {"checkpoints": both})

    assert (again.status, again.json) == (200, {"seq": 11})
    assert await anchors_at(origin.settings, origin.destinations) == both
    assert await origin.findings(*both) == []
    items = (await root.get(f"{WITNESSED}?origin=robot:_.witness&limit=1")).json["items"]
    assert [(each["origin"], each["seq"], each["token"]) for each in items] == [("robot:_.witness", 10, both[0])]
    [standing] = (await root.get("/api/v1/audit")).json["origins"]
    assert (standing["checkpoints"], standing["seq"], standing["contradicted_at"]) == (2, 11, None)


async def test_a_list_that_goes_round_is_told(origin: Origin) -> None:
    """Nobody asks without end for what follows."""
    link = f'<{PATH}?limit={PAGE}>; rel="next"'
    with ScriptedServer(*[Scripted(body=b'{"items": []}', headers={"link": link})] * 2).running() as other:
        settings = origin.settings.model_copy(update={"url": f"entrepot+{other.url}"})

        with pytest.raises(NotDelivered, match="does not go on"):
            await anchors_at(settings, origin.destinations)


async def test_a_log_that_was_written_anew_is_found(origin: Origin) -> None:
    """By whoever verifies it with what the witness has."""
    await origin.deliver()
    await asyncio.to_thread(write_anew, origin.log, 12)

    assert await origin.findings() == []
    assert await origin.findings(*await anchors_at(origin.settings, origin.destinations)) == [10]


async def test_a_contradiction_is_refused_and_recorded_once(
    application: Application, origin: Origin, root: Client
) -> None:
    """The witness keeps what it has, and both sides see that something is wrong."""
    await origin.deliver()
    [kept] = await origin.tokens()
    await asyncio.to_thread(write_anew, origin.log, 10)
    [forged] = await origin.tokens()
    refused = [await origin.robot.post(WITNESSED, {"checkpoints": [forged]}) for _ in range(2)]

    assert [(each.status, each.json["code"]) for each in refused] == [(409, "audit_contradicted")] * 2
    assert await anchors_at(origin.settings, origin.destinations) == [kept]
    await application.settle()
    [record] = (await root.get("/api/v1/audit/records?type=audit.contradicted")).json["items"]
    assert (record["object"], record["outcome"]) == ("witnessed:robot:_.witness", "refused")
    assert record["details"]["before"]["hash"] != record["details"]["after"]["hash"]
    [standing] = (await root.get("/api/v1/audit")).json["origins"]
    assert standing["contradicted_at"] is not None


async def test_what_was_skipped_is_a_contradiction_too(origin: Origin) -> None:
    """A log written anew has checkpoints at other records: the one before them is not that which was left here."""
    await origin.deliver()
    await asyncio.to_thread(write_anew, origin.log, 12)
    with pytest.raises(NotDelivered, match="answers 409: the checkpoint of record 12 contradicts"):
        await origin.deliver()


async def test_everybody_has_a_log_of_their_own(application: Application, origin: Origin, root: Client) -> None:
    """Nobody spoils that of another, or reads it without the right to."""
    await origin.deliver()
    await asyncio.to_thread(write_anew, origin.log, 10)
    other = await application.user("other", ("SYSTEM", "witness"))

    assert (await other.post(WITNESSED, {"checkpoints": await origin.tokens()})).status == 200
    assert len((await other.get(WITNESSED)).json["items"]) == 1
    assert (await other.get(f"{WITNESSED}?origin=robot:_.witness")).status == 403
    assert (await root.get("/api/v1/audit")).json["origins"][0]["contradicted_at"] is None


async def test_a_witness_of_another_does_nothing_else(origin: Origin) -> None:
    """Its right is for this alone."""
    answers = [await origin.robot.get(f"/api/v1{path}") for path in ("/audit", "/audit/records", "/users", "/system")]

    assert [answer.status for answer in answers] == [403] * 4


@pytest.mark.parametrize(
    "document",
    [
        {"checkpoints": []},
        {"checkpoints": ["none"]},
        {"checkpoints": ["a.b.c"]},
        {"checkpoints": ["x" * 5_000]},
        {"checkpoints": ["x"] * 501},
        {"checkpoints": "x"},
        {},
    ],
)
async def test_what_is_no_checkpoint_is_refused(origin: Origin, document: dict[str, object]) -> None:
    """And nothing is kept."""
    assert (await origin.robot.post(WITNESSED, document)).status == 400
    assert (await origin.robot.get(WITNESSED)).json == {"items": []}
