# SPDX-License-Identifier: Apache-2.0
"""Robots of the registry as a whole, and robots with grants in several projects."""

from typing import Any

import pytest

from tests.api.robots import CI
from tests.api.robots import ROBOTS
from tests.api.robots import a_robot
from tests.api.robots import an_administrator
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.logins import basic
from tests.builders.manifests import an_image_manifest

MIRROR = f"{ROBOTS}/_.mirror"
GRANTS = [
    {"path_pattern": "team/**", "role": "read"},
    {"path_pattern": "other/app", "role": "write", "tag_pattern": "dev-*", "expires_at": "2999-01-01T00:00:00Z"},
]

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, who has made the projects `team` and `other`."""
    return await an_administrator(application, "team", "other")


async def mirror(root: Client, **more: object) -> dict[str, Any]:
    """Create a robot of the registry."""
    wanted = {"name": "mirror", "grants": GRANTS, **more}
    answer = await root.post(ROBOTS, wanted)
    assert answer.status == 201, answer.body
    return dict(answer.json)


async def test_a_robot_of_the_registry_belongs_to_no_project(application: Application, root: Client) -> None:
    """Its name begins with what no project and no user can be called, and it may do what its grants say."""
    made = await mirror(root)
    robot = basic(application, "_.mirror", made["secret"])
    await root.push_image("team/app", an_image_manifest(), "1.0")
    await root.push_image("other/app", an_image_manifest(), "1.0")
    shown = (await robot.get(MIRROR)).json

    assert (made["name"], made["project"], shown["project"]) == ("_.mirror", None, None)
    assert [(grant["path_pattern"], grant["tag_pattern"]) for grant in shown["grants"]] == [
        ("team/**", ""),
        ("other/app", "dev-*"),
    ]
    assert (await robot.get("/v2/team/app/manifests/1.0")).status == 200
    manifest = an_image_manifest()
    kind = ("content-type", manifest.media_type)
    pushed = [
        await robot.send("PUT", f"/v2/other/app/manifests/{tag}", manifest.payload, kind) for tag in ("dev-1", "2.0")
    ]
    assert [answer.status for answer in pushed] == [201, 403]


async def test_a_robot_of_a_project_may_do_something_in_others(application: Application, root: Client) -> None:
    """Where its creator may let it."""
    secret = (await a_robot(root, grants=GRANTS))["secret"]
    await root.push_image("other/app", an_image_manifest(), "1.0")

    assert (await basic(application, "team.ci", secret).get("/v2/other/app/manifests/1.0")).status == 200


@pytest.mark.parametrize(
    "wanted",
    [
        {"name": "x"},
        {"name": "x", "role": "read"},
        {"name": "x", "project": "team"},
        {"name": "x", "project": "team", "role": "read", "grants": GRANTS},
        {"name": "x", "grants": GRANTS * 26},
        {"name": "x", "grants": [{"path_pattern": "Team", "role": "read"}]},
        {"name": "x", "grants": [{"path_pattern": "team", "role": "administrator"}]},
        {"name": "x", "grants": [{"path_pattern": "team", "role": "read", "tag_pattern": "/"}]},
        {"name": "x", "project": "_", "role": "read"},
    ],
)
async def test_what_it_may_do_is_said_once(root: Client, wanted: dict[str, object]) -> None:
    """By a role on its project or by a list of grants, neither too long nor with what is no pattern."""
    assert (await root.post(ROBOTS, wanted)).status == 400
    assert (await root.get(ROBOTS)).json == {"items": []}


async def test_a_role_that_nobody_has_made_is_not_given(root: Client) -> None:
    """And the robot is not made either."""
    answer = await root.post(ROBOTS, {"name": "x", "grants": [{"path_pattern": "team/**", "role": "nil"}]})

    assert (answer.status, answer.json["code"]) == (404, "role_unknown")
    assert (await root.get(ROBOTS)).json == {"items": []}


async def test_robots_are_listed_by_where_they_belong(root: Client) -> None:
    """Those of a project, those of the registry, or all, in pages."""
    await mirror(root)
    await a_robot(root)
    await a_robot(root, project="other")

    async def names(query: str) -> list[str]:
        """Return the names in all pages."""
        return [item["name"] for page in await root.pages(f"{ROBOTS}?limit=2{query}") for item in page]

    assert await names("") == ["_.mirror", "other.ci", "team.ci"]
    assert await names("&project=_") == ["_.mirror"]
    assert await names("&project=team") == ["team.ci"]


async def test_an_auditor_sees_every_robot_and_changes_none(application: Application, root: Client) -> None:
    """What it is let see is no secret."""
    made = await mirror(root)
    await a_robot(root)
    auditor = await application.user("auditor", ("SYSTEM", "auditor"))
    seen = [await auditor.get(path) for path in (ROBOTS, MIRROR, CI, f"{MIRROR}/secrets", f"{ROBOTS}?project=team")]
    changed = [await auditor.send("DELETE", MIRROR), await auditor.post(f"{MIRROR}:rotate", {})]

    assert [answer.status for answer in (*seen, *changed)] == [200] * 5 + [403] * 2
    assert all(made["secret"] not in answer.body.decode() for answer in seen)


async def test_robots_of_the_registry_take_its_administrator(application: Application, root: Client) -> None:
    """To everybody else those that exist and those that do not look the same."""
    await mirror(root)
    mallory = await application.user("mallory", ("**", "maintain"), ("team/**", "admin"))
    answers = []
    for name in ("mirror", "nil"):
        path = f"{ROBOTS}/_.{name}"
        answers.append([(await mallory.get(each)).status for each in (path, f"{path}/secrets")])
        posts = (f"{path}:rotate", f"{path}:disable", f"{path}:enable", f"{path}/secrets")
        answers[-1] += [(await mallory.post(each, {})).status for each in posts]
        answers[-1] += [(await mallory.send("DELETE", path)).status]
    created = await mallory.post(ROBOTS, {"name": "x", "grants": [{"path_pattern": "team/**", "role": "read"}]})

    assert answers[0] == answers[1] == [403] * 7
    assert (created.status, (await mallory.get(ROBOTS)).status) == (403, 403)


async def test_a_project_that_ends_leaves_robots_of_the_registry(application: Application, root: Client) -> None:
    """They lose what they were granted there."""
    made = await mirror(root)
    await root.send("DELETE", "/api/v1/projects/team")

    assert [grant["path_pattern"] for grant in (await root.get(MIRROR)).json["grants"]] == ["other/app"]
    assert (await basic(application, "_.mirror", made["secret"]).get("/v2/")).status == 200
