# SPDX-License-Identifier: Apache-2.0
"""Policies that are carried out by themselves."""

from typing import Any

import pytest

from entrepot.features.retention.running import BEGIN
from entrepot.features.retention.running import Nothing
from entrepot.features.retention.tables import retention_plans
from entrepot.infra.jobs import queue
from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import after
from entrepot.kernel.clock import system_clock
from tests.builders.aging import days_pass
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.manifests import an_image_manifest

APP = "team/app"
PROJECT = "/api/v1/projects/team/retention"
ALWAYS = "* * * * *"
OLD = {"name": "old", "effect": "delete-artifacts", "selection": {"tags": ["pr-*"], "older_than_days": 7}}

pytestmark = pytest.mark.anyio


@pytest.fixture
async def owner(application: Application, alice: Client) -> Client:
    """The administrator of a project with old images."""
    for number, tag in enumerate(("1.0", "pr-1")):
        await alice.push_image(APP, an_image_manifest(annotations={"number": str(number)}), tag)
    await days_pass(application, 10)
    return alice


async def a_minute_passes(application: Application) -> None:
    """Begin what is due by then."""
    await days_pass(application, 1 / 1_440)
    await application.database.write(queue.enqueue, BEGIN, Nothing(), system_clock())
    await application.settle()


async def plans(client: Client) -> list[dict[str, Any]]:
    """Return the plans of the project."""
    found: list[dict[str, Any]] = (await client.get(f"{PROJECT}/plans")).json["items"]
    return found


async def test_a_policy_is_carried_out_when_it_says(application: Application, owner: Client) -> None:
    """Once for all the times that it was due; one that says nothing waits for somebody."""
    await owner.send_json("PUT", PROJECT, {"rules": [OLD]})
    await a_minute_passes(application)
    assert await plans(owner) == []

    await owner.send_json("PUT", PROJECT, {"rules": [OLD], "cron": ALWAYS})
    await days_pass(application, 1 / 24)
    await a_minute_passes(application)
    [plan] = await plans(owner)
    assert (plan["state"], plan["done"], plan["made_by"]) == ("done", 1, "internal:retention")
    assert (await owner.get(f"/api/v1/repositories/{APP}/-/tags/pr-1")).status == 404
    assert (await owner.get(f"/api/v1/repositories/{APP}/-/tags/1.0")).status == 200


async def test_what_would_delete_much_waits_for_somebody(application: Application, owner: Client) -> None:
    """At night nobody looks."""
    for number in range(20):
        await owner.push_image(APP, an_image_manifest(annotations={"number": f"pr{number}"}), f"pr-{number + 10}")
    await days_pass(application, 10)
    await owner.send_json("PUT", PROJECT, {"rules": [OLD], "cron": ALWAYS})
    await a_minute_passes(application)

    [plan] = await plans(owner)
    assert (plan["state"], plan["reason"]) == ("planned", "team/app would lose 21 of 22 tags")
    assert (await owner.get(f"/api/v1/repositories/{APP}/-/tags/pr-1")).status == 200


async def test_nothing_is_done_under_a_mode_that_deletes_nothing(application: Application, owner: Client) -> None:
    """Each step is spared, and says why."""
    await owner.send_json("PUT", "/api/v1/projects/team/mode", {"mode": "no-delete", "reason": "an audit"})
    await owner.send_json("PUT", PROJECT, {"rules": [OLD], "cron": ALWAYS})
    await a_minute_passes(application)

    [plan] = await plans(owner)
    [step] = (await owner.get(f"{PROJECT}/plans/{plan['id']}/steps")).json["items"]
    assert (plan["done"], step["outcome"], "an audit" in step["reason"]) == (0, "spared", True)


async def test_tags_that_are_immutable_are_not_planned(application: Application, owner: Client) -> None:
    """What is shown is what happens: the rule is told as the reason."""
    rules = {"rules": [{"repositories": "team/**", "tags": "pr-1", "effect": "immutable"}]}
    assert (await owner.send_json("PUT", "/api/v1/projects/team/immutability", rules)).status == 200
    await owner.send_json("PUT", PROJECT, {"rules": [OLD]})

    explained = await owner.get(f"/api/v1/repositories/{APP}/-/retention:explain?tag=pr-1")
    assert explained.json["items"][0]["reason"] == "immutable by rule 1 of team"


async def test_old_plans_are_forgotten(application: Application, owner: Client) -> None:
    """After ninety days."""
    await owner.send_json("PUT", PROJECT, {"rules": [OLD], "cron": ALWAYS})
    await a_minute_passes(application)
    [plan] = await plans(owner)

    def age(connection: Any) -> None:
        connection.execute(retention_plans.update().values(made_at=after(system_clock(), -91 * DAY_MS)))

    await application.database.write(age)
    await owner.send_json("PUT", PROJECT, {"rules": [OLD]})
    await a_minute_passes(application)
    assert (await owner.get(f"{PROJECT}/plans/{plan['id']}")).status == 404


async def test_a_plan_whose_job_was_cancelled_has_failed(application: Application, owner: Client) -> None:
    """Within a minute, so that nobody waits for it for ever."""
    root = await application.user("root", is_admin=True)
    made = (await owner.post(f"{PROJECT}/plans", {})).json
    [job] = (await root.get("/api/v1/jobs?kind=retention.plan")).json["items"]
    assert (await root.post(f"/api/v1/jobs/{job['id']}:cancel", {})).status == 200
    await a_minute_passes(application)

    plan = (await owner.get(f"{PROJECT}/plans/{made['id']}")).json
    assert (plan["state"], "cancelled" in plan["reason"]) == ("failed", True)
    assert (await owner.post(f"{PROJECT}/plans/{made['id']}:run", {})).status == 409
