# SPDX-License-Identifier: Apache-2.0
"""Policies and plans through the API: what is shown, what is done, and who may."""

from typing import Any

import pytest

from entrepot.registry.events import Cause
from tests.builders.aging import days_pass
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_image_manifest

APP = "team/app"
PROJECT = "/api/v1/projects/team/retention"
REPOSITORY = f"/api/v1/repositories/{APP}/-/retention"
PULL_REQUESTS = {
    "name": "pull-requests",
    "effect": "delete-artifacts",
    "selection": {"tags": ["pr-*"], "older_than_days": 7},
}
RELEASES = {"name": "releases", "effect": "keep", "selection": {"versions": "*"}}

pytestmark = pytest.mark.anyio


def an_image(number: int) -> BuiltManifest:
    """Make an image that differs from others."""
    return an_image_manifest(annotations={"number": str(number)})


@pytest.fixture
async def owner(application: Application, alice: Client) -> Client:
    """The administrator of a project with images that are ten days old."""
    for number, tag in enumerate(("1.0", "pr-1", "pr-2", "main")):
        await alice.push_image(APP, an_image(number), tag)
    await alice.push(APP, an_image(2), "2.0")
    await days_pass(application, 10)
    return alice


async def made(application: Application, client: Client, at: str = PROJECT, **wanted: Any) -> dict[str, Any]:
    """Make a plan, and return it once it is made."""
    answer = await client.post(f"{at}/plans", wanted)
    assert answer.status == 202, answer.body
    await application.settle()
    found: dict[str, Any] = (await client.get(f"{at}/plans/{answer.json['id']}")).json
    return found


async def tags_of(client: Client, name: str = APP) -> list[str]:
    """Return the tags that are there."""
    return [each["name"] for each in (await client.get(f"/api/v1/repositories/{name}/-/tags")).json["items"]]


async def test_a_new_project_has_one_rule(owner: Client) -> None:
    """That can be edited, and removed: nothing else deletes anything unasked."""
    shown = (await owner.get(PROJECT)).json

    assert [(each["name"], each["effect"]) for each in shown["rules"]] == [("untagged", "delete-artifacts")]
    assert (shown["rules"][0]["selection"]["is_tagged"], shown["changed_by"]) == (False, "internal:retention")
    assert shown["cron"].endswith(" 3 * * *")
    assert (await owner.send("DELETE", PROJECT)).status == 204
    assert (await owner.get(PROJECT)).status == 404


async def test_a_plan_is_shown_and_carried_out_as_shown(application: Application, owner: Client) -> None:
    """Into the bin, by retention; who had it done is told of the plan."""
    await owner.send_json("PUT", PROJECT, {"rules": [RELEASES, PULL_REQUESTS]})
    plan = await made(application, owner)
    assert (plan["state"], plan["units"], plan["deletions"], plan["reason"]) == ("planned", 5, 1, "")
    [step] = (await owner.get(f"{PROJECT}/plans/{plan['id']}/steps")).json["items"]
    assert (step["tags"], step["rules"], step["outcome"]) == (["pr-1"], ["pull-requests"], "planned")

    assert (await owner.post(f"{PROJECT}/plans/{plan['id']}:run", {})).status == 202
    await application.settle()

    [step] = (await owner.get(f"{PROJECT}/plans/{plan['id']}/steps")).json["items"]
    assert step["outcome"] == "deleted"
    assert await tags_of(owner) == ["1.0", "2.0", "main", "pr-2"]
    [event] = [each for each in await application.events() if each.cause is Cause.RETENTION and each.tag]
    assert (event.principal, event.tag) == ("internal:retention", "pr-1")
    assert len((await owner.get(f"/api/v1/repositories/{APP}/-/bin")).json["items"]) == 1


async def test_a_plan_says_what_it_frees(application: Application, owner: Client) -> None:
    """Here nothing: another image needs all of it."""
    plan = await made(application, owner, rules=[PULL_REQUESTS])
    assert (plan["freed_bytes"], plan["rules"][0]["name"]) == (0, "pull-requests")


async def test_why_each_tag_stays_or_goes(owner: Client) -> None:
    """All of them in pages, or one."""
    await owner.send_json("PUT", PROJECT, {"rules": [RELEASES, PULL_REQUESTS]})

    pages = await owner.pages(f"{REPOSITORY}:explain?limit=2")
    told = {each["tag"]: (each["fate"], each["reason"], each["rules"]) for page in pages for each in page}
    assert [len(page) for page in pages] == [2, 2, 1]
    assert told == {
        "1.0": ("kept", "a rule keeps it", ["releases"]),
        "2.0": ("kept", "a rule keeps it", ["releases"]),
        "main": ("kept", "no rule deletes it", []),
        "pr-1": ("deleted", "a rule deletes the artifact", ["pull-requests"]),
        "pr-2": ("kept", "another tag of the artifact stays", ["pull-requests"]),
    }
    assert [each["tag"] for each in (await owner.get(f"{REPOSITORY}:explain?tag=pr-1")).json["items"]] == ["pr-1"]


