# SPDX-License-Identifier: Apache-2.0
"""What a rule about names would refuse, before it is set; and what rules say to a name."""

from typing import Any

import pytest

from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.immutability import IMAGES
from tests.builders.immutability import put
from tests.builders.immutability import refusal

RULES = "/api/v1/projects/team/naming"
IMAGE, NEXT, *_ = IMAGES

pytestmark = pytest.mark.anyio


@pytest.fixture
async def owner(application: Application, alice: Client) -> Client:
    """The administrator of a project with two repositories."""
    await alice.push_image("team/app", IMAGE, "v1", "nightly", "main")
    await alice.push_image("team/web-svc", NEXT, "v1", "test")
    await application.settle()
    return alice


async def unfit(client: Client, limit: int = 100, path: str = RULES, **rule: Any) -> list[str]:
    """Return what a rule would refuse, page after page."""
    found, target = [], f"{path}:preview?limit={limit}"
    while target:
        answer = await client.post(target, {"repositories": "team/**", **rule})
        assert answer.status == 200, answer.body
        found += [f"{each['fault']} {each['repository']}:{each['tag'] or ''}" for each in answer.json["items"]]
        target = answer.next
    return found


@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_a_preview_lists_what_would_be_refused(owner: Client, limit: int) -> None:
    """Names of repositories and tags, in order, page after page; nothing is changed."""
    found = await unfit(owner, limit, tags=["v*", "main"], names=["team/*-svc"])

    assert found == ["repository team/app:", "tag team/app:nightly", "tag team/web-svc:test"]
    assert (await owner.get(RULES)).json["rules"] == []


async def test_a_preview_looks_at_types(owner: Client) -> None:
    """Of what tags point at; a tag whose name is wrong comes once."""
    assert await unfit(owner, repositories="team/app", artifact_types=["image"]) == []
    assert await unfit(owner, repositories="team/app", artifact_types=["chart"], tags=["v*"]) == [
        "tag team/app:main",
        "tag team/app:nightly",
        "type team/app:v1",
    ]


async def test_a_preview_of_a_project_is_about_it_alone(application: Application, owner: Client) -> None:
    """One of the registry shows what its reader may read."""
    root = await application.user("root", is_admin=True)
    await root.push_image("other/app", IMAGE, "x")
    auditor = await application.user("audrey", ("SYSTEM", "auditor"))

    assert await unfit(owner, repositories="**", tags=["v*"]) == [
        "tag team/app:main",
        "tag team/app:nightly",
        "tag team/web-svc:test",
    ]
    everywhere = await unfit(root, path="/api/v1/naming", repositories="**", tags=["v*"])
    assert everywhere[0] == "tag other/app:x"
    assert await unfit(auditor, path="/api/v1/naming", repositories="**", tags=["v*"]) == everywhere


async def test_what_a_preview_finds_is_refused_when_it_is_new(owner: Client) -> None:
    """The rule that was looked at says the same at the gate."""
    await owner.send_json("PUT", RULES, {"rules": [{"repositories": "team/**", "tags": ["v*"]}]})

    found = await unfit(owner, tags=["v*"])
    assert found == ["tag team/app:main", "tag team/app:nightly", "tag team/web-svc:test"]
    assert "wants new tags" in refusal(await put(owner, "test", IMAGE))
    assert (await put(owner, "nightly", NEXT)).status == 201


async def test_it_is_explained_what_rules_say(application: Application, owner: Client) -> None:
    """To a name that is new, and to one that is not; with the words of the refusal."""
    root = await application.user("root", is_admin=True)
    rules = [{"repositories": "team/**", "tags": ["v*"], "names": ["team/*-svc"]}]
    await owner.send_json("PUT", RULES, {"rules": rules})
    await root.send_json("PUT", "/api/v1/naming", {"rules": [{"repositories": "**", "artifact_types": ["chart"]}]})

    there = (await owner.get("/api/v1/repositories/team/app/-/naming?tag=nightly")).json
    new = (await owner.get("/api/v1/repositories/team/new/-/naming?tag=beta")).json
    free = (await owner.get("/api/v1/repositories/team/new-svc/-/naming")).json

    assert (there["is_repository_there"], there["is_tag_there"], there["refusals"]) == (True, True, [])
    assert [(each["project"], each["allows_repository"], each["allows_tag"]) for each in new["rules"]] == [
        (None, True, True),
        ("team", False, False),
    ]
    assert [each.partition(",")[0] for each in new["refusals"]] == [
        "naming rule 1 of team wants new repositories to be called team/*-svc",
        "naming rule 1 of team wants new tags to be called v*",
    ]
    assert (free["refusals"], free["types"], free["rules"][1]["allows_tag"]) == ([], ["chart"], None)


async def test_who_may_not_read_is_told_nothing(application: Application, owner: Client) -> None:
    """As if it were not there."""
    bob = await application.user("bob")

    assert (await bob.get("/api/v1/repositories/team/app/-/naming")).status == 404
    assert (await bob.post(f"{RULES}:preview", {"repositories": "team/**", "tags": ["v*"]})).status == 403
