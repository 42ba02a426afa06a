# SPDX-License-Identifier: Apache-2.0
"""Ways from a little right to more: names that look alike, names that were somebody else's, and rights in circles."""

import pytest

from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.clock import system_clock
from tests.attacks.people import a_user
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.guardrails import GUARDRAILS
from tests.builders.logins import basic
from tests.builders.manifests import an_image_manifest

IMAGE = an_image_manifest()
SOON = rfc3339(after(system_clock(), DAY_MS))

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """The administrator of the registry, where there are projects whose names begin alike."""
    root = await a_user(application, "root", is_admin=True)
    for name in ("team/app", "team-b/app", "team/app-b", "team.b/app", "other/app"):
        await root.push_image(name, IMAGE, "v1")
    return root


async def grant(root: Client, principal: str, path_pattern: str, role: str, **terms: object) -> None:
    """Let the administrator give a role."""
    answer = await root.post(
        "/api/v1/grants", {"principal": principal, "path_pattern": path_pattern, "role": role, **terms}
    )
    assert answer.status in (200, 201), answer.body


BEYOND = {
    "team/**": ["team-b/app", "team.b/app", "other/app"],
    "team/app": ["team/app-b", "team-b/app"],
    "team/app/**": ["team/app-b", "team-b/app"],
    "team/*": ["team-b/app", "team.b/app"],
    "t*/app": ["team/app-b"],
    "*": ["team/app", "team-b/app"],
}


@pytest.mark.parametrize("pattern", BEYOND)
async def test_a_right_ends_where_its_pattern_does(pattern: str, application: Application, root: Client) -> None:
    """A name that begins or ends alike is another one, for reading, writing and deleting."""
    name = f"near{list(BEYOND).index(pattern)}"
    somebody = await a_user(application, name)
    await grant(root, name, pattern, "admin")

    for repository in BEYOND[pattern]:
        read = await somebody.get(f"/v2/{repository}/manifests/v1")
        begun = await somebody.send("POST", f"/v2/{repository}/blobs/uploads/")
        deleted = await somebody.send("DELETE", f"/v2/{repository}/manifests/v1")
        assert (read.status, begun.status, deleted.status) == (404, 403, 403), repository


DISGUISED = [
    "team/../other/app",
    "team/%2e%2e/other/app",
    "team%2f..%2fother%2fapp",
    "team/..%2f..%2fother/app",
    "team/.%00/../other/app",
    "team//app/../../other/app",
    "TEAM/app",
    "Other/app",
    "other%2fapp",
    "other%252fapp",
    "other\\app",
    "other%5capp",
    "%EF%BD%8Fther/app",
    "other/app%00",
    "other/app%20",
    "other/app%0a",
    "other/app;x=team",
    "./other/app",
    "team/app/manifests/v1/../../../../other/app",
]


@pytest.mark.parametrize("path", DISGUISED)
async def test_a_disguised_path_opens_nothing(path: str, application: Application, root: Client) -> None:
    """Whoever may do everything below `team` gets nowhere else by dots, slashes, case or letters that look alike."""
    assert (await root.get("/v2/other/app/manifests/v1")).status == 200
    alice = await a_user(application, "alice", ("team/**", "admin"))

    for target in (f"/v2/{path}/manifests/v1", f"/v2/{path}/tags/list", f"/api/v1/repositories/{path}/-/tags"):
        assert (await alice.get(target)).status in (400, 404), target
        assert (await alice.send("DELETE", target)).status in (400, 403, 404, 405), target


WIDER = ["**", "*/**", "t*/**", "team*/**", "te*m/**", "*/app", "team-b/**", "other/**", "SYSTEM", "team"]


@pytest.mark.parametrize("pattern", WIDER)
async def test_a_manager_of_a_project_grants_no_wider_pattern(
    pattern: str, application: Application, root: Client
) -> None:
    """One that overlaps with the project and reaches beyond it is refused, whatever the role."""
    assert (await root.get("/v2/")).status == 200
    manager = await a_user(application, "manager", ("team/*", "admin"), ("team/app/**", "admin"))

    for role in ("view", "administrator" if pattern == "SYSTEM" else "admin"):
        wanted = {"principal": "user:manager", "path_pattern": pattern, "role": role}
        assert (await manager.post("/api/v1/grants", wanted)).status in (400, 401, 403), role


async def test_a_group_gives_itself_nothing(application: Application, root: Client) -> None:
    """Whoever manages members by a group cannot raise the group, nor grant to it what the group lacks."""
    await a_user(application, "inside")
    await root.post("/api/v1/groups", {"name": "managers"})
    await root.send("PUT", "/api/v1/groups/managers/members/inside")
    await root.post("/api/v1/roles", {"name": "door-keeper", "actions": ["read", "manage-members"]})
    await grant(root, "group:managers", "team/**", "door-keeper")
    inside = await a_user(application, "inside")

    for role in ("write", "maintain", "admin"):
        wanted = {"principal": "group:managers", "path_pattern": "team/**", "role": role}
        assert (await inside.post("/api/v1/grants", wanted)).status == 403, role
    allowed = {"principal": "group:managers", "path_pattern": "team/**", "role": "view"}
    assert (await inside.post("/api/v1/grants", allowed)).status == 201