async def test_rules_are_tried_at_once(owner: Client) -> None:
    """And change nothing."""
    everything = {"name": "all", "effect": "delete-artifacts", "selection": {"older_than_days": 0}}
    tried = (await owner.post(f"{PROJECT}:preview", {"rules": [RELEASES, everything], "limit": 1})).json

    assert (tried["units"], tried["deletions"], tried["is_whole"], len(tried["items"])) == (5, 2, True, 1)
    assert tried["items"][0]["repository"] == APP
    assert len(await tags_of(owner)) == 5


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"tags": ["a/b"]}, "invalid_tag_pattern"),
        ({"tag_expressions": ["(?=x)"]}, "retention_rule_invalid"),
        ({"versions": ">>1"}, "invalid_version_range"),
        ({}, "retention_rule_invalid"),
        ({"facts": ["unheard-of"]}, "retention_rule_invalid"),
    ],
)
async def test_what_is_wrong_is_refused(owner: Client, wrong: dict[str, Any], says: str) -> None:
    """Before it is set, with what to write instead."""
    rule = {"name": "wrong", "effect": "delete-artifacts", "selection": wrong}
    answer = await owner.send_json("PUT", PROJECT, {"rules": [rule]})
    assert (answer.status, answer.json["code"]) == (400, says)
    assert answer.json["hint"]


async def test_much_takes_the_number_that_was_seen(application: Application, owner: Client) -> None:
    """A plan that deletes most of a repository is not carried out by mistake."""
    for number in range(10, 30):
        await owner.push_image(APP, an_image(number), f"pr-{number}")
    plan = await made(application, owner, rules=[{**PULL_REQUESTS, "selection": {"tags": ["pr-*"]}}])
    run = f"{PROJECT}/plans/{plan['id']}:run"

    assert plan["reason"] == "team/app would lose 21 of 25 tags"
    assert (await owner.post(run, {})).json["code"] == "retention_plan_needs_confirmation"
    assert (await owner.post(run, {"deletions": 20})).status == 409
    assert (await owner.post(run, {"deletions": 21})).status == 202
    assert (await owner.post(run, {"deletions": 21})).json["code"] == "retention_plan_not_ready"


async def test_a_project_that_is_made_anew_inherits_no_rules(application: Application, owner: Client) -> None:
    """Of its own or of its repositories."""
    await owner.send_json("PUT", PROJECT, {"rules": [PULL_REQUESTS]})
    await owner.send_json("PUT", REPOSITORY, {"rules": [RELEASES]})
    for number in range(4):
        await owner.delete(APP, an_image(number).digest)
    await application.settle()
    assert (await owner.send("DELETE", "/api/v1/projects/team")).status == 204

    await owner.push_image(APP, an_image(1), "1.0")
    await application.settle()
    assert [each["name"] for each in (await owner.get(PROJECT)).json["rules"]] == ["untagged"]
    assert (await owner.get(REPOSITORY)).status == 404


async def test_presets_delete_nothing_by_being_there(owner: Client) -> None:
    """Each can be tried, and set as it is shown."""
    presets = (await owner.get("/api/v1/retention/presets")).json["items"]
    assert [each["name"] for each in presets] == ["releases", "pull-requests", "ci-cache", "untagged"]
    for each in presets:
        assert (await owner.post(f"{PROJECT}:preview", {"rules": each["rules"]})).status == 200
        assert (await owner.send_json("PUT", PROJECT, {"rules": each["rules"]})).json["rules"] == each["rules"]


async def test_a_policy_of_the_registry_counts_everywhere(application: Application, owner: Client) -> None:
    """Its keeping rules too; those of a project need no right there."""
    root = await application.user("root", is_admin=True)
    assert (await owner.send_json("PUT", "/api/v1/retention", {"rules": [RELEASES]})).status == 403
    assert (await root.send_json("PUT", "/api/v1/retention", {"rules": [RELEASES]})).status == 200
    everything = {"name": "all", "effect": "delete-tags", "selection": {"older_than_days": 0}}
    await owner.send_json("PUT", PROJECT, {"rules": [everything]})

    plan = await made(application, root, "/api/v1/retention")
    assert plan["deletions"] == 3


async def test_rules_are_no_way_around_the_right_to_delete(application: Application, owner: Client) -> None:
    """Who may manage policies and not delete sees what rules would do, and neither sets them nor has a plan run."""
    root = await application.user("root", is_admin=True)
    role = {"name": "planner", "actions": ["read", "manage-policy"]}
    assert (await root.post("/api/v1/roles", role)).status == 201
    planner = await application.user("paula", ("team/**", "planner"))
    for at in (PROJECT, REPOSITORY):
        plan = await made(application, planner, at, rules=[PULL_REQUESTS])
        assert plan["deletions"] == 1
        refused = [
            await planner.send_json("PUT", at, {"rules": [PULL_REQUESTS]}),
            await planner.post(f"{at}/plans/{plan['id']}:run", {"deletions": 1}),
        ]
        assert [answer.status for answer in refused] == [403, 403]
    assert "pr-1" in await tags_of(owner)
