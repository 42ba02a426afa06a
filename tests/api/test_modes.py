# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/modes`, and what each mode lets happen on `/v2` and `/api`."""

import pytest

from entrepot.oci.digest import digest_of
from entrepot.registry.events import EventType
from tests.builders.application import PASSWORD
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import an_image_manifest

MODES = "/api/v1/modes"
TEAM_MODE = "/api/v1/projects/team/mode"
APP, OTHER = "team/app", "other/app"
IMAGE = an_image_manifest()
NEXT = an_image_manifest(marker="next")
REASON = "the storage is moved"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, who pushed an image into two projects."""
    root = await application.user("root", is_admin=True)
    for name in (APP, OTHER):
        await root.push_image(name, IMAGE, "1")
    await application.settle()
    return root


async def set_mode(client: Client, mode: str, target: str = MODES, reason: str = REASON) -> Answer:
    """Set a mode."""
    return await client.send_json("PUT", target, {"mode": mode, "reason": reason})


async def push(client: Client, name: str = APP) -> Answer:
    """Push a manifest whose blobs are there."""
    target = f"/v2/{name}/manifests/2"
    return await client.send("PUT", target, NEXT.payload, ("content-type", NEXT.media_type))


async def outcomes(client: Client, name: str = APP) -> tuple[int, int, int]:
    """Pull, push and delete; return the statuses."""
    pulled = await client.get(f"/v2/{name}/manifests/1")
    pushed = await push(client, name)
    deleted = await client.send("DELETE", f"/v2/{name}/manifests/{NEXT.digest}")
    return pulled.status, pushed.status, deleted.status


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("rw", (200, 201, 202)),
        ("no-delete", (200, 201, 503)),
        ("read-only", (200, 503, 503)),
        ("maintenance", (503, 503, 503)),
    ],
)
@pytest.mark.parametrize("target", [MODES, TEAM_MODE])
async def test_each_mode_lets_less_happen(
    root: Client, alice: Client, target: str, mode: str, expected: tuple[int, int, int]
) -> None:
    """What is refused is refused with 503, whether the mode is the registry's or the project's."""
    assert (await set_mode(root, mode, target)).status == 200

    assert await outcomes(alice) == expected


async def test_the_mode_of_a_project_is_that_of_no_other(root: Client) -> None:
    """Other projects go on as they were."""
    await set_mode(root, "maintenance", TEAM_MODE)

    assert await outcomes(root, OTHER) == (200, 201, 202)


@pytest.mark.parametrize(("whole", "own"), [("read-only", "no-delete"), ("no-delete", "read-only")])
async def test_the_stricter_mode_counts(root: Client, alice: Client, whole: str, own: str) -> None:
    """Of the registry's mode and the project's."""
    await set_mode(root, whole)
    answer = await set_mode(alice, own, TEAM_MODE)

    assert answer.json["mode"] == own
    assert answer.json["in_force"]["mode"] == "read-only"
    assert answer.json["in_force"]["scope"] == ("instance" if whole == "read-only" else "project")
    assert (await push(alice)).status == 503


async def test_administrators_pull_in_maintenance(root: Client, alice: Client) -> None:
    """They find out whether it works again before everybody else may; a project's administrator does not count."""
    await set_mode(root, "maintenance")
    target = f"/v2/{APP}/blobs/{digest_of(A_CONFIG)}"

    assert [(await client.get(target)).status for client in (root, alice)] == [200, 503]
    assert (await alice.get(f"/v2/{APP}/tags/list")).status == 503
    assert (await alice.get(f"/api/v1/repositories/{APP}/-/tags")).status == 503


async def test_a_refusal_says_why(root: Client, alice: Client) -> None:
    """Mode, scope, reason and what goes on, in one line in the shape that clients print; and when to ask again."""
    await set_mode(root, "read-only")
    answer = await push(alice)

    (error,) = answer.json["errors"]
    assert error["code"] == "UNAVAILABLE"
    assert error["message"] == (
        "this registry is in the mode read-only: the storage is moved. "
        "Pulling goes on; pushing and deleting wait until the mode ends."
    )
    assert int(answer.header("retry-after")) > 0


async def test_a_reason_is_one_line(root: Client, alice: Client) -> None:
    """Line breaks and what cannot be printed become spaces, and more than 300 characters are not taken."""
    await set_mode(root, "read-only", reason="moved\r\nuntil\x01 noon")
    refused = await set_mode(root, "read-only", reason="x" * 301)

    assert (await alice.get(MODES)).json["reason"] == "moved until noon"
    assert refused.status == 400


async def test_an_upload_outlives_a_mode(root: Client, alice: Client) -> None:
    """Chunks and closing are refused while it lasts; then the upload goes on where it was."""
    start = await alice.send("POST", f"/v2/{APP}/blobs/uploads/")
    location = start.header("location")
    await alice.send("PATCH", location, b"first ")
    await set_mode(root, "read-only")
    digest = digest_of(b"first second")
    refused = [
        await alice.send("PATCH", location, b"second"),
        await alice.send("PUT", f"{location}?digest={digest}", b"second"),
        await alice.send("DELETE", location),
        await alice.send("POST", f"/v2/{APP}/blobs/uploads/"),
        await alice.send("POST", f"/v2/{APP}/blobs/uploads/?mount={digest_of(A_CONFIG)}&from={OTHER}"),
    ]
    await set_mode(root, "rw")

    assert [answer.status for answer in refused] == [503] * 5
    assert (await alice.get(location)).header("range") == "0-5"
    assert (await alice.send("PUT", f"{location}?digest={digest}", b"second")).status == 201


