# SPDX-License-Identifier: Apache-2.0
"""Rules about names and types: what they refuse on `/v2`, in which words, and who may set them."""

from typing import Any

import pytest

from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.immutability import IMAGES
from tests.builders.immutability import put
from tests.builders.immutability import refusal
from tests.builders.manifests import an_index

APP = "team/app"
IMAGE, NEXT, *_ = IMAGES
RULES = "/api/v1/projects/team/naming"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def owner(application: Application, alice: Client) -> Client:
    """The administrator of a project with an image."""
    await alice.push_image(APP, IMAGE, "old")
    await alice.push_image(APP, NEXT)
    await application.settle()
    return alice


async def set_rules(client: Client, *rules: dict[str, Any], path: str = RULES) -> Answer:
    """Put rules in the place of those that there are."""
    answer = await client.send_json("PUT", path, {"rules": [{"repositories": "team/**", **rule} for rule in rules]})
    assert answer.status == 200, answer.body
    return answer


async def test_new_tags_are_called_as_the_rule_says(owner: Client) -> None:
    """Those that are there go on; the refusal says what would be allowed."""
    await set_rules(owner, {"tags": ["v*", "main"]})

    assert refusal(await put(owner, "latest", IMAGE)) == (
        "naming rule 1 of team wants new tags to be called v* or main, and team/app:latest is not: choose another tag"
    )
    assert [(await put(owner, tag, NEXT)).status for tag in ("v1", "main", "old")] == [201, 201, 201]


async def test_new_repositories_are_called_as_the_rule_says(owner: Client) -> None:
    """From the upload of the first blob on; those that are there go on."""
    await set_rules(owner, {"names": ["team/*-svc"]})

    said = refusal(await owner.send("POST", "/v2/team/web/blobs/uploads/"))
    assert said == (
        "naming rule 1 of team wants new repositories to be called team/*-svc, and team/web is not: choose another name"
    )
    assert (await owner.send("POST", "/v2/team/web-svc/blobs/uploads/")).status == 202
    assert (await put(owner, "new", IMAGE)).status == 201


async def test_only_such_artifacts_are_pushed(owner: Client) -> None:
    """An index counts as an image; what is attached to something is free."""
    await set_rules(owner, {"artifact_types": ["chart"]})
    said = refusal(await put(owner, "new", IMAGE))
    await set_rules(owner, {"artifact_types": ["image"]})

    assert said == (
        "naming rule 1 of team takes only artifacts of the type chart in team/**, and this is of the type image: "
        "push it to a repository other than team/app"
    )
    child = {"mediaType": IMAGE.media_type, "digest": IMAGE.digest, "size": len(IMAGE.payload)}
    assert [(await put(owner, "new", each)).status for each in (IMAGE, an_index(child))] == [201, 201]


async def test_every_rule_counts(application: Application, owner: Client) -> None:
    """Those of the registry too."""
    root = await application.user("root", is_admin=True)
    await set_rules(owner, {"tags": ["v*"]}, {"tags": ["*-rc"], "repositories": "team/lib"})
    await set_rules(root, {"repositories": "**", "tags": ["*1"]}, path="/api/v1/naming")

    assert [(await put(owner, tag, IMAGE)).status for tag in ("v1", "v2", "x1")] == [201, 403, 403]
    assert "naming rule 1 of the registry" in refusal(await put(owner, "v2", IMAGE))


async def test_derived_tags_are_free(owner: Client) -> None:
    """Nobody chooses how signatures are called."""
    await set_rules(owner, {"tags": ["v*"]})

    assert (await put(owner, f"{IMAGE.digest.replace(':', '-')}.sig", NEXT)).status == 201


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"tags": ["a/b"]},
        {"names": ["Team/*"]},
        {"repositories": "other/**", "tags": ["v*"]},
        {"repositories": "**", "tags": ["v*"]},
    ],
)
async def test_what_is_no_rule_is_refused(owner: Client, rule: dict[str, Any]) -> None:
    """Nothing changes."""
    answer = await owner.send_json("PUT", RULES, {"rules": [{"repositories": "team/**", **rule}]})

    assert answer.status == 400
    assert (await owner.get(RULES)).json["rules"] == []


async def test_who_may_set_and_see_rules(application: Application, owner: Client) -> None:
    """Whoever may change the rules of the project; those of the registry its administrators."""
    writer = await application.user("writer", ("team/**", "write"))
    body = {"rules": [{"repositories": "team/**", "tags": ["v*"]}]}
    answers = [
        await writer.get(RULES),
        await writer.send_json("PUT", RULES, body),
        await owner.send_json("PUT", RULES, {**body, "revision": 7}),
        await owner.get("/api/v1/naming"),
        await owner.send_json("PUT", "/api/v1/naming", body),
    ]

    assert [answer.status for answer in answers] == [200, 403, 409, 403, 403]


async def test_each_change_is_recorded(application: Application, owner: Client) -> None:
    """With the rules before and after."""
    await set_rules(owner, {"tags": ["v*"]})
    (event,) = [each for each in await application.events() if each.type == "naming.changed"]

    assert (event.principal, event.project, event.before) == ("user:alice", "team", {"rules": []})
    assert event.after["rules"][0]["tags"] == ["v*"]


async def test_another_project_of_the_name_inherits_nothing(application: Application) -> None:
    """Rules go with their project."""
    root = await application.user("root", is_admin=True)
    path = "/api/v1/projects/gone/naming"
    await root.post("/api/v1/projects", {"name": "gone"})
    await set_rules(root, {"repositories": "gone/**", "tags": ["v*"]}, path=path)
    assert (await root.send("DELETE", "/api/v1/projects/gone")).status == 204
    await root.post("/api/v1/projects", {"name": "gone"})

    assert (await root.get(path)).json["rules"] == []
