# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/guardrails`, and what each kind refuses on `/v2` and `/api`."""

from typing import Any

import pytest

from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.clock import system_clock
from tests.builders.access_rows import add_grant
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.guardrails import GUARDRAILS
from tests.builders.guardrails import a_robot
from tests.builders.guardrails import set_guardrail
from tests.builders.guardrails import set_up_second_factor
from tests.builders.manifests import an_image_manifest

APP = "team/app"
IMAGE = an_image_manifest()
NEXT = an_image_manifest(marker="next")
TOMORROW = rfc3339(after(system_clock(), DAY_MS))

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, who pushed an image into two projects."""
    root = await application.user("root", is_admin=True)
    for name in (APP, "other/app"):
        await root.push_image(name, IMAGE, "v1")
    await application.settle()
    return root


async def push(client: Client, name: str = APP, tag: str = "v2") -> Answer:
    """Push a manifest whose blobs are there, under a tag."""
    return await client.send("PUT", f"/v2/{name}/manifests/{tag}", NEXT.payload, ("content-type", NEXT.media_type))


async def changes(client: Client, name: str = APP) -> list[int]:
    """Begin an upload, push, tag what is there and delete a tag; return the statuses."""
    begun = await client.send("POST", f"/v2/{name}/blobs/uploads/")
    pushed = await push(client, name)
    restored = await client.post(f"/api/v1/repositories/{name}/-/tags/copy:restore", {"digest": IMAGE.digest})
    deleted = await client.send("DELETE", f"/v2/{name}/manifests/v1")
    return [begun.status, pushed.status, restored.status, deleted.status]


async def simulated(client: Client, name: str) -> list[dict[str, Any]]:
    """Return what a guardrail would have refused."""
    answer = await client.get(f"{GUARDRAILS}/{name}/simulated")
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json["items"]
    return found


async def test_only_machines_push(application: Application, root: Client, alice: Client) -> None:
    """Neither the administrator of the project nor one of the registry pushes, tags or deletes; a robot does."""
    robot = await a_robot(alice, "team", "admin")
    await set_guardrail(root, "only-ci", "push-by-machines", "team/**")

    assert await changes(alice) == [403, 403, 403, 403]
    assert await changes(root) == [403, 403, 403, 403]
    assert await changes(robot) == [202, 201, 200, 202]
    assert (await push(root, "other/app")).status == 201
    assert (await alice.get(f"/v2/{APP}/manifests/v2")).status == 200


async def test_a_refusal_names_the_guardrail_and_the_next_step(root: Client, alice: Client) -> None:
    """In one line, with the reason that was given last."""
    await set_guardrail(root, "only-ci", "push-by-machines", "team/**", reason="releases come from pipelines")
    (error,) = (await push(alice)).json["errors"]

    assert error["code"] == "DENIED"
    assert error["message"] == (
        "the guardrail only-ci lets only robots and workloads push to team/app: log in as a robot of the project, "
        "or ask an administrator of the registry for an exception (releases come from pipelines)"
    )


async def test_what_is_simulated_is_counted_and_not_refused(root: Client, alice: Client) -> None:
    """Who, what, where, how often: the manifest and the tag of each push, not its blobs."""
    await set_guardrail(root, "only-ci", "push-by-machines", "team/**", mode="simulate")
    assert await changes(alice) == [202, 201, 200, 202]
    await push(alice)

    listed = await simulated(root, "only-ci")
    found = {(each["action"], each["place"]): each["count"] for each in listed}
    assert {each["principal"] for each in listed} == {"user:alice"}
    assert found == {
        ("push", APP): 2,
        ("tag", f"{APP}:v2"): 2,
        ("tag", f"{APP}:copy"): 1,
        ("delete", f"{APP}:v1"): 1,
    }


async def test_an_exception_is_for_somebody_somewhere(application: Application, root: Client, alice: Client) -> None:
    """It counts at once, for nobody else and nowhere else, and no longer once it is taken back."""
    bob = await application.user("bob", ("team/**", "write"))
    await set_guardrail(root, "only-ci", "push-by-machines", "**")
    exceptions = f"{GUARDRAILS}/only-ci/exceptions"
    wanted = {"principal": "user:alice", "path_pattern": "team/**", "reason": "migration", "expires_at": TOMORROW}
    given = await root.post(exceptions, wanted)
    await application.database.write(_grant_on_other)

    assert given.status == 201
    assert [(await push(client)).status for client in (alice, bob)] == [201, 403]
    assert (await push(alice, "other/app")).status == 403
    assert [each["id"] for each in (await root.get(exceptions)).json["items"]] == [given.json["id"]]
    assert (await root.send("DELETE", f"{exceptions}/{given.json['id']}")).status == 204
    assert (await push(alice, tag="v3")).status == 403


def _grant_on_other(connection: Any) -> None:
    add_grant(connection, "user:alice", "other/**", "write")


@pytest.mark.parametrize(
    "wanted",
    [
        {"reason": "", "expires_at": TOMORROW},
        {"reason": "for ever", "expires_at": rfc3339(after(system_clock(), 91 * DAY_MS))},
        {"reason": "over", "expires_at": rfc3339(after(system_clock(), -DAY_MS))},
        {"reason": "whom", "expires_at": TOMORROW, "principal": "group:everybody"},
        {"reason": "where", "expires_at": TOMORROW, "path_pattern": "Team"},
        {"reason": "never ends"},
    ],
)
async def test_an_exception_has_a_reason_and_an_end(root: Client, wanted: dict[str, str]) -> None:
    """Ninety days from now at the latest, for one account, robot or workload."""
    await set_guardrail(root, "only-ci", "push-by-machines", "**")

    assert (await root.post(f"{GUARDRAILS}/only-ci/exceptions", wanted)).status in (400, 422)


async def test_new_repositories_are_called_as_the_pattern_says(root: Client, alice: Client) -> None:
    """What is there under another name goes on; a refused push leaves no repository."""
    await set_guardrail(root, "names", "naming", "team/**", repositories=["team/*-svc", "team/lib/**"])

    statuses = [
        (await alice.send("POST", f"/v2/{name}/blobs/uploads/")).status
        for name in ("team/pay-svc", "team/lib/a", "team/other", APP)
    ]

    assert statuses == [202, 202, 403, 202]
    assert (await push(alice)).status == 201
    assert (await alice.get("/v2/team/other/tags/list")).status == 404


async def test_new_tags_are_called_as_the_pattern_says(root: Client, alice: Client) -> None:
    """A tag that is there may be moved and deleted, and tags derived from a digest are none of its business."""
    await alice.push(APP, IMAGE, "odd")
    await set_guardrail(root, "tags", "naming", "team/**", tags=["v*"])

    assert [(await push(alice, tag=tag)).status for tag in ("v2", "latest", "odd")] == [201, 403, 201]
    assert (await push(alice, tag=f"sha256-{'0' * 64}.sig")).status == 201
    assert (await alice.send("DELETE", f"/v2/{APP}/manifests/odd")).status == 202


async def test_people_need_a_second_factor(application: Application, root: Client, alice: Client) -> None:
    """To push, delete and administer; whoever has one, and robots, need nothing else."""
    robot = await a_robot(alice, "team", "admin")
    await set_guardrail(root, "factors", "second-factor", "team/**")
    members, grant = "/api/v1/projects/team/members/user:root", {"principal": "root", "path_pattern": "**"}

    assert await changes(alice) == [403, 403, 403, 403]
    assert (await alice.send_json("PUT", members, {"role": "read"})).status == 403
    assert (await root.send_json("PATCH", "/api/v1/projects/team", {"visibility": "internal"})).status == 403
    assert (await root.post("/api/v1/grants", {**grant, "role": "read"})).status == 403
    assert await changes(robot) == [202, 201, 200, 202]


async def test_a_token_of_somebody_with_a_second_factor_is_enough(
    application: Application, root: Client, alice: Client
) -> None:
    """Such an account cannot log in without it, so whatever it logs in with counts."""
    made = await alice.post("/api/v1/tokens", {"name": "laptop"})
    await set_guardrail(root, "factors", "second-factor", "team/**")
    token = Client(alice.server, (("authorization", f"Bearer {made.json['secret']}"),))
    before = (await push(token)).status
    await application.database.write(set_up_second_factor, "alice")

    assert before == 403
    assert (await push(token)).status == 201


async def test_guardrails_are_set_by_administrators(root: Client, alice: Client) -> None:
    """Who administers a project sees none of it, and cannot exempt itself."""
    await set_guardrail(root, "only-ci", "push-by-machines", "team/**")
    wanted = {"reason": "I want to", "expires_at": TOMORROW}

    assert (await alice.get(GUARDRAILS)).status == 403
    assert (await alice.post(f"{GUARDRAILS}/only-ci/exceptions", wanted)).status == 403
    assert (await alice.send("DELETE", f"{GUARDRAILS}/only-ci")).status == 403
    assert (await alice.send_json("PATCH", f"{GUARDRAILS}/only-ci", {"mode": "simulate"})).status == 403


async def test_a_guardrail_is_listed_changed_and_deleted(root: Client, alice: Client) -> None:
    """What changes counts at once in the process that answers."""
    await set_guardrail(root, "only-ci", "push-by-machines", "team/**", mode="simulate")
    changed = await root.send_json("PATCH", f"{GUARDRAILS}/only-ci", {"mode": "enforce"})
    refused = (await push(alice)).status

    assert changed.json["guardrail"]["mode"] == "enforce"
    assert [each["name"] for each in (await root.get(GUARDRAILS)).json["items"]] == ["only-ci"]
    assert (await root.send("DELETE", f"{GUARDRAILS}/only-ci")).status == 204
    assert (await root.get(f"{GUARDRAILS}/only-ci")).status == 404
    assert (refused, (await push(alice)).status) == (403, 201)


@pytest.mark.parametrize(
    "wanted",
    [
        {"kind": "naming"},
        {"kind": "no-public", "tags": ["v*"]},
        {"kind": "naming", "tags": ["v*"], "includes_internal": True},
        {"kind": "naming", "tags": ["a/b"]},
        {"kind": "naming", "repositories": ["team/**/x"]},
        {"kind": "no-public", "path_pattern": "Team/**"},
        {"kind": "no-push"},
        {"kind": "no-public", "name": "Nothing public"},
    ],
)
async def test_what_makes_no_sense_is_refused(root: Client, wanted: dict[str, object]) -> None:
    """Patterns that match nothing, and options of another kind."""
    answer = await root.post(GUARDRAILS, {"name": "one", "path_pattern": "**", "mode": "enforce", **wanted})

    assert answer.status in (400, 422)
    assert (await root.get(GUARDRAILS)).json["items"] == []


async def test_every_change_is_announced(application: Application, root: Client) -> None:
    """With what was before and what is now, and who did it."""
    await set_guardrail(root, "only-ci", "push-by-machines", "team/**", mode="simulate")
    await root.send_json("PATCH", f"{GUARDRAILS}/only-ci", {"mode": "enforce"})
    await root.send_json("PATCH", f"{GUARDRAILS}/only-ci", {"mode": "enforce"})
    given = await root.post(f"{GUARDRAILS}/only-ci/exceptions", {"reason": "moving", "expires_at": TOMORROW})
    await root.send("DELETE", f"{GUARDRAILS}/only-ci/exceptions/{given.json['id']}")
    await root.send("DELETE", f"{GUARDRAILS}/only-ci")

    told = [event for event in await application.events() if event.type.startswith("guardrail.")]

    kinds = ["created", "changed", "exception-given", "exception-taken", "deleted"]
    assert [event.type for event in told] == [f"guardrail.{kind}" for kind in kinds]
    assert {(event.object, event.project, event.principal) for event in told} == {
        ("guardrail:only-ci", "team", "user:root")
    }
    assert (told[1].before["mode"], told[1].after["mode"]) == ("simulate", "enforce")
