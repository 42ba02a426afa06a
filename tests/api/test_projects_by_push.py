# SPDX-License-Identifier: Apache-2.0
"""Projects that nobody asked for: they are there from the first push on."""

import asyncio

import pytest

from tests.builders.application import SETTLE_SECONDS
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest

PROJECTS = "/api/v1/projects"
TEAM = f"{PROJECTS}/team"

pytestmark = pytest.mark.anyio


async def test_a_project_is_there_right_after_the_first_push(application: Application, alice: Client) -> None:
    """It is private, says who pushed first, and does not change when the listener has stored it."""
    await alice.push_image("team/app", an_image_manifest())

    before = await alice.get(TEAM)
    await application.settle()
    after = await alice.get(TEAM)

    assert (before.status, before.json) == (200, after.json)
    assert (after.json["visibility"], after.json["cause"]) == ("private", "push")
    assert after.json["created_by"] == "user:alice"
    assert (await alice.get(PROJECTS)).json == {"items": [after.json]}


async def test_a_repository_of_one_segment_makes_its_project(application: Application) -> None:
    """`alpine` is a repository of the project `alpine`."""
    root = await application.user("root", is_admin=True)
    await root.push_image("alpine", an_image_manifest())
    await application.settle()

    assert [item["name"] for item in (await root.get(PROJECTS)).json["items"]] == ["alpine"]


async def test_a_first_push_can_be_opened_at_once(application: Application, alice: Client) -> None:
    """A change made before the listener has heard of the push is kept."""
    await alice.push_image("team/app", an_image_manifest())

    changed = await alice.send_json("PATCH", TEAM, {"visibility": "public"})
    await application.settle()

    shown = await application.anonymous().get(TEAM)
    assert changed.status == shown.status == 200
    assert (shown.json["visibility"], shown.json["cause"]) == ("public", "push")


async def test_what_a_push_made_cannot_be_made_again(application: Application, alice: Client) -> None:
    """Not even before the listener has heard of the push."""
    root = await application.user("root", is_admin=True)
    await alice.push_image("team/app", an_image_manifest())

    answer = await root.post(PROJECTS, {"name": "team", "visibility": "public"})

    assert answer.status == 409
    assert (await root.get(TEAM)).json["visibility"] == "private"


async def test_a_push_leaves_a_project_as_it_is(application: Application, alice: Client) -> None:
    """One that was made public before stays so, and was made by who made it."""
    root = await application.user("root", is_admin=True)
    made = await root.post(PROJECTS, {"name": "team", "visibility": "public"})

    await alice.push_image("team/app", an_image_manifest())
    await application.settle()

    assert (await root.get(TEAM)).json == made.json


async def test_a_refused_push_leaves_no_project(application: Application, alice: Client) -> None:
    """Neither one that may not be made, nor one that is not valid, nor a blob without a manifest."""
    root = await application.user("root", is_admin=True)
    forbidden = await alice.send("POST", "/v2/other/app/blobs/uploads/")
    await alice.push_blob("team/app", b"content")
    built = an_image_manifest()
    invalid = await alice.send("PUT", "/v2/team/app/manifests/1.0", built.payload, ("content-type", built.media_type))
    await application.settle()

    assert (forbidden.status, invalid.status) == (403, 400)
    assert (await root.get(PROJECTS)).json == {"items": []}
    assert (await root.get(TEAM)).status == (await root.get(f"{PROJECTS}/other")).status == 404


async def test_a_project_comes_back_with_the_next_push(application: Application, alice: Client) -> None:
    """After it was deleted, a push into the same repository makes a new, private project."""
    built = an_image_manifest()
    await alice.push_image("team/app", built, "1.0")
    await alice.send_json("PATCH", TEAM, {"visibility": "public"})
    await application.settle()
    await alice.delete("team/app", built.digest)
    assert (await alice.send("DELETE", TEAM)).status == 204

    root = await application.user("root", ("team/**", "admin"), is_admin=True)
    await root.push_image("team/app", built)
    await application.settle()

    shown = (await root.get(TEAM)).json
    assert (shown["visibility"], shown["cause"], shown["created_by"]) == ("private", "push", "user:root")


async def test_the_list_follows_by_itself(application: Application, alice: Client) -> None:
    """In a running application a push shows up in the list of projects."""
    instance = application.instance
    items: list[dict[str, str]] = []

    async with instance.running(), asyncio.timeout(SETTLE_SECONDS):
        await alice.push_image("team/app", an_image_manifest())
        while not items:
            items = (await alice.get(PROJECTS)).json["items"]
            await asyncio.sleep(0)

    assert [item["name"] for item in items] == ["team"]
