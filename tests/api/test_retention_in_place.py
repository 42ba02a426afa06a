# SPDX-License-Identifier: Apache-2.0
"""Trying a whole policy before it is set: what it says counts in place of what is set, and with all other levels."""

from typing import Any

import pytest

from tests.builders.aging import days_pass
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest

APP = "team/app"
PROJECT = "/api/v1/projects/team/retention"
REPOSITORY = f"/api/v1/repositories/{APP}/-/retention"
RELEASES = {"name": "releases", "effect": "keep", "selection": {"versions": "*"}}
EVERYTHING = {"name": "all", "effect": "delete-artifacts", "selection": {"older_than_days": 0}}
PULL_REQUESTS = {"name": "pull-requests", "effect": "delete-tags", "selection": {"tags": ["pr-*"]}}

pytestmark = pytest.mark.anyio


@pytest.fixture
async def owner(application: Application, alice: Client) -> Client:
    """The administrator of a project with images that are ten days old, and which keeps its releases."""
    for tag in ("1.0", "pr-1", "main"):
        await alice.push_image(APP, an_image_manifest(annotations={"tag": tag}), tag)
    await days_pass(application, 10)
    await alice.send_json("PUT", PROJECT, {"rules": [RELEASES]})
    return alice


async def going(client: Client, at: str, **wanted: Any) -> list[str]:
    """Return the tags that would go."""
    answer = await client.post(f"{at}:preview", wanted)
    assert answer.status == 200, answer.body
    return sorted(each["tag"] for each in answer.json["items"])


async def test_what_is_kept_no_more_goes(owner: Client) -> None:
    """Beside the policy that is set it would stay. Neither changes anything."""
    assert await going(owner, PROJECT, rules=[EVERYTHING]) == ["main", "pr-1"]
    assert await going(owner, PROJECT, rules=[EVERYTHING], in_place=True) == ["1.0", "main", "pr-1"]
    assert [rule["name"] for rule in (await owner.get(PROJECT)).json["rules"]] == ["releases"]


async def test_rules_of_other_levels_count_as_they_are(owner: Client) -> None:
    """Those that keep and those that delete, above and below: all that will be in force."""
    await owner.send_json("PUT", REPOSITORY, {"rules": [PULL_REQUESTS]})

    assert await going(owner, PROJECT, rules=[], in_place=True) == ["pr-1"]
    assert await going(owner, REPOSITORY, rules=[EVERYTHING], in_place=True) == ["main", "pr-1"]
    assert await going(owner, REPOSITORY, rules=[], in_place=True) == []


async def test_what_could_not_be_set_cannot_be_tried_in_place(owner: Client) -> None:
    """Two rules of one name, for example: it is known before anybody saves it."""
    answer = await owner.post(f"{PROJECT}:preview", {"rules": [EVERYTHING, EVERYTHING], "in_place": True})

    assert (answer.status, answer.json["code"]) == (400, "retention_rule_invalid")
