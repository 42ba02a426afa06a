# SPDX-License-Identifier: Apache-2.0
"""What others are told of break-glass access, and what stands above it."""

from typing import Any

import pytest

from entrepot.entry.meters import InstanceMeters
from entrepot.infra.telemetry.disks import Disks
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.break_glass import OPENINGS
from tests.builders.break_glass import REASON
from tests.builders.break_glass import break_glass
from tests.builders.break_glass import make_eligible
from tests.builders.guardrails import set_guardrail
from tests.builders.manifests import an_image_manifest

APP = "team/app"
IMAGE = an_image_manifest()

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, with a project."""
    root = await application.user("root", is_admin=True)
    await root.post("/api/v1/projects", {"name": "team"})
    return root


@pytest.fixture
async def bob(application: Application) -> Client:
    """Somebody who may do nothing until the glass is broken."""
    return await application.user("bob")


async def records(application: Application, root: Client, who: str) -> list[dict[str, Any]]:
    """Return what is recorded of somebody, oldest first."""
    await application.core.facts.flush()
    await application.settle()
    found: list[dict[str, Any]] = (await root.get(f"/api/v1/audit/records?limit=1000&principal={who}")).json["items"]
    return found[::-1]


async def test_everything_that_is_done_by_it_is_recorded_as_that(
    application: Application, root: Client, bob: Client
) -> None:
    """From the opening to the end: pushes, pulls, grants and new administrators; what others do meanwhile is not."""
    eligibility = await make_eligible(root, "bob", "SYSTEM", "administrator")
    await bob.post("/api/v1/tokens", {"name": "before"})
    await application.settle()
    opening = await break_glass(bob, eligibility)
    await bob.push_image(APP, IMAGE, "v1")
    await bob.get(f"/v2/{APP}/manifests/v1")
    await bob.post("/api/v1/users", {"name": "eve", "administrator": True})
    await bob.post("/api/v1/tokens", {"name": "during"})
    await root.post("/api/v1/groups", {"name": "others"})
    await bob.post(f"{OPENINGS}/{opening['id']}:end", {})

    found = await records(application, root, "user:bob")
    marked = [each["type"] for each in found if each["on_behalf_of"] == f"break-glass:{opening['id']}"]
    assert {"break-glass.opened", "break-glass.ended", "manifest.pushed", "tag.moved", "manifest.pulled"} <= {*marked}
    assert (marked.count("user.created"), marked.count("token.created")) == (1, 1)
    assert next(each["on_behalf_of"] for each in found if each["type"] == "token.created") == ""
    assert {each["on_behalf_of"] for each in await records(application, root, "user:root")} == {""}


async def test_the_record_of_it_says_who_what_until_when_and_why(
    application: Application, root: Client, bob: Client
) -> None:
    """Of each step, and of who was made eligible."""
    opening = await break_glass(bob, await make_eligible(root, "bob", "team/**", "admin"))
    where = f"{OPENINGS}/{opening['id']}"
    await bob.post(f"{where}:end", {})
    await root.post(f"{where}:acknowledge", {"comment": "nothing was changed"})

    told = [event for event in await application.events() if event.type.startswith("break-glass.")]
    kinds = ["eligibility-given", "opened", "ended", "acknowledged"]
    assert [event.type for event in told] == [f"break-glass.{kind}" for kind in kinds]
    assert [event.principal for event in told] == ["user:root", "user:bob", "user:bob", "user:root"]
    assert [event.reason for event in told] == ["", REASON, "", "nothing was changed"]
    assert {event.object for event in told[1:]} == {f"break-glass:{opening['id']}"}
    assert (told[1].project, told[1].after["role"], told[1].after["path_pattern"]) == ("team", "admin", "team/**")


async def test_it_is_measured(application: Application, root: Client, bob: Client) -> None:
    """How often the glass was broken, for how many it is, and what nobody has acknowledged."""
    opening = await break_glass(bob, await make_eligible(root, "bob", "team/**", "admin"))
    during = await measured(application)
    await bob.post(f"{OPENINGS}/{opening['id']}:end", {})
    ended = await measured(application)
    await root.post(f"{OPENINGS}/{opening['id']}:acknowledge", {"comment": "seen"})

    assert during == {"opened": 1, "open": 1, "unacknowledged": 1}
    assert ended == {"opened": 1, "open": 0, "unacknowledged": 1}
    assert await measured(application) == {"opened": 1, "open": 0, "unacknowledged": 0}


async def test_a_guardrail_about_second_factors_stands_above_it(root: Client, bob: Client) -> None:
    """Whoever broke the glass pushes and administers nothing without one, where people need it."""
    await set_guardrail(root, "factors", "second-factor", "team/**")
    await break_glass(bob, await make_eligible(root, "bob", "SYSTEM", "administrator"))
    changed = await bob.send_json("PATCH", "/api/v1/projects/team", {"visibility": "internal"})

    assert (changed.status, changed.json["code"]) == (403, "refused_by_guardrail")
    assert (await push(bob)).status == 403


async def test_a_guardrail_about_what_is_public_stands_above_it(root: Client, bob: Client) -> None:
    """Whoever broke the glass opens nothing, and grants nothing to everybody."""
    await set_guardrail(root, "closed", "no-public", "**")
    await break_glass(bob, await make_eligible(root, "bob", "SYSTEM", "administrator"))
    opened = await bob.send_json("PATCH", "/api/v1/projects/team", {"visibility": "public"})
    given = await bob.post("/api/v1/grants", {"principal": "anonymous", "path_pattern": "team/**", "role": "read"})

    assert [(each.status, each.json["code"]) for each in (opened, given)] == [(403, "refused_by_guardrail")] * 2


async def test_only_machines_push_where_a_guardrail_says_so(root: Client, bob: Client) -> None:
    """And `can-i` tells whoever broke the glass which one refuses it."""
    await set_guardrail(root, "only-ci", "push-by-machines", "team/**")
    await break_glass(bob, await make_eligible(root, "bob", "team/**", "admin"))
    asked = (await bob.get(f"/api/v1/access?action=push&repository={APP}")).json

    assert (await push(bob)).status == 403
    assert not asked["allowed"]
    assert "having broken the glass, but the guardrail only-ci lets only robots" in asked["because"]


async def push(client: Client) -> Any:
    """Begin to push."""
    return await client.send("POST", f"/v2/{APP}/blobs/uploads/")


async def measured(application: Application) -> dict[str, float]:
    """Return the metrics of break-glass access."""
    meters = InstanceMeters(application.instance, application.instance.health, Disks({}))
    found = {each.metric.name: each.values[0] for each in await meters.measure()}
    names = ("opened", "open", "unacknowledged")
    return {name: found[f"entrepot_break_glass_{name}"] for name in names}
