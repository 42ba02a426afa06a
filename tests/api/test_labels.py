# SPDX-License-Identifier: Apache-2.0
"""Labels of artifacts in the management API."""

from typing import Any

import pytest

from entrepot.kernel.changes import Change
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest

REPOSITORY = "/api/v1/repositories/team/app/-"
IMAGES = [an_image_manifest(annotations={"number": str(number)}) for number in range(3)]
IMAGE, OTHER, _ = IMAGES
ARTIFACT = f"{REPOSITORY}/artifacts/{IMAGE.digest}"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def owner(alice: Client) -> Client:
    """The administrator of a project with images."""
    for number, image in enumerate(IMAGES):
        await alice.push_image("team/app", image, f"{number}.0")
    return alice


async def put(client: Client, digest: str = IMAGE.digest, **labels: str | None) -> Answer:
    """Change labels of an image."""
    return await client.send_json("PATCH", f"{REPOSITORY}/artifacts/{digest}/labels", {"labels": labels})


async def digests(client: Client, **query: str) -> list[str]:
    """Return which artifacts a filter finds."""
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return [item["digest"] for page in await client.pages(f"{REPOSITORY}/artifacts?{asked}") for item in page]


def pairs(answer: Answer) -> dict[str, str]:
    """Return the labels of an answer."""
    assert answer.status == 200, answer.body
    return {item["key"]: item["value"] for item in answer.json["items"]}


async def test_labels_are_set_changed_and_removed(owner: Client) -> None:
    """What is not named stays; each says who put it there."""
    await put(owner, stage="test", team="shop")

    changed = await put(owner, stage="production", team=None, candidate="")

    assert pairs(changed) == {"candidate": "", "stage": "production"}
    assert {item["changed_by"] for item in changed.json["items"]} == {"user:alice"}
    assert (await owner.get(ARTIFACT)).json["labels"] == {"candidate": "", "stage": "production"}
    assert (await owner.get(f"{ARTIFACT}/labels")).json == changed.json


async def test_they_are_apart_from_those_of_the_configuration(application: Application, owner: Client) -> None:
    """What an artifact says of itself stays what it says."""
    await put(owner, stage="test")
    await application.settle()

    shown = (await owner.get(ARTIFACT)).json
    assert shown["labels"] == {"stage": "test"}
    assert "stage" not in shown["facts"]["labels"]
    assert shown["annotations"] == {"number": "0"}


async def test_lists_are_filtered_by_them(owner: Client) -> None:
    """By value, by key, by several."""
    await put(owner, IMAGES[0].digest, stage="production", team="shop")
    await put(owner, IMAGES[1].digest, stage="test", team="shop")

    assert await digests(owner, label="stage=production") == [IMAGES[0].digest]
    assert await digests(owner, label="team") == [IMAGES[1].digest, IMAGES[0].digest]
    assert await digests(owner, label="team,stage=test", tagged="true") == [IMAGES[1].digest]
    assert await digests(owner, label="stage=test", tagged="false") == []
    assert (await owner.get(f"{REPOSITORY}/artifacts?label=stage!=test")).json["code"] == "label_invalid"


async def test_lists_show_them(owner: Client) -> None:
    """Empty where there are none."""
    await put(owner, stage="test")

    items = (await owner.get(f"{REPOSITORY}/artifacts?sort=pushed")).json["items"]
    assert [item["labels"] for item in items] == [{"stage": "test"}, {}, {}]


async def test_they_are_in_the_bin_with_the_artifact(owner: Client) -> None:
    """Nobody changes them there, and a restored artifact has them as before."""
    await put(owner, stage="test")
    await owner.send("DELETE", ARTIFACT)

    assert (await put(owner, stage="x")).json["code"] == "manifest_unknown"
    assert (await owner.get(f"{ARTIFACT}/labels")).status == 404
    await owner.send("POST", f"{ARTIFACT}:restore")
    assert pairs(await owner.get(f"{ARTIFACT}/labels")) == {"stage": "test"}


async def test_what_is_purged_has_none_when_it_is_pushed_again(application: Application, owner: Client) -> None:
    """Labels are of what was there, not of a digest for ever."""
    root = await application.user("root", is_admin=True)
    await put(owner, stage="test")
    freed = await root.send("POST", f"{ARTIFACT}:free-now")
    assert freed.status == 200, freed.body

    await owner.push_image("team/app", IMAGE, "0.0")
    assert pairs(await owner.get(f"{ARTIFACT}/labels")) == {}


async def test_there_are_at_most_so_many(owner: Client) -> None:
    """Some may go so that others come."""
    await put(owner, **{f"k{number}": "" for number in range(64)})

    refused = await put(owner, one="more")
    assert (refused.status, refused.json["code"]) == (409, "too_many_labels")
    assert len(pairs(await put(owner, one="more", k0=None))) == 64


@pytest.mark.parametrize(
    "body", [{}, {"labels": {}}, {"labels": {"a b": ""}}, {"labels": {"a": "b c"}}, {"labels": {"a": 1}}, {"label": {}}]
)
async def test_what_is_no_label_is_refused(owner: Client, body: dict[str, Any]) -> None:
    """With what would be one."""
    answer = await owner.send_json("PATCH", f"{ARTIFACT}/labels", body)

    assert answer.status in (400, 422), answer.body


async def test_changes_are_recorded(application: Application, owner: Client) -> None:
    """Only what is different, and nothing where nothing is."""
    for stage in ("test", "production", "production"):
        await put(owner, stage=stage, team="shop")

    told = [event for event in await application.events() if event.type == Change.ARTIFACT_LABELLED]
    assert [(event.before, event.after) for event in told] == [
        ({"labels": {}}, {"labels": {"stage": "test", "team": "shop"}}),
        ({"labels": {"stage": "test"}}, {"labels": {"stage": "production"}}),
    ]
    assert {(event.digest, event.repository, event.principal) for event in told} == {
        (IMAGE.digest, "team/app", "user:alice")
    }


async def test_who_may_push_or_manage_policies_labels(application: Application, owner: Client) -> None:
    """Who only reads does not, and who may not read hears of nothing."""
    people = [
        (await application.user(name, *granted), wanted)
        for name, granted, wanted in (
            ("bob", [("team/**", "write")], (200, 200)),
            ("carol", [("team/**", "maintain")], (200, 200)),
            ("dave", [("team/**", "read")], (403, 200)),
            ("erin", [], (403, 404)),
        )
    ]
    for client, wanted in people:
        got = (await put(client, by="me")).status, (await client.get(f"{ARTIFACT}/labels")).status
        assert got == wanted


async def test_a_project_that_is_read_only_takes_none(application: Application, owner: Client) -> None:
    """As it takes no push."""
    root = await application.user("root", is_admin=True)
    mode = {"mode": "read-only", "reason": "a move"}
    assert (await root.send_json("PUT", "/api/v1/projects/team/mode", mode)).status == 200

    assert (await put(owner, stage="test")).json["code"] == "refused_by_mode"