async def test_a_role_that_was_widened_widens_no_grant_of_a_manager(application: Application, root: Client) -> None:
    """A custom role grows by the registry's administrator only; who could give it once cannot once it allows more."""
    await root.post("/api/v1/roles", {"name": "growing", "actions": ["pull"]})
    await root.post("/api/v1/roles", {"name": "keeper", "actions": ["pull", "manage-members"]})
    keeper = await a_user(application, "keeper")
    await grant(root, "keeper", "team/**", "keeper")
    wanted = {"principal": "user:keeper", "path_pattern": "team/**", "role": "growing"}
    first = await keeper.post("/api/v1/grants", wanted)
    widened = {"actions": ["pull", "push", "delete"]}

    by_keeper = await keeper.send_json("PUT", "/api/v1/roles/growing", widened)
    by_root = await root.send_json("PUT", "/api/v1/roles/growing", widened)
    later = await keeper.post("/api/v1/grants", wanted | {"principal": "anonymous"})

    assert (first.status, by_keeper.status, by_root.status, later.status) == (201, 403, 200, 403)


async def test_a_time_box_is_not_outlasted(application: Application, root: Client) -> None:
    """Rights that end give none that stay: not to oneself, not to others, not by a robot, not by renewing."""
    guest = await a_user(application, "guest")
    await grant(root, "guest", "team/**", "admin", expires_at=SOON)
    terms = {"path_pattern": "team/**", "role": "admin"}

    for body in ({"principal": "user:guest", **terms}, {"principal": "user:alice", **terms}):
        assert (await guest.post("/api/v1/grants", body)).status == 403
    member = await guest.send_json("PUT", "/api/v1/projects/team/members/guest", {"role": "admin"})
    robot = await guest.post("/api/v1/robots", {"name": "stays", "project": "team", "role": "admin"})

    assert (member.status, robot.status) == (403, 403)


async def test_a_new_robot_is_no_exception_for_the_former_one(application: Application, root: Client) -> None:
    """An exception from a guardrail was for the robot that is gone, not for whoever makes one of its name."""
    alice = await a_user(application, "alice", ("team/**", "admin"))
    robot = {"name": "exempt", "project": "team", "role": "write"}
    wanted = {"name": "none-pushes", "kind": "second-factor", "path_pattern": "team/**", "mode": "simulate"}
    assert (await root.post(GUARDRAILS, wanted)).status == 201
    assert (await alice.post("/api/v1/robots", robot)).status == 201
    exception = {"principal": "robot:team.exempt", "reason": "the build", "expires_at": SOON}
    assert (await root.post(f"{GUARDRAILS}/none-pushes/exceptions", exception)).status == 201

    deleted = await alice.send("DELETE", "/api/v1/robots/team.exempt")
    made = await alice.post("/api/v1/robots", robot)

    assert (deleted.status, made.status) == (204, 201)
    assert (await root.get(f"{GUARDRAILS}/none-pushes/exceptions")).json["items"] == []


async def test_an_invitation_gives_nothing_that_was_made_since(application: Application, root: Client) -> None:
    """A group and a role that took the name of what was offered are others."""
    await root.post("/api/v1/groups", {"name": "builders"})
    await root.post("/api/v1/roles", {"name": "builder", "actions": ["pull"]})
    offer = {
        "label": "bob",
        "user_name": "invited",
        "groups": ["builders"],
        "grants": [{"path_pattern": "other/**", "role": "builder"}],
    }
    link = (await root.post("/api/v1/invitations", offer)).json["link"]
    for target, body in (
        ("groups", {"name": "builders"}),
        ("roles", {"name": "builder", "actions": ["pull", "push", "delete"]}),
    ):
        assert (await root.send("DELETE", f"/api/v1/{target}/{body['name']}")).status == 204
        assert (await root.post(f"/api/v1/{target}", body)).status == 201

    accepted = {"secret": link.rpartition("#invitation=")[2], "password": "a long enough password"}
    answer = await application.anonymous().post("/api/v1/invitations:accept", accepted)

    assert answer.status == 201, answer.body
    assert (await root.get("/api/v1/grants?principal=user:invited")).json["items"] == []
    assert (await root.get("/api/v1/groups/builders/members")).json["items"] == []


async def test_a_robot_does_not_outlast_who_made_its_secret(application: Application, root: Client) -> None:
    """Who administers a project for a day gets no secret for a year by letting the robot make it."""
    robot = {"name": "lasting", "project": "team", "role": "write", "never_expires": True}
    assert (await root.post("/api/v1/robots", robot)).status == 201
    visitor = await a_user(application, "visitor")
    await grant(root, "visitor", "team/**", "admin", expires_at=rfc3339(after(system_clock(), 2 * DAY_MS)))
    rotate = "/api/v1/robots/team.lasting:rotate"
    secret = (await visitor.post(rotate, {"expires_in_days": 1})).json["secret"]
    own = basic(application, "team.lasting", secret)

    for_long = await own.post(rotate, {"expires_in_days": 365})
    for_short = await own.post(rotate, {"expires_in_days": 1})
    again = await basic(application, "team.lasting", for_short.json["secret"]).post(rotate, {"expires_in_days": 30})

    assert (for_long.status, for_short.status, again.status) == (403, 200, 403)


async def test_a_robot_renews_nothing_for_who_is_gone(application: Application, root: Client) -> None:
    """Whoever lost the rights, or the account, has no use of a secret beyond its end; under a new name they go on."""
    assert (await root.post("/api/v1/robots", {"name": "left", "project": "team", "role": "write"})).status == 201
    leaver = await a_user(application, "leaver", ("team/**", "admin"))
    rotate = "/api/v1/robots/team.left:rotate"
    own = basic(application, "team.left", (await leaver.post(rotate, {})).json["secret"])
    await root.post("/api/v1/users/leaver:rename", {"name": "renamed"})
    renamed = await own.post(rotate, {})
    own = basic(application, "team.left", renamed.json["secret"])

    await root.send_json("PATCH", "/api/v1/users/renamed", {"disabled": True})

    assert (renamed.status, (await own.post(rotate, {})).status, (await own.get("/v2/")).status) == (200, 403, 200)
