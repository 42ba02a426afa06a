# SPDX-License-Identifier: Apache-2.0
"""What repositories and projects are said to be, in the management API."""

from typing import Any

import pytest

from entrepot.kernel.changes import Change
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest

APP = "/api/v1/repositories/team/app/-/descriptions"
TEAM = "/api/v1/projects/team/descriptions"
GROUP = {"kind": "group", "name": "developers"}
WORDS: dict[str, Any] = {"summary": "The shop", "text": "# Shop\n\nSells *things*.", "owner": GROUP}

pytestmark = pytest.mark.anyio


@pytest.fixture
async def owner(application: Application, alice: Client) -> Client:
    """The administrator of a project with an image."""
    await alice.push_image("team/app", an_image_manifest(), "1.0")
    await application.settle()
    return alice


async def say(client: Client, path: str = APP, **words: Any) -> Answer:
    """Say what something is."""
    return await client.send_json("PUT", path, words)


@pytest.mark.parametrize("path", [APP, TEAM])
async def test_something_is_said_and_read(owner: Client, path: str) -> None:
    """As it was written; at first nothing is."""
    nothing = (await owner.get(path)).json
    said = await say(owner, path, **WORDS, revision=0)

    assert (nothing["summary"], nothing["text"], nothing["owner"], nothing["changed_by"]) == ("", "", None, None)
    assert said.status == 200, said.body
    assert {name: said.json[name] for name in WORDS} == WORDS
    assert (said.json["revision"], said.json["changed_by"]) == (1, "user:alice")
    assert (await owner.get(path)).json == said.json


async def test_lists_show_the_summary_and_the_owner(owner: Client) -> None:
    """So does the page of the repository."""
    await owner.push_image("team/other", an_image_manifest(), "1.0")
    await say(owner, **WORDS)

    items = (await owner.get("/api/v1/repositories")).json["items"]
    assert [(item["summary"], item["owner"]) for item in items] == [("The shop", GROUP), ("", None)]
    assert (await owner.get("/api/v1/repositories/team/app/-/about")).json["owner"] == GROUP


async def test_who_writes_later_is_told(owner: Client) -> None:
    """Where they say which revision they read; nothing is overwritten unseen."""
    await say(owner, summary="one", revision=0)

    refused = await say(owner, summary="two", revision=0)
    assert (refused.status, refused.json["code"]) == (409, "description_changed")
    assert (await say(owner, summary="two", revision=1)).json["revision"] == 2
    assert (await say(owner, summary="three")).json["revision"] == 3


async def test_who_administers_it_describes_it(application: Application, owner: Client) -> None:
    """Who may read it sees what is said; to who may not, it is not there."""
    maintainer = await application.user("bob", ("team/**", "maintain"))
    stranger = await application.user("carol")
    of_app = await application.user("dave", ("team/app", "admin"))

    assert [(await say(client, **WORDS)).status for client in (maintainer, stranger, of_app)] == [403, 403, 200]
    assert [(await client.get(APP)).status for client in (maintainer, stranger, of_app)] == [200, 404, 200]
    assert [(await say(client, TEAM, **WORDS)).status for client in (maintainer, of_app, owner)] == [403, 403, 200]
    assert [(await client.get(TEAM)).status for client in (maintainer, stranger)] == [200, 404]


@pytest.mark.parametrize(
    "words",
    [
        {"summary": "x" * 201},
        {"summary": "a\nb"},
        {"text": "é" * 33_000},
        {"text": "x" * 65_537},
        {"owner": {"kind": "robot", "name": "ci"}},
        {"owner": {"kind": "contact", "name": " "}},
        {"owner": {"kind": "contact", "name": "a\nb"}},
        {"title": "x"},
    ],
)
async def test_what_is_too_long_or_no_line_is_refused(owner: Client, words: dict[str, Any]) -> None:
    """Nothing is stored."""
    assert (await say(owner, **words)).status in (400, 422)
    assert (await owner.get(APP)).json["revision"] == 0


async def test_what_is_not_there_is_not_described(owner: Client) -> None:
    """A repository begins with a push."""
    answer = await say(owner, "/api/v1/repositories/team/none/-/descriptions", **WORDS)

    assert (answer.status, answer.json["code"]) == (404, "name_unknown")


async def test_an_owner_follows_when_renamed(application: Application, owner: Client) -> None:
    """A contact that is spelled like one does not."""
    root = await application.user("root", is_admin=True)
    await application.user("bert")
    await say(owner, owner={"kind": "user", "name": "bert"})
    await say(owner, TEAM, owner={"kind": "contact", "name": "bert"})
    await root.post("/api/v1/users/bert:rename", {"name": "robert"})

    assert (await owner.get(APP)).json["owner"] == {"kind": "user", "name": "robert"}
    assert (await owner.get(TEAM)).json["owner"] == {"kind": "contact", "name": "bert"}


async def test_changes_are_recorded_without_the_text(application: Application, owner: Client) -> None:
    """The record says that it is another one, and how long it is."""
    await say(owner, **WORDS)
    await say(owner, **WORDS)

    [told] = [event for event in await application.events() if event.type == Change.DESCRIPTION_CHANGED]
    assert told.before is None
    assert isinstance(told.after, dict)
    assert (told.after["summary"], told.after["owner"], told.after["text_bytes"]) == (
        "The shop",
        "group:developers",
        23,
    )
    assert told.after["text"].startswith("sha256:")


async def test_nothing_is_inherited_from_a_deleted_project(application: Application) -> None:
    """Another one of its name begins with nothing."""
    root = await application.user("root", is_admin=True)
    for _ in range(2):
        assert (await root.post("/api/v1/projects", {"name": "team"})).status == 201
        assert (await root.get(TEAM)).json["summary"] == ""
        await say(root, TEAM, **WORDS)
        assert (await root.send("DELETE", "/api/v1/projects/team")).status in (200, 204)