async def test_nothing_is_changed_over_the_api_either(root: Client, alice: Client) -> None:
    """In a registry that is read-only, a change of any kind is refused with a problem, except the mode and logins."""
    await set_mode(root, "read-only")
    refused = [
        await root.post("/api/v1/projects", {"name": "new"}),
        await root.send("DELETE", "/api/v1/projects/other"),
        await alice.send("DELETE", f"/api/v1/repositories/{APP}/-/tags/1"),
        await alice.post(f"/api/v1/repositories/{APP}/-/tags/1:restore", {"digest": IMAGE.digest}),
    ]

    assert [(answer.status, answer.json["code"]) for answer in refused] == [(503, "refused_by_mode")] * 4
    assert refused[0].header("content-type") == "application/problem+json"
    assert (await root.post("/api/v1/sessions", {"name": "root", "password": PASSWORD})).status == 201
    assert (await set_mode(root, "rw")).status == 200


@pytest.mark.parametrize("mode", ["no-delete", "read-only", "maintenance"])
async def test_what_changes_nothing_is_asked_in_every_mode(root: Client, mode: str) -> None:
    """What deleting or collecting would free, and whether collection stands still."""
    await set_mode(root, mode)

    answers = [
        await root.post(f"/api/v1/repositories/{APP}/-/artifacts/{IMAGE.digest}:preview", {}),
        await root.post("/api/v1/garbage/runs", {"dry_run": True}),
        await root.post("/api/v1/garbage:pause", {}),
        await root.post("/api/v1/garbage:resume", {}),
    ]

    assert [answer.status for answer in answers] == [200, 202, 200, 200]


async def test_no_run_is_begun_while_nothing_may_change(root: Client) -> None:
    """In a registry that is read-only, though it may be asked what it would do."""
    await set_mode(root, "read-only")

    answer = await root.post("/api/v1/garbage/runs", {})

    assert (answer.status, answer.json["code"]) == (503, "refused_by_mode")


async def test_a_project_is_not_deleted_in_no_delete(root: Client) -> None:
    """Neither in the registry's mode nor in its own; and with the project its mode goes."""
    await root.post("/api/v1/projects", {"name": "empty"})
    own = "/api/v1/projects/empty/mode"
    await set_mode(root, "no-delete", own)
    refused = await root.send("DELETE", "/api/v1/projects/empty")
    await set_mode(root, "rw", own)
    await set_mode(root, "no-delete")

    assert [refused.status, (await root.send("DELETE", "/api/v1/projects/empty")).status] == [503, 503]
    await set_mode(root, "rw")
    assert (await root.send("DELETE", "/api/v1/projects/empty")).status == 204


async def test_only_administrators_set_modes(application: Application, root: Client, alice: Client) -> None:
    """Of the registry its own, of a project those of the project too; whoever is logged in, or may see it, is told."""
    mallory = await application.user("mallory")
    await set_mode(root, "no-delete")

    assert (await set_mode(alice, "rw")).status == 403
    assert (await set_mode(mallory, "read-only", TEAM_MODE)).status == 403
    assert (await set_mode(application.anonymous(), "rw")).status == 401
    assert (await set_mode(alice, "read-only", TEAM_MODE)).status == 200
    assert [(await mallory.get(target)).status for target in (MODES, TEAM_MODE)] == [200, 404]
    assert (await application.anonymous().get(MODES)).status == 401
    assert (await set_mode(root, "read-only", "/api/v1/projects/nowhere/mode")).status == 404


async def test_a_change_is_told(application: Application, root: Client) -> None:
    """An event says who set which mode in place of which, and why; the answer says it too."""
    answer = await set_mode(root, "read-only", TEAM_MODE)
    await set_mode(root, "rw", TEAM_MODE, "")
    first, last = [event for event in await application.events() if event.type == EventType.MODE_CHANGED]

    assert (first.project, first.repository, first.principal) == ("team", "", "user:root")
    assert (first.previous_mode, first.mode, first.reason) == ("rw", "read-only", REASON)
    assert (last.previous_mode, last.mode, last.reason) == ("read-only", "rw", "")
    assert (answer.json["set_by"], answer.json["reason"]) == ("user:root", REASON)
    assert (await root.get(TEAM_MODE)).json == {
        "mode": "rw",
        "reason": "",
        "set_by": None,
        "set_at": None,
        "in_force": {"mode": "rw", "reason": "", "scope": "instance"},
    }


async def test_pulls_write_nothing_while_the_registry_is_read_only(application: Application, root: Client) -> None:
    """Their facts are put aside, and stored once it may be written to again."""
    await set_mode(root, "read-only")
    before = await application.events()
    await root.get(f"/v2/{APP}/manifests/1")
    await application.core.facts.flush()
    during = await application.events()
    await set_mode(root, "rw")
    await application.core.facts.flush()
    await application.core.facts.flush()

    assert during == before
    uses = [use for event in await application.events() for use in event.uses]
    assert [(use.repository, use.tag, use.count) for use in uses] == [(APP, "1", 1)]
