# SPDX-License-Identifier: Apache-2.0
"""What clusters say they run: who may say so, what comes of it, and how it ends."""

from base64 import b64encode

import pytest

from entrepot.features.in_use.models import MAX_RUNNING
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index

IMAGE = an_image_manifest()
INDEX = an_index(IMAGE.descriptor())
ABSENT = f"sha256:{'0' * 64}"
USE = "/api/v1/in-use"
ARTIFACTS = "/api/v1/repositories/team/app/-/artifacts"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def cluster(application: Application, alice: Client) -> Client:
    """Whoever may say what runs of a project, and nothing else."""
    await alice.push_image("team/app", IMAGE)
    await alice.push("team/app", INDEX, "1.0")
    root = await application.user("root", is_admin=True)
    await root.post("/api/v1/roles", {"name": "cluster", "description": "x", "actions": ["report-use"]})
    return await application.user("cluster", ("team/**", "cluster"))


async def report(client: Client, *running: str, name: str = "production", hours: int = 24) -> Answer:
    """Say what a cluster runs."""
    return await client.send_json("PUT", f"{USE}/{name}", {"running": list(running), "valid_hours": hours})


async def test_a_report_says_what_counts(cluster: Client) -> None:
    """And what is unknown here, and what is not the reporter's to say."""
    said = await report(cluster, f"team/app@{IMAGE.digest}", f"team/app@{ABSENT}", f"other/app@{ABSENT}")

    assert (said.status, said.json["running"], said.json["reported_by"]) == (200, 2, "user:cluster")
    assert said.json["unknown"] == [{"repository": "team/app", "digest": ABSENT}]
    assert said.json["refused"] == [{"repository": "other/app", "digest": ABSENT}]


async def test_deleting_what_runs_is_warned_of(alice: Client, cluster: Client) -> None:
    """On both interfaces; also of the index whose platform runs."""
    await report(cluster, f"team/app@{IMAGE.digest}")

    shown = (await alice.get(f"{ARTIFACTS}/{INDEX.digest}/in-use")).json["items"]
    on_v2 = await alice.send("DELETE", f"/v2/team/app/manifests/{INDEX.digest}")
    on_api = await alice.send("DELETE", f"{ARTIFACTS}/{IMAGE.digest}")

    assert [each["cluster"] for each in shown] == ["production"]
    assert on_v2.status == 202
    assert "the cluster production said that it runs this" in on_v2.header("warning")
    assert "the cluster production said that it runs this" in on_api.json["warnings"][0]


async def test_a_robot_reports_with_nothing_else(application: Application, alice: Client, cluster: Client) -> None:
    """Two clusters run it; neither robot may pull."""
    wanted = {"name": "ci", "project": "team", "grants": [{"path_pattern": "team/**", "role": "cluster"}]}
    made = (await alice.post("/api/v1/robots", wanted)).json
    credentials = b64encode(f"team.ci:{made['secret']}".encode()).decode()
    robot = Client(application.server, (("authorization", f"Basic {credentials}"),))

    said = await report(robot, f"team/app@{INDEX.digest}", name="staging")
    await report(cluster, f"team/app@{IMAGE.digest}")

    shown = (await alice.get(f"{ARTIFACTS}/{IMAGE.digest}/in-use")).json["items"]
    assert (said.json["reported_by"], [each["cluster"] for each in shown]) == (
        "robot:team.ci",
        ["production", "staging"],
    )
    assert (await robot.send("GET", f"/v2/team/app/manifests/{IMAGE.digest}")).status == 404


async def test_a_report_replaces_the_one_before(alice: Client, cluster: Client) -> None:
    """As one set: what is not in it runs no more."""
    await report(cluster, f"team/app@{IMAGE.digest}", f"team/app@{ABSENT}")
    await report(cluster, f"team/app@{ABSENT}")

    assert (await alice.get(f"{ARTIFACTS}/{IMAGE.digest}/in-use")).json["items"] == []
    listed = (await cluster.get(f"{USE}/production")).json["items"]
    assert [(each["digest"], each["presence"]) for each in listed] == [(ABSENT, "unknown")]


async def test_a_cluster_is_reported_for_by_one(application: Application, alice: Client, cluster: Client) -> None:
    """Another one is refused, but for an operator, and sees nothing of it."""
    await report(cluster, f"team/app@{IMAGE.digest}")
    operator = await application.user("operator", ("SYSTEM", "operator"))

    assert (await report(alice, f"team/app@{IMAGE.digest}")).json["code"] == "in_use_taken"
    assert (await alice.get(f"{USE}/production")).status == 403
    assert (await alice.get(USE)).json["items"] == []
    assert [each["cluster"] for each in (await operator.get(USE)).json["items"]] == ["production"]
    assert (await operator.get(f"{USE}/production")).json["items"] == []
    assert (await operator.send("DELETE", f"{USE}/production")).status == 204


async def test_who_may_report_nothing_is_refused(application: Application, alice: Client, cluster: Client) -> None:
    """A reader, and nobody at all."""
    reader = await application.user("reader", ("team/**", "read"))

    assert (await report(reader, f"team/app@{IMAGE.digest}")).status == 403
    assert (await report(application.anonymous(), f"team/app@{IMAGE.digest}")).status == 401


@pytest.mark.parametrize("named", ["team/app", "team/app:1.0", "team/app@sha256:short", "Team/app@" + ABSENT, "@"])
async def test_what_names_no_digest_is_refused(cluster: Client, named: str) -> None:
    """The whole report, saying which one it is."""
    answer = await report(cluster, named)

    assert (answer.status, answer.json["code"]) == (400, "in_use_invalid")
    assert named in answer.json["detail"]


async def test_a_large_cluster_reports_in_one_request(cluster: Client) -> None:
    """As many images as there may be; one more is too many."""
    named = [f"team/a-repository-with-a-name/app@sha256:{number:064x}" for number in range(MAX_RUNNING)]

    said = await report(cluster, *named)

    assert (said.status, said.json["running"], len(said.json["unknown"])) == (200, MAX_RUNNING, 1_000)
    assert (await report(cluster, *named, f"team/app@{IMAGE.digest}")).status == 400


@pytest.mark.parametrize("name", ["a" * 65, "Production", "-a"])
async def test_a_cluster_has_a_name(cluster: Client, name: str) -> None:
    """Lower case, and not too long."""
    assert (await report(cluster, f"team/app@{IMAGE.digest}", name=name)).status == 400


async def test_the_first_report_is_told(application: Application, cluster: Client) -> None:
    """And not each of those that follow; forgetting is told too."""
    await report(cluster, f"team/app@{IMAGE.digest}")
    await report(cluster, f"team/app@{IMAGE.digest}")
    await cluster.send("DELETE", f"{USE}/production")

    told = [event.type for event in await application.events() if event.type.startswith("in-use.")]

    assert told == ["in-use.reported", "in-use.forgotten"]
    assert (await cluster.get(f"{USE}/production")).status == 403
