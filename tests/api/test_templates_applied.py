# SPDX-License-Identifier: Apache-2.0
"""What templates give to projects and repositories, when they are made or pushed into for the first time."""

import pytest
from sqlalchemy import Connection
from sqlalchemy import update

from entrepot.features.roles.tables import roles
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.guardrails import a_robot
from tests.builders.guardrails import set_guardrail
from tests.builders.manifests import an_image_manifest
from tests.builders.templates import TEMPLATES
from tests.builders.templates import grants_within
from tests.builders.templates import put_template
from tests.builders.templates import records

PROJECTS = "/api/v1/projects"
CREATOR = {"principal": "creator", "role": "admin"}
IMAGE, NEXT = an_image_manifest(), an_image_manifest(marker="next")

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry."""
    return await application.user("root", is_admin=True)


@pytest.fixture
async def maker(application: Application) -> Client:
    """Somebody who may push into every project whose name begins with `team-`, and make it so."""
    return await application.user("maker", ("team-*/**", "write"))


async def test_a_project_starts_with_its_template(application: Application, root: Client, maker: Client) -> None:
    """Who makes it has what the template gives at once, and the record of its making names the template."""
    await root.post("/api/v1/groups", {"name": "qa"})
    grants = [CREATOR, {"principal": "group:qa", "role": "read", "path": "app-*/**"}]
    await put_template(root, "teams", "project", "team-*", visibility="internal", grants=grants)

    made = await maker.post(PROJECTS, {"name": "team-a"})
    administered = await maker.send_json("PATCH", f"{PROJECTS}/team-a", {"visibility": "private"})

    assert (made.status, made.json["visibility"], administered.status) == (201, "internal", 200)
    assert await grants_within(root, "team-a") == {
        ("user:maker", "admin", "team-a/**"),
        ("group:qa", "read", "team-a/app-*/**"),
    }
    (created,) = await records(application, root, "project.created")
    assert created["after"] == {"visibility": "internal", "template": "template:teams"}


async def test_who_says_how_visible_a_project_is_gets_that(root: Client, maker: Client) -> None:
    """The template gives the rest."""
    await put_template(root, "teams", "project", "team-*", visibility="internal", grants=[CREATOR])

    made = await maker.post(PROJECTS, {"name": "team-a", "visibility": "private"})

    assert made.json["visibility"] == "private"
    assert await grants_within(root, "team-a") == {("user:maker", "admin", "team-a/**")}


async def test_a_first_push_makes_a_project_with_its_template(
    application: Application, root: Client, maker: Client
) -> None:
    """Once: later pushes, and a listener that begins again, change nothing that was changed since."""
    await put_template(root, "teams", "project", "team-*", visibility="internal", grants=[CREATOR])
    await maker.push_image("team-a/app", IMAGE)
    await application.settle()
    assert (await root.get(f"{PROJECTS}/team-a")).json["visibility"] == "internal"
    await root.send("DELETE", f"{PROJECTS}/team-a/members/maker")

    await maker.push("team-a/app", NEXT)
    await maker.push_image("team-a/other", IMAGE)

    (created,) = await records(application, root, "project.created")
    assert (created["principal"], created["after"]["template"]) == ("user:maker", "template:teams")
    assert await grants_within(root, "team-a") == set()


async def test_a_change_before_the_listener_heard_of_the_push_is_kept(
    application: Application, root: Client, maker: Client
) -> None:
    """The project begins with its template, and then changes; who pushed is not known to be its creator then."""
    crew = {"principal": "maker", "role": "maintain"}
    await put_template(root, "teams", "project", "team-*", visibility="internal", grants=[CREATOR, crew])
    await maker.push_image("team-a/app", IMAGE)

    changed = await root.send_json("PATCH", f"{PROJECTS}/team-a", {"visibility": "private"})
    skipped = await records(application, root, "template.skipped")

    assert changed.json["visibility"] == (await root.get(f"{PROJECTS}/team-a")).json["visibility"] == "private"
    assert await grants_within(root, "team-a") == {("user:maker", "maintain", "team-a/**")}
    assert [each["after"]["principal"] for each in skipped] == ["creator"]


async def test_a_repository_starts_with_the_most_specific_template(
    application: Application, root: Client, alice: Client
) -> None:
    """Of the project or of the registry; a robot that pushes first is the creator too."""
    await put_template(root, "all", "repository", "**", grants=[{"principal": "creator", "role": "read"}])
    own = {"purpose": "repository", "pattern": "team/app-*", "grants": [{"principal": "creator", "role": "maintain"}]}
    await root.post(PROJECTS, {"name": "team"})
    robot = await a_robot(alice, "team", "write")
    assert (await alice.send_json("PUT", f"{PROJECTS}/team/templates/apps", own)).status == 201

    await robot.push_image("team/app-one", IMAGE)
    await alice.push_image("team/tool", IMAGE)
    applied = await records(application, root, "template.applied")

    within = await grants_within(root, "team/app-one") | await grants_within(root, "team/tool")
    assert within == {("robot:team.ci", "maintain", "team/app-one"), ("user:alice", "read", "team/tool")}
    assert [(each["object"], each["repository"]) for each in applied] == [
        ("template:team/apps", "team/app-one"),
        ("template:all", "team/tool"),
    ]


async def test_what_is_there_stays_as_it_is(application: Application, root: Client, alice: Client) -> None:
    """A template that is set, changed or deleted later has nothing to do with it."""
    await alice.push_image("team/app", IMAGE)
    await application.settle()
    await put_template(root, "apps", "repository", "**", grants=[CREATOR])
    await put_template(root, "teams", "project", "*", visibility="public")
    await alice.push("team/app", NEXT)
    await application.settle()

    assert await grants_within(root, "team/app") == set()
    assert (await root.get(f"{PROJECTS}/team")).json["visibility"] == "private"


async def test_who_is_gone_is_left_out_and_told(application: Application, root: Client, maker: Client) -> None:
    """The project is made all the same; one of that name who came later is somebody else."""
    for name in ("gone", "other"):
        await root.post("/api/v1/groups", {"name": name})
    await root.post("/api/v1/roles", {"name": "keeper", "actions": ["pull"]})
    grants = [{"principal": f"group:{name}", "role": "read"} for name in ("gone", "other")]
    keeper = {"principal": "maker", "role": "keeper"}
    await put_template(root, "teams", "project", "team-*", grants=[*grants, keeper, CREATOR])
    for target in ("groups/gone", "groups/other", "roles/keeper"):
        assert (await root.send("DELETE", f"/api/v1/{target}")).status == 204
    await root.post("/api/v1/groups", {"name": "other"})

    assert (await maker.post(PROJECTS, {"name": "team-a"})).status == 201
    told = [
        (each["after"]["principal"], each["reason"]) for each in await records(application, root, "template.skipped")
    ]
    assert [principal for principal, _ in told] == ["group:gone", "group:other", "user:maker"]
    assert [reason for _, reason in told][::2] == ["there is no group gone", "there is no role keeper"]
    assert "another one" in told[1][1]
    assert await grants_within(root, "team-a") == {("user:maker", "admin", "team-a/**")}


def let_role_fly(connection: Connection, name: str) -> None:
    """Let a role allow what no version knows."""
    connection.execute(update(roles).where(roles.c.name == name).values(actions="pull,fly"))


async def test_a_role_that_is_another_one_is_left_out_and_told(
    application: Application, root: Client, maker: Client
) -> None:
    """One of its name that was made since, and one that this version does not understand; a push makes all the rest."""
    for name in ("anew", "odd"):
        await root.post("/api/v1/roles", {"name": name, "actions": ["pull"]})
    named = [{"principal": "maker", "role": name} for name in ("anew", "odd")]
    await put_template(root, "teams", "project", "team-*", grants=[*named, CREATOR])
    assert (await root.send("DELETE", "/api/v1/roles/anew")).status == 204
    await root.post("/api/v1/roles", {"name": "anew", "actions": ["admin"]})
    await application.database.write(let_role_fly, "odd")

    await maker.push_image("team-a/app", IMAGE)
    reasons = [each["reason"] for each in await records(application, root, "template.skipped")]

    assert ["another one" in reasons[0], "does not know" in reasons[1]] == [True, True]
    assert await grants_within(root, "team-a") == {("user:maker", "admin", "team-a/**")}


async def test_a_guardrail_holds_for_what_a_template_opens(
    application: Application, root: Client, maker: Client
) -> None:
    """The project is private, whether it was asked for or pushed into, and that is told."""
    await put_template(root, "teams", "project", "team-*", visibility="public")
    await set_guardrail(root, "closed", "no-public", "team-*/**")

    made = await maker.post(PROJECTS, {"name": "team-a"})
    await maker.push_image("team-b/app", IMAGE)
    skipped = await records(application, root, "template.skipped")

    assert made.json["visibility"] == (await root.get(f"{PROJECTS}/team-b")).json["visibility"] == "private"
    assert [(each["project"], each["after"]) for each in skipped] == [
        ("team-a", {"visibility": "public"}),
        ("team-b", {"visibility": "public"}),
    ]


async def test_who_pushed_into_what_was_deleted_gets_nothing_of_what_came_after(
    application: Application, root: Client, maker: Client
) -> None:
    """A project made anew, before anybody heard of its first push, belongs to who pushed then."""
    await put_template(root, "teams", "project", "team-*", grants=[CREATOR])
    await put_template(root, "apps", "repository", "team-*/**", grants=[{"principal": "creator", "role": "maintain"}])
    other = await application.user("other", ("team-*/**", "write"))
    await maker.push_image("team-a/app", IMAGE)
    await root.delete("team-a/app", IMAGE.digest)
    assert (await root.send("DELETE", f"{PROJECTS}/team-a")).status == 204
    await other.push_image("team-a/app", NEXT)
    await application.settle()

    assert await grants_within(root, "team-a") == {
        ("user:other", "admin", "team-a/**"),
        ("user:other", "maintain", "team-a/app"),
    }


async def test_a_renamed_user_is_granted_under_the_new_name(root: Client, maker: Client) -> None:
    """What decides something follows."""
    await put_template(root, "teams", "project", "team-*", grants=[{"principal": "maker", "role": "admin"}])
    assert (await root.post("/api/v1/users/maker:rename", {"name": "crafter"})).status == 200

    shown = (await root.get(f"{TEMPLATES}/teams")).json
    await root.post(PROJECTS, {"name": "team-a"})

    assert shown["grants"][0]["principal"] == "user:crafter"
    assert await grants_within(root, "team-a") == {("user:crafter", "admin", "team-a/**")}


async def test_what_a_crash_undid_is_done_once(application: Application, root: Client, maker: Client) -> None:
    """The listener that fails after it gave everything gave nothing, and begins again."""
    await put_template(root, "teams", "project", "team-*", grants=[CREATOR])
    await put_template(root, "apps", "repository", "team-*/**", grants=[CREATOR])
    await maker.push_image("team-a/app", IMAGE)
    pushed = [event for event in await application.events() if event.type == "repository.created"]
    (listener,) = (each for each in application.instance.listeners if each.name == "projects")

    def crash(connection: Connection) -> None:
        listener.handle(connection, pushed)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await application.database.write(crash)
    undone = await grants_within(root, "team-a")

    assert len(await records(application, root, "project.created")) == 1
    assert len(await records(application, root, "template.applied")) == 1
    assert (undone, len(await grants_within(root, "team-a"))) == (set(), 2)
