# SPDX-License-Identifier: Apache-2.0
"""Usage in the management API: who pulls and pushes what, bytes in and out, growth, and who may ask."""

from typing import Any

import pytest

from entrepot.features.usage.sending import Sending
from entrepot.oci.digest import digest_of
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest
from tests.builders.usage import follow

IMAGE = an_image_manifest()
BLOBS = len(A_CONFIG) + len(A_LAYER)
APP = "repository=team/app"
DOCKER = ("user-agent", "docker/27.3.1")
LAYER = digest_of(A_LAYER)

pytestmark = pytest.mark.anyio


async def settle(application: Application) -> None:
    """Store and count all that happened."""
    core = application.core
    await core.facts.flush()
    await Sending(application.database, core.sent, core.clock).store()
    await application.settle()
    await follow(application)


@pytest.fixture
async def busy(application: Application, alice: Client) -> Application:
    """An image in two repositories of `team`, that was pulled twice from one."""
    for name in ("team/app", "team/web"):
        await alice.push_image(name, IMAGE, "1.0")
    for _ in range(2):
        await alice.send("GET", "/v2/team/app/manifests/1.0", b"", DOCKER)
    await settle(application)
    return application


async def items(client: Client, query: str) -> list[dict[str, Any]]:
    """Return what is answered to a question about usage, without what is null."""
    answer = await client.get(f"/api/v1/usage?{query}")
    assert answer.status == 200, answer.body
    return [{key: value for key, value in each.items() if value is not None} for each in answer.json["items"]]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("tag", [("1.0", 2, 1)]),
        ("artifact", [(IMAGE.digest, 2, 1)]),
        ("principal", [("user:alice", 2, 1)]),
        ("client", [("docker", 2, 0), ("other", 0, 1)]),
    ],
)
async def test_a_repository_is_broken_down(
    busy: Application, alice: Client, by: str, expected: list[tuple[str, int, int]]
) -> None:
    """By each name that pulls and pushes have, those with the most first."""
    found = await items(alice, f"{APP}&by={by}")

    assert [(each["name"], each["pulls"], each["pushes"]) for each in found] == expected


@pytest.mark.parametrize("by", ["hour", "day"])
async def test_times_come_in_order(busy: Application, alice: Client, by: str) -> None:
    """As moments; of a project all its repositories together."""
    [of_app] = await items(alice, f"{APP}&by={by}")
    [of_team] = await items(alice, f"project=team&by={by}")

    assert (of_app["pulls"], of_app["pushes"], of_team["pulls"], of_team["pushes"]) == (2, 1, 2, 2)
    assert of_app["at"] == of_team["at"]
    assert of_app["at"].endswith(":00:00.000Z")


async def test_a_project_is_broken_down_by_repository(busy: Application, alice: Client) -> None:
    """The busiest first; `limit` cuts, and says so."""
    found = await items(alice, "project=team&by=repository")
    cut = (await alice.get("/api/v1/usage?project=team&by=repository&limit=1")).json

    assert [(each["name"], each["pulls"]) for each in found] == [("team/app", 2), ("team/web", 0)]
    assert ([each["name"] for each in cut["items"]], cut["is_complete"], cut["others"]) == (["team/app"], False, None)


async def test_bytes_in_and_out_are_told_by_day(busy: Application, alice: Client) -> None:
    """What was new, and what clients were given: manifests, and blobs or the parts of them that were asked for."""
    await alice.get(f"/v2/team/app/blobs/{LAYER}")
    await alice.send("GET", f"/v2/team/app/blobs/{LAYER}", b"", ("range", "bytes=0-4"))
    await alice.send("HEAD", f"/v2/team/app/blobs/{LAYER}")
    await settle(busy)
    [of_app] = (await alice.get(f"/api/v1/usage/traffic?{APP}")).json["items"]
    [of_team] = (await alice.get("/api/v1/usage/traffic?project=team&days=1")).json["items"]

    size = BLOBS + len(IMAGE.payload)
    assert of_app["sent_bytes"] == of_team["sent_bytes"] == 2 * len(IMAGE.payload) + len(A_LAYER) + 5
    assert (of_app["pushed_bytes"], of_team["pushed_bytes"]) == (size, 2 * size)


async def test_a_project_tells_how_it_grew(busy: Application, alice: Client) -> None:
    """Each blob counts once; before its first push it held nothing."""
    yesterday, today = (await alice.get("/api/v1/usage/storage?project=team&days=2")).json["items"]

    held = BLOBS + 2 * len(IMAGE.payload)
    assert (yesterday["bytes"], yesterday["grown_bytes"]) == (0, 0)
    assert (today["bytes"], today["grown_bytes"]) == (held, held)


async def test_who_pulls_is_for_those_who_may_read_the_audit_log(busy: Application) -> None:
    """Others see figures, and not whose they are; sums over a project take the right to read all of it."""
    reader = await busy.user("rita", ("team/**", "read"))
    partly = await busy.user("paul", ("team/app", "read"))
    auditor = await busy.user("anna", ("team/**", "view"), ("SYSTEM", "auditor"))
    stranger = await busy.user("sam")

    async def statuses(query: str) -> list[int]:
        asked = [each.get(f"/api/v1/usage?{query}") for each in (reader, partly, auditor, stranger, busy.anonymous())]
        return [(await each).status for each in asked]

    assert await statuses(f"{APP}&by=client") == [200, 200, 200, 404, 401]
    assert await statuses(f"{APP}&by=principal") == [403, 403, 200, 404, 401]
    assert await statuses("project=team&by=day") == [200, 403, 200, 404, 401]
    assert await statuses("project=team&by=principal") == [403, 403, 200, 404, 401]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("by=day", 400),
        ("project=team&repository=team/app", 400),
        ("project=team&by=tag", 400),
        (f"{APP}&by=repository", 400),
        (f"{APP}&since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", 400),
        ("repository=Not%20A%20Name", 400),
        (f"{APP}&limit=1001", 400),
        (f"{APP}&by=colour", 400),
        ("repository=team/unheard-of", 404),
    ],
)
async def test_what_makes_no_sense_is_refused(busy: Application, alice: Client, query: str, status: int) -> None:
    """With what to ask instead."""
    assert (await alice.get(f"/api/v1/usage?{query}")).status == status


async def test_only_the_time_that_was_asked_for_counts(busy: Application, alice: Client) -> None:
    """Days and hours are whole; what is longer ago than is kept is no mistake."""
    past = (await alice.get(f"/api/v1/usage?{APP}&by=day&until=2020-01-01T00:00:00Z&since=2019-01-01T00:00:00Z")).json
    now = await items(alice, f"{APP}&by=hour&since=2019-01-01T00:00:00Z")

    assert past["items"] == []
    assert [each["pulls"] for each in now] == [2]
