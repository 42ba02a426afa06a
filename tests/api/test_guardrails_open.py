# SPDX-License-Identifier: Apache-2.0
"""Guardrails of the kind `no-public`, and what violates guardrails of every kind already."""

import pytest

from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.clock import system_clock
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.guardrails import GUARDRAILS
from tests.builders.guardrails import set_guardrail
from tests.builders.manifests import an_image_manifest

APP = "team/app"
IMAGE = an_image_manifest()
TOMORROW = rfc3339(after(system_clock(), DAY_MS))
NEXT_WEEK = rfc3339(after(system_clock(), 7 * DAY_MS))

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, who pushed an image into the projects `team` and `other`."""
    root = await application.user("root", is_admin=True)
    for name in (APP, "other/app"):
        await root.push_image(name, IMAGE, "v1")
    await application.settle()
    return root


async def show_to(client: Client, visibility: str, project: str = "team") -> Answer:
    """Change the visibility of a project."""
    return await client.send_json("PATCH", f"/api/v1/projects/{project}", {"visibility": visibility})


async def grant(client: Client, principal: str, path_pattern: str, **terms: str) -> Answer:
    """Grant the role `read`."""
    wanted = {"principal": principal, "path_pattern": path_pattern, "role": "read", **terms}
    return await client.post("/api/v1/grants", wanted)


@pytest.mark.parametrize("pattern", ["team/**", "te*/**", "team/app", "**"])
async def test_no_project_becomes_public(root: Client, alice: Client, pattern: str) -> None:
    """Whoever asks, even where only a part of the project is meant; internal it may be, and others are free."""
    await set_guardrail(root, "closed", "no-public", pattern)

    assert [(await show_to(client, "public")).status for client in (alice, root)] == [403, 403]
    assert (await show_to(alice, "internal")).status == 200
    assert (await show_to(root, "public", "other")).status == (403 if pattern == "**" else 200)


async def test_no_public_project_is_made(root: Client) -> None:
    """The refusal names the guardrail, and nothing was made."""
    await set_guardrail(root, "closed", "no-public", "new-*/**")
    answer = await root.post("/api/v1/projects", {"name": "new-one", "visibility": "public"})

    assert (answer.status, answer.json["code"]) == (403, "refused_by_guardrail")
    assert "the guardrail closed lets nothing in new-*/** be public" in answer.json["detail"]
    assert (await root.post("/api/v1/projects", {"name": "new-one"})).status == 201


@pytest.mark.parametrize(
    ("principal", "path_pattern", "expected"),
    [
        ("anonymous", "team/**", 403),
        ("anonymous", "**", 403),
        ("anonymous", "*/app", 403),
        ("anonymous", "other/**", 201),
        ("everyone", "team/**", 201),
        ("alice", "team/**", 201),
    ],
)
async def test_nothing_is_granted_to_anonymous(
    root: Client, alice: Client, principal: str, path_pattern: str, expected: int
) -> None:
    """On nothing that has a name in common with what is kept closed."""
    await set_guardrail(root, "closed", "no-public", "team/**")

    assert (await grant(root, principal, path_pattern)).status == expected


async def test_members_are_granted_to_nobody_either(root: Client, alice: Client) -> None:
    """A project's own administrator cannot make everybody a member of it."""
    await set_guardrail(root, "closed", "no-public", "team/**", includes_internal=True)
    members = "/api/v1/projects/team/members"

    for principal in ("anonymous", "everyone"):
        assert (await alice.send_json("PUT", f"{members}/{principal}", {"role": "read"})).status == 403
    assert (await show_to(alice, "internal")).status == 403
    assert (await alice.send_json("PUT", f"{members}/root", {"role": "read"})).status == 200


async def test_what_is_public_counts_as_private_at_once(application: Application, root: Client, alice: Client) -> None:
    """For pulls and lists; it stays public in the settings, and is open again when the guardrail goes."""
    bob, nobody = await application.user("bob"), application.anonymous()
    await show_to(alice, "public")
    before = [(await client.get(f"/v2/{APP}/manifests/v1")).status for client in (bob, alice)]
    await set_guardrail(root, "closed", "no-public", "team/app")

    assert before == [200, 200]
    assert [(await client.get(f"/v2/{APP}/manifests/v1")).status for client in (bob, alice)] == [404, 200]
    assert (await nobody.get(f"/v2/{APP}/manifests/v1")).status == 401
    assert (await bob.get("/api/v1/projects")).json["items"] == []
    assert (await bob.get("/api/v1/repositories")).json["items"] == []
    await root.send("DELETE", f"{GUARDRAILS}/closed")
    assert (await bob.get(f"/v2/{APP}/manifests/v1")).status == 200


