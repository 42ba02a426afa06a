# SPDX-License-Identifier: Apache-2.0
"""Notes on artifacts in the management API."""

from typing import Any

import pytest

from entrepot.features.labels.models import MAX_NOTES
from entrepot.kernel.changes import Change
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest

IMAGE = an_image_manifest()
ARTIFACT = f"/api/v1/repositories/team/app/-/artifacts/{IMAGE.digest}"
NOTES = f"{ARTIFACT}/notes"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def owner(alice: Client) -> Client:
    """The administrator of a project with an image."""
    await alice.push_image("team/app", IMAGE, "1.0")
    return alice


async def write(client: Client, text: str = "fine") -> dict[str, Any]:
    """Write a note."""
    answer = await client.post(NOTES, {"text": text})
    assert answer.status == 201, answer.body
    return dict(answer.json)


async def change(client: Client, note: dict[str, Any], text: str) -> Answer:
    """Give a note another text."""
    return await client.send_json("PUT", f"{NOTES}/{note['id']}", {"text": text})


async def texts(client: Client) -> list[tuple[str, str, bool]]:
    """Return the notes there are: what, by whom, and whether they are the client's."""
    items = (await client.get(NOTES)).json["items"]
    return [(item["text"], item["author"], item["is_own"]) for item in items]


async def test_people_and_robots_write_notes(application: Application, owner: Client) -> None:
    """In the order in which they did."""
    bob = await application.user("bob", ("team/**", "write"))
    await write(owner, " *first* \n")
    await write(bob, "second")

    assert await texts(owner) == [("*first*", "user:alice", True), ("second", "user:bob", False)]


async def test_a_note_is_changed_by_its_author_alone(application: Application, owner: Client) -> None:
    """Not by an administrator either: it would say what its author did not."""
    bob = await application.user("bob", ("team/**", "write"))
    note = await write(bob)

    refused = await change(owner, note, "no")
    assert (refused.status, refused.json["code"]) == (403, "note_of_another")
    assert (await change(bob, note, "better")).json["text"] == "better"


async def test_a_note_is_deleted_by_its_author_or_an_administrator(application: Application, owner: Client) -> None:
    """And by nobody else."""
    bob, carol = [await application.user(name, ("team/**", "write")) for name in ("bob", "carol")]
    first, second = await write(bob), await write(bob)
    paths = [f"{NOTES}/{each['id']}" for each in (first, second)]

    assert (await carol.send("DELETE", paths[0])).json["code"] == "note_of_another"
    assert [(await client.send("DELETE", path)).status for client, path in zip((bob, owner), paths, strict=True)] == [
        204,
        204,
    ]
    assert (await bob.send("DELETE", paths[0])).json["code"] == "note_unknown"
    assert await texts(owner) == []


async def test_who_only_reads_writes_none(application: Application, owner: Client) -> None:
    """They see them."""
    await write(owner)
    dave = await application.user("dave", ("team/**", "read"))

    assert (await dave.post(NOTES, {"text": "x"})).status == 403
    assert await texts(dave) == [("fine", "user:alice", False)]


async def test_notes_are_short_and_few(owner: Client) -> None:
    """Bytes count."""
    for text in ("", " ", "é" * 2_049, "x" * 4_097):
        assert (await owner.post(NOTES, {"text": text})).status in (400, 422)
    for _ in range(MAX_NOTES):
        await write(owner)

    assert (await owner.post(NOTES, {"text": "x"})).json["code"] == "too_many_notes"


async def test_notes_come_back_with_the_artifact(owner: Client) -> None:
    """They are in the bin with it."""
    await write(owner)
    await owner.send("DELETE", ARTIFACT)
    assert (await owner.get(NOTES)).status == 404

    await owner.send("POST", f"{ARTIFACT}:restore")
    assert await texts(owner) == [("fine", "user:alice", True)]


async def test_notes_follow_a_renamed_author(application: Application, owner: Client) -> None:
    """Who may change them is the same person."""
    root = await application.user("root", is_admin=True)
    await application.user("bob", ("team/**", "write"))
    bob = await application.user("bert", ("team/**", "write"))
    note = await write(bob)
    await root.post("/api/v1/users/bert:rename", {"name": "robert"})

    assert await texts(owner) == [("fine", "user:robert", False)]
    assert (await owner.send("DELETE", f"{NOTES}/{note['id']}")).status == 204


async def test_what_is_written_is_recorded(application: Application, owner: Client) -> None:
    """With what it said before."""
    note = await write(owner, "one")
    await change(owner, note, "two")
    await owner.send("DELETE", f"{NOTES}/{note['id']}")

    kinds = (Change.NOTE_WRITTEN, Change.NOTE_CHANGED, Change.NOTE_DELETED)
    told = [event for event in await application.events() if event.type in kinds]
    assert [(event.type, event.object) for event in told] == [(kind, f"note:{note['id']}") for kind in kinds]
    assert [(event.before or {}).get("text") for event in told] == [None, "one", "two"]
