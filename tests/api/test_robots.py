# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/robots`, and what robots may do."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import Connection

from entrepot.features.projects import ProjectName
from entrepot.features.robots import store
from entrepot.features.robots.models import Robot
from entrepot.features.robots.models import RobotName
from entrepot.features.robots.service import MAX_PER_PROJECT
from entrepot.kernel.clock import Milliseconds
from entrepot.oci.digest import digest_of
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.logins import basic
from tests.builders.logins import bearer
from tests.builders.logins import fetched
from tests.builders.manifests import an_image_manifest

ROBOTS = "/api/v1/robots"
LASTING = {"tag_pattern": "", "expires_at": None}
CI = f"{ROBOTS}/team.ci"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, who has made the projects `team` and `other`."""
    root = await application.user("root", is_admin=True)
    for name in ("team", "other"):
        assert (await root.post("/api/v1/projects", {"name": name})).status == 201
    return root


@pytest.fixture
async def alice(root: Client, alice: Client) -> Client:
    """An administrator of the project `team`, which exists."""
    return alice


async def create(client: Client, role: str = "write", **more: object) -> dict[str, Any]:
    """Create a robot and return the answer, with its secret."""
    answer = await client.post(ROBOTS, {"name": "ci", "project": "team", "role": role, **more})
    assert answer.status == 201, answer.body
    return dict(answer.json)


async def test_a_robot_is_created_with_a_line_to_log_in_with(application: Application, alice: Client) -> None:
    """The answer, which no cache keeps, holds its login name, its secret and a line for a shell."""
    wanted = {"name": "ci", "project": "team", "role": "write"}
    client = Client(application.server, (*alice.headers, ("host", "registry.test:5000")))
    answer = await client.post(ROBOTS, wanted)
    made = answer.json
    shown = await alice.get(CI)

    login = f"echo {made['secret']} | docker login registry.test:5000 --username team.ci --password-stdin"
    assert (made["name"], made["login"], answer.header("location")) == ("team.ci", login, CI)
    assert answer.header("cache-control") == "no-store"
    assert made["secret"] not in shown.body.decode()
    assert shown.json["grants"] == [{"path_pattern": "team/**", "role": "write", **LASTING}]
    assert (shown.json["enabled"], shown.json["created_by"]) == (True, "user:alice")
    assert shown.json["secret"]["expires_at"] == made["expires_at"]


async def test_an_odd_host_is_not_repeated(application: Application, alice: Client) -> None:
    """What a client calls this registry gets into a line for a shell only if it is an address."""
    client = Client(application.server, (*alice.headers, ("host", "$(reboot)")))

    assert "docker login REGISTRY --username" in (await create(client))["login"]


@pytest.mark.parametrize(
    ("role", "statuses"), [("read", [200, 403, 403]), ("write", [200, 201, 403]), ("admin", [200, 201, 202])]
)
async def test_a_robot_may_do_what_its_role_says(
    application: Application, alice: Client, role: str, statuses: list[int]
) -> None:
    """It pulls, pushes and deletes in its project as its role allows."""
    digest = await alice.push_image("team/app", an_image_manifest(), "1.0")
    robot = basic(application, "team.ci", (await create(alice, role))["secret"])

    answers = [
        await robot.get("/v2/team/app/manifests/1.0"),
        await robot.send("POST", f"/v2/team/app/blobs/uploads/?digest={digest_of(b'new')}", b"new"),
        await robot.send("DELETE", f"/v2/team/app/manifests/{digest}"),
    ]

    assert [answer.status for answer in answers] == statuses


async def test_a_robot_logs_in_everywhere(application: Application, alice: Client) -> None:
    """With Basic, with Bearer, and with a registry token, by GET and by a form."""
    secret = (await create(alice))["secret"]
    await alice.push_image("team/app", an_image_manifest(), "1.0")
    robot = basic(application, "team.ci", secret)
    form = f"grant_type=password&username=team.ci&password={secret}&scope=repository:team/app:pull"
    answer = await application.anonymous().send(
        "POST", "/auth/token", form.encode(), ("content-type", "application/x-www-form-urlencoded")
    )
    ways = [robot, bearer(application, secret), bearer(application, answer.json["token"])]
    ways.append(await fetched(application, robot, "repository:team/app:pull"))

    assert [(await client.get("/v2/team/app/manifests/1.0")).status for client in ways] == [200] * 4
    assert (await robot.get("/v2/other/app/manifests/1.0")).status == 404


@pytest.mark.parametrize("name", ["", "-x", "x-", "a.b", "A", "a$b", "a+b", "a b", "a/b", "x" * 65])
async def test_names_are_safe_and_have_no_dot(alice: Client, name: str) -> None:
    """The last dot ends the project, so no robot of one project can have the name of a robot of another."""
    answer = await alice.post(ROBOTS, {"name": name, "project": "team", "role": "read"})

    assert (answer.status, answer.json["code"]) == (400, "invalid_robot_name")


@pytest.mark.parametrize(
    "more",
    [
        {"role": "owner"},
        {"expires_in_days": 0},
        {"expires_in_days": 366},
        {"expires_in_days": 1, "never_expires": True},
        {"grants": []},
        {"project": "Team"},
        {"project": "team/app"},
    ],
)
async def test_a_request_that_is_not_understood_is_refused(alice: Client, more: dict[str, object]) -> None:
    """Unknown roles and fields, and lifetimes out of bounds or in two minds are bad requests."""
    answer = await alice.post(ROBOTS, {"name": "ci", "project": "team", "role": "read", **more})

    assert answer.status == 400


async def test_a_secret_lasts_for_ever_only_when_asked(alice: Client) -> None:
    """Otherwise it is good for 90 days."""
    limited = await create(alice)
    unlimited = await alice.post(f"{CI}:rotate", {"never_expires": True})

    assert limited["expires_at"] is not None
    assert unlimited.json["expires_at"] is None
    assert (await alice.get(CI)).json["secret"]["expires_at"] is None


async def test_rotating_ends_the_old_secret(application: Application, alice: Client) -> None:
    """At once, unless an overlap is asked for: then both are good for a while."""
    first = (await create(alice))["secret"]
    second = (await alice.post(f"{CI}:rotate", {"overlap_minutes": 60})).json["secret"]
    during = [(await basic(application, "team.ci", secret).get("/v2/")).status for secret in (first, second)]
    third = (await alice.send("POST", f"{CI}:rotate")).json["secret"]
    after = [await basic(application, "team.ci", secret).get("/v2/") for secret in (first, second, third)]

    assert during == [200, 200]
    assert [answer.status for answer in after] == [401, 401, 200]
    assert "robots/team.ci:rotate" in after[0].body.decode()


async def test_a_robot_rotates_itself(application: Application, alice: Client) -> None:
    """It sees itself and gives itself a new secret, but neither one for ever nor one to another robot."""
    robot = basic(application, "team.ci", (await create(alice))["secret"])
    await alice.post(ROBOTS, {"name": "cd", "project": "team", "role": "read"})
    refused = [await robot.post(f"{CI}:rotate", {"never_expires": True})]
    refused.append(await robot.send("POST", f"{ROBOTS}/team.cd:rotate"))
    shown = await robot.get(CI)
    rotated = await robot.send("POST", f"{CI}:rotate")

    assert [answer.status for answer in refused] == [403, 403]
    assert (shown.status, rotated.status) == (200, 200)
    assert (await basic(application, "team.ci", rotated.json["secret"]).get("/v2/")).status == 200


async def test_a_secret_that_was_replaced_replaces_no_other(application: Application, alice: Client) -> None:
    """While it is still good, it lets the robot in, and neither ends the newer one nor gets another."""
    first = (await create(alice))["secret"]
    second = (await alice.post(f"{CI}:rotate", {"overlap_minutes": 60})).json["secret"]
    old, new = (basic(application, "team.ci", secret) for secret in (first, second))
    refused = await old.send("POST", f"{CI}:rotate")

    assert (refused.status, refused.json["code"]) == (403, "secret_replaced")
    assert [(await client.get("/v2/")).status for client in (old, new)] == [200, 200]
    assert (await new.send("POST", f"{CI}:rotate")).status == 200


async def test_a_robot_made_while_its_project_is_deleted_goes_with_it(
    application: Application, root: Client, alice: Client
) -> None:
    """Whichever comes first, nothing is left that another project of the name would take over."""
    wanted = {"name": "ci", "project": "team", "role": "admin"}
    deleted, made = await asyncio.gather(root.send("DELETE", "/api/v1/projects/team"), alice.post(ROBOTS, wanted))

    assert (deleted.status, made.status in (201, 403, 404)) == (204, True)
    assert await application.database.read(store.names, ProjectName("team")) == []
    assert (await root.get("/api/v1/grants?within=team")).json == {"items": []}


async def test_a_disabled_robot_does_nothing_until_it_is_enabled(application: Application, alice: Client) -> None:
    """Its secret is refused with the reason, and good again afterwards."""
    robot = basic(application, "team.ci", (await create(alice))["secret"])
    disabled = await alice.send("POST", f"{CI}:disable")
    refused = await robot.get("/v2/")
    enabled = await alice.send("POST", f"{CI}:enable")

    assert (disabled.json["enabled"], enabled.json["enabled"]) == (False, True)
    assert (refused.status, "team.ci is disabled" in refused.body.decode()) == (401, True)
    assert (await robot.get("/v2/")).status == 200


async def test_a_robot_created_again_inherits_nothing(application: Application, root: Client, alice: Client) -> None:
    """Deleting it ends its secrets and every grant it had, in other projects too."""
    robot = basic(application, "team.ci", (await create(alice))["secret"])
    grant = {"principal": "robot:team.ci", "path_pattern": "other/**", "role": "admin"}
    given = await root.post("/api/v1/grants", grant)
    deleted = await alice.send("DELETE", CI)
    await create(alice, "read")

    assert (given.status, deleted.status) == (201, 204)
    assert (await alice.get(CI)).json["grants"] == [{"path_pattern": "team/**", "role": "read", **LASTING}]
    assert "user name or the password is wrong" in (await robot.get("/v2/")).body.decode()


async def test_a_deleted_project_takes_its_robots_along(application: Application, root: Client, alice: Client) -> None:
    """A project of the same name that is made later has none."""
    robot = basic(application, "team.ci", (await create(alice))["secret"])
    await root.send("DELETE", "/api/v1/projects/team")
    await root.post("/api/v1/projects", {"name": "team"})

    assert (await root.get(CI)).json["code"] == "robot_unknown"
    assert (await robot.get("/v2/")).status == 401


async def every_answer(client: Client, project: str) -> list[Answer]:
    """Do everything that can be done to robots of a project, one that may be there and one that is not."""
    wanted = {"name": "cd", "project": project, "role": "read"}
    answers = [await client.post(ROBOTS, wanted), await client.get(f"{ROBOTS}?project={project}")]
    for robot in (f"{ROBOTS}/{project}.ci", f"{ROBOTS}/{project}.nil"):
        answers += [await client.get(robot), await client.send("DELETE", robot)]
        answers += [await client.send("POST", f"{robot}:{verb}") for verb in ("rotate", "disable", "enable")]
    return answers


@pytest.mark.parametrize("role", ["", "read", "write"])
async def test_robots_take_an_administrator_of_their_project(
    application: Application, alice: Client, role: str
) -> None:
    """To everybody else robots that exist, robots that do not, and robots of unknown projects look the same."""
    await create(alice)
    granted = [(f"{project}/**", role) for project in ("team", "nil")] if role else []
    mallory = await application.user("mallory", *granted)
    seen = {
        project: [(answer.status, answer.json["code"]) for answer in await every_answer(mallory, project)]
        for project in ("team", "nil")
    }

    assert seen["team"] == seen["nil"]
    assert {status for status, _ in seen["team"]} <= {403, 404}
    assert seen["team"][2:7] == seen["team"][7:]


async def test_one_repository_of_a_project_is_not_the_project(application: Application, root: Client) -> None:
    """Whoever administers less than all of it creates no robots there: it would have more rights than its creator."""
    mallory = await application.user("mallory", ("team", "admin"), ("team/app/**", "admin"), ("team/*", "admin"))
    answer = await mallory.post(ROBOTS, {"name": "ci", "project": "team", "role": "read"})

    assert (answer.status, answer.json["code"]) == (403, "denied")


async def test_a_robot_is_of_a_project_that_exists(root: Client) -> None:
    """An administrator of the registry is told of a mistyped project."""
    answer = await root.post(ROBOTS, {"name": "ci", "project": "nil", "role": "read"})

    assert (answer.status, answer.json["code"]) == (404, "project_unknown")


async def test_a_name_is_given_once(alice: Client) -> None:
    """A second robot of the same name is refused, with what to do."""
    await create(alice)
    answer = await alice.post(ROBOTS, {"name": "ci", "project": "team", "role": "read"})

    assert (answer.status, answer.json["code"]) == (409, "robot_exists")
    assert "rotate" in answer.json["hint"]


async def test_a_project_has_a_most_of_robots(application: Application, alice: Client) -> None:
    """Beyond it the next one is refused, with what to do."""
    await application.database.write(fill)
    answer = await alice.post(ROBOTS, {"name": "ci", "project": "team", "role": "read"})

    assert (answer.status, answer.json["code"]) == (409, "too_many_robots")


def fill(connection: Connection) -> None:
    """Store as many robots as there may be."""
    for number in range(MAX_PER_PROJECT):
        name = RobotName(f"team.robot-{number}")
        store.add(connection, Robot(name, ProjectName("team"), Milliseconds(0), "user:alice"))


async def test_robots_are_listed_by_name_in_pages(alice: Client) -> None:
    """Following `Link` visits every robot of the project once, with what it logs in with."""
    for number in range(3):
        await alice.post(ROBOTS, {"name": f"ci-{number}", "project": "team", "role": "read"})

    pages = await alice.pages(f"{ROBOTS}?project=team&limit=2")

    assert [[item["name"] for item in page] for page in pages] == [["team.ci-0", "team.ci-1"], ["team.ci-2"]]
    assert {item["secret"]["state"] for page in pages for item in page} == {"live"}


async def test_a_robot_has_no_personal_tokens(application: Application, alice: Client) -> None:
    """It is told what it has instead."""
    robot = basic(application, "team.ci", (await create(alice))["secret"])

    answer = await robot.post("/api/v1/tokens", {"name": "a"})

    assert (answer.status, answer.json["code"]) == (403, "no_tokens_for_this")
    assert "rotate" in answer.json["hint"]


@pytest.mark.parametrize("robot", ["ci", "Team.ci", "team.ci.", "team..ci"])
async def test_what_is_no_robot_name_is_a_bad_request(alice: Client, robot: str) -> None:
    """A login name is a project, a dot and a name."""
    assert (await alice.get(f"{ROBOTS}/{robot}")).status == 400
