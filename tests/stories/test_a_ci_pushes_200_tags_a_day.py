# SPDX-License-Identifier: Apache-2.0
"""A CI that pushes 200 tags a day: the repository stays small, and nobody misses anything.

Every night the rules of the project are carried out by themselves. Releases stay for good, what main was last too, and
what was built for a pull request for a week; and what a cluster runs stays, whatever its age.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.features.retention.running import BEGIN
from entrepot.features.retention.running import Nothing
from entrepot.infra.jobs import queue
from entrepot.kernel.clock import system_clock
from tests.builders.aging import days_pass
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_image_manifest

NAME = "team/app"
TAGS = f"/api/v1/repositories/{NAME}/-/tags"
PROJECT = "/api/v1/projects/team/retention"
A_DAY = 200
WEEK = 7
RULES = [
    {"name": "releases", "effect": "keep", "selection": {"versions": "*"}},
    {"name": "main", "effect": "keep", "selection": {"tags": ["main-*"], "newest": {"count": 10}}},
    {"name": "built", "effect": "delete-artifacts", "selection": {"tags": ["pr-*", "main-*"], "older_than_days": WEEK}},
    {"name": "untagged", "effect": "delete-artifacts", "selection": {"is_tagged": False, "unused_for_days": 30}},
]

pytestmark = pytest.mark.anyio


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """Hold the whole application, on memory and an empty database."""
    with an_application(tmp_path) as application:
        yield application


@pytest.fixture
async def ci(application: Application) -> Client:
    """The robot of a project whose rules are set, to be carried out once a minute that passes."""
    ci = await application.user("ci", ("team/**", "admin"))
    await ci.push_image(NAME, an_image_manifest(), "0.1.0")
    await application.settle()
    answer = await ci.send_json("PUT", PROJECT, {"rules": RULES, "cron": "* * * * *"})
    assert answer.status == 200, answer.body
    return ci


def an_image(day: int, number: int) -> BuiltManifest:
    """Make what was built by one run."""
    return an_image_manifest(annotations={"run": f"{day}.{number}"})


async def a_day(application: Application, ci: Client, day: int) -> None:
    """Push 200 tags: one release, three of main, and what pull requests built; then the night comes."""
    await ci.push(NAME, an_image(day, 0), f"1.{day}.0", "latest")
    for number in range(1, A_DAY - 1):
        await ci.push(NAME, an_image(day, number), f"{'main' if number < 4 else 'pr'}-{day}-{number}")
    await days_pass(application, 1)
    await application.database.write(queue.enqueue, BEGIN, Nothing(), system_clock())
    await application.settle()


async def names(client: Client) -> set[str]:
    """Return the tags that are there."""
    return {each["name"] for page in await client.pages(f"{TAGS}?limit=1000") for each in page}


async def test_a_ci_pushes_200_tags_a_day(application: Application, ci: Client) -> None:
    """After nine days there is a week of them, every release, and the last ten of main."""
    for day in range(9):
        await a_day(application, ci, day)

    there = await names(ci)
    week = {f"pr-{day}-{number}" for day in range(3, 9) for number in range(4, A_DAY - 1)}
    assert {name for name in there if name.startswith("pr-")} == week
    assert {f"1.{day}.0" for day in range(9)} | {"0.1.0", "latest"} <= there
    assert len([name for name in there if name.startswith("main-")]) == 18
    plans = (await ci.get(f"{PROJECT}/plans")).json["items"]
    assert [(plan["state"], plan["reason"]) for plan in plans] == [("done", "")] * 9
    assert [plan["done"] for plan in plans] == [198, 198, 198, 0, 0, 0, 0, 0, 0]


async def test_somebody_asks_why_a_tag_is_gone_and_gets_it_back(application: Application, ci: Client) -> None:
    """The plan says which rule it was, and for a week the tag comes back by one request."""
    await ci.push(NAME, an_image(0, 1), "pr-7")
    await days_pass(application, WEEK)
    await application.database.write(queue.enqueue, BEGIN, Nothing(), system_clock())
    await application.settle()
    [plan] = (await ci.get(f"{PROJECT}/plans")).json["items"]
    [step] = (await ci.get(f"{PROJECT}/plans/{plan['id']}/steps")).json["items"]
    assert (step["tags"], step["rules"], step["outcome"]) == (["pr-7"], ["built"], "deleted")

    answer = await ci.post(f"{TAGS}/pr-7:restore", {"digest": step["digest"]})
    assert answer.status == 200, answer.body
    assert "pr-7" in await names(ci)
    assert (await ci.get(f"/v2/{NAME}/manifests/pr-7")).status == 200
