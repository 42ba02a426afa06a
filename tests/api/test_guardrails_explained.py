# SPDX-License-Identifier: Apache-2.0
"""What `can-i` says where a guardrail refuses what grants allow, and who may look at the guardrails of a project."""

from typing import Any

import pytest

from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.guardrails import GUARDRAILS
from tests.builders.guardrails import set_guardrail
from tests.builders.manifests import an_image_manifest

APP = "team/app"
TOMORROW = "2026-12-31T12:00:00Z"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, who pushed an image."""
    root = await application.user("root", is_admin=True)
    await root.push_image(APP, an_image_manifest(), "v1")
    return root


async def asked(client: Client, action: str, tag: str = "") -> Any:
    """Ask whether one may do something in the repository."""
    return (await client.get(f"/api/v1/access?action={action}&repository={APP}{f'&tag={tag}' if tag else ''}")).json


@pytest.mark.parametrize("action", ["push", "create", "tag", "sign", "delete"])
async def test_a_guardrail_that_refuses_is_named(root: Client, alice: Client, action: str) -> None:
    """With what it goes by, and the exception that would let just this through; pulling is none of it."""
    await set_guardrail(root, "only-ci", "push-by-machines", "team/**")
    told = await asked(alice, action)

    assert not told["allowed"]
    assert told["because"].startswith("alice has the role admin on team/**, but the guardrail only-ci lets only robots")
    assert told["grants"][0]["role"] == "admin"
    assert told["fix"] == (
        "entrepot guardrail exempt only-ci --principal user:alice --path team/app --reason WHY --until 12h"
    )
    assert (await asked(alice, "pull"))["allowed"]


async def test_an_exception_counts(root: Client, alice: Client) -> None:
    """And only for whom it is; what is asked is not counted as if it were done."""
    await set_guardrail(root, "only-ci", "push-by-machines", "team/**")
    await set_guardrail(root, "trial", "push-by-machines", "team/**", mode="simulate")
    wanted = {"principal": "user:alice", "reason": "moving", "expires_at": TOMORROW}
    await root.post(f"{GUARDRAILS}/only-ci/exceptions", wanted)

    assert (await asked(alice, "push"))["allowed"]
    assert not (await asked(root, "push"))["allowed"]
    assert (await root.get(f"{GUARDRAILS}/trial/simulated")).json["items"] == []


async def test_what_is_new_has_to_be_called_right(root: Client, alice: Client) -> None:
    """Of tags that are there nothing is said."""
    await set_guardrail(root, "names", "naming", "team/**", tags=["r*"])

    assert [(await asked(alice, "tag", tag))["allowed"] for tag in ("v1", "v2", "r1", "")] == [True, False, True, True]
    assert not (await asked(alice, "push", "v2"))["allowed"]


async def test_whoever_administers_is_told_what_they_cannot(root: Client, alice: Client) -> None:
    """That the project does not become public; and without a second factor, nothing at all."""
    await set_guardrail(root, "closed", "no-public", "team/**")
    public = await asked(alice, "admin")
    await set_guardrail(root, "factors", "second-factor", "team/**")
    unproven = await asked(alice, "manage-members")

    assert public["allowed"]
    assert "but the guardrail closed lets nothing in team/** be public" in public["because"]
    assert public["fix"] == "entrepot guardrail exempt closed --path 'team/**' --reason WHY --until 12h"
    assert not unproven["allowed"]
    assert "the guardrail factors lets people administer team/**" in unproven["because"]


async def test_who_administers_a_project_sees_its_guardrails(
    application: Application, root: Client, alice: Client
) -> None:
    """Those that are about something in it, even one that refuses them; nobody else in the project does."""
    reader, stranger = await application.user("reader", ("team/**", "maintain")), await application.user("stranger")
    await set_guardrail(root, "factors", "second-factor", "te*/**")
    await set_guardrail(root, "all", "no-public", "**", mode="simulate")
    await set_guardrail(root, "elsewhere", "no-public", "other/**")
    where = "/api/v1/projects/team/guardrails"

    assert [each["name"] for each in (await alice.get(where)).json["items"]] == ["all", "factors"]
    assert [(await client.get(where)).status for client in (root, reader, stranger)] == [200, 403, 404]


async def test_an_exception_ends_with_the_account(application: Application, root: Client) -> None:
    """Another robot of the same name has none, and that it is gone is told."""
    await set_guardrail(root, "only-ci", "push-by-machines", "team/**")
    await application.user("carol")
    robot = {"name": "ci", "project": "team", "role": "write"}
    await root.post("/api/v1/robots", robot)
    for principal in ("robot:team.ci", "user:carol", "user:alice"):
        wanted = {"principal": principal, "reason": "moving", "expires_at": TOMORROW}
        await root.post(f"{GUARDRAILS}/only-ci/exceptions", wanted)
    await root.send("DELETE", "/api/v1/robots/team.ci")
    await root.post("/api/v1/robots", robot)
    await root.send("DELETE", "/api/v1/users/carol")

    left = (await root.get(f"{GUARDRAILS}/only-ci/exceptions")).json["items"]
    told = [event for event in await application.events() if event.type == "guardrail.exception-taken"]
    assert [each["principal"] for each in left] == ["user:alice"]
    assert [event.before["principal"] for event in told] == ["robot:team.ci", "user:carol"]