async def test_internal_projects_stay_so_unless_they_are_meant_too(
    application: Application, root: Client, alice: Client
) -> None:
    """With `includes_internal` they count as private as well."""
    bob = await application.user("bob")
    await show_to(alice, "internal")
    await set_guardrail(root, "closed", "no-public", "**")
    seen = [each["name"] for each in (await bob.get("/api/v1/repositories")).json["items"]]
    await set_guardrail(root, "inside-too", "no-public", "**", includes_internal=True)

    assert seen == [APP]
    assert (await bob.get("/api/v1/repositories")).json["items"] == []


async def test_simulating_closes_nothing(application: Application, root: Client, alice: Client) -> None:
    """What would be refused is counted."""
    await set_guardrail(root, "closed", "no-public", "team/**", mode="simulate")
    statuses = [(await show_to(alice, "public")).status, (await grant(root, "anonymous", "team/**")).status]

    found = (await root.get(f"{GUARDRAILS}/closed/simulated")).json["items"]

    assert statuses == [200, 201]
    assert (await application.anonymous().get(f"/api/v1/repositories/{APP}/-/tags")).status == 200
    assert {(each["principal"], each["action"], each["place"]) for each in found} == {
        ("user:alice", "open", "team"),
        ("user:root", "grant", "team/**"),
    }


async def test_an_exception_opens_a_project_until_it_ends(root: Client, alice: Client) -> None:
    """What is granted to anonymous by an exception ends no later than it does, and none is for one person."""
    await set_guardrail(root, "closed", "no-public", "**")
    exceptions = f"{GUARDRAILS}/closed/exceptions"
    wanted = {"path_pattern": "team/**", "reason": "a workshop", "expires_at": TOMORROW}
    personal = await root.post(exceptions, {**wanted, "principal": "user:alice"})
    given = await root.post(exceptions, wanted)

    assert (personal.status, given.status) == (400, 201)
    assert (await show_to(alice, "public")).status == 200
    assert (await show_to(root, "public", "other")).status == 403
    ends: list[dict[str, str]] = [{}, {"expires_at": NEXT_WEEK}, {"expires_at": TOMORROW}]
    granted = [await grant(root, "anonymous", "team/**", **end) for end in ends]
    assert [each.status for each in granted] == [403, 403, 201]


async def test_what_is_there_is_told_and_stays(application: Application, root: Client, alice: Client) -> None:
    """Before a guardrail is set, when it is, and whenever somebody asks."""
    await show_to(root, "public", "other")
    await grant(root, "anonymous", "*/app")
    terms = {"kind": "no-public", "path_pattern": "**"}
    previewed = (await root.post(f"{GUARDRAILS}:preview", terms)).json
    made = await set_guardrail(root, "closed", "no-public", "**")

    assert previewed["items"] == [
        {"object": "project:other", "what": "is public"},
        {"object": "anonymous:anonymous", "what": "has the role read on */app"},
    ]
    assert previewed["is_complete"] is True
    assert made.json["violations"] == previewed
    assert (await root.get(f"{GUARDRAILS}/closed/violations")).json == previewed
    assert (await root.get("/api/v1/projects/other")).json["visibility"] == "public"


async def test_each_kind_tells_what_violates_it(application: Application, root: Client, alice: Client) -> None:
    """People who may push; people without a second factor; repositories with another name. Exceptions do not."""
    await application.user("carol", ("team/**", "read"))
    kinds: list[dict[str, object]] = [
        {"kind": "push-by-machines"},
        {"kind": "second-factor"},
        {"kind": "naming", "repositories": ["team/*-svc"]},
    ]
    found = [
        (await root.post(f"{GUARDRAILS}:preview", {"path_pattern": "team/**", **kind})).json["items"] for kind in kinds
    ]
    held = "has the role admin on team/**"

    assert found == [
        [{"object": "user:alice", "what": held}],
        [{"object": "user:alice", "what": f"has no second factor, and {held}"}],
        [{"object": f"repository:{APP}", "what": "is called otherwise"}],
    ]
    await set_guardrail(root, "only-ci", "push-by-machines", "team/**")
    await root.post(f"{GUARDRAILS}/only-ci/exceptions", {"reason": "moving", "expires_at": TOMORROW})
    assert (await root.get(f"{GUARDRAILS}/only-ci/violations")).json["items"] == []
