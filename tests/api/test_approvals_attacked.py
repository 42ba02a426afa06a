# SPDX-License-Identifier: Apache-2.0
"""Getting round the second person."""

import asyncio

import pytest
from sqlalchemy import Connection
from sqlalchemy import update

from entrepot.features.approvals.tables import approvals
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.approvals import APPROVALS
from tests.builders.approvals import RULES
from tests.builders.approvals import approved
from tests.builders.approvals import ask
from tests.builders.approvals import asked
from tests.builders.approvals import decide
from tests.builders.approvals import let_take_two
from tests.builders.guardrails import a_robot
from tests.builders.logins import bearer
from tests.builders.logins import fetched
from tests.builders.manifests import an_image_manifest

A = "/api/v1"
IMAGE = an_image_manifest()
TEAM = f"{A}/projects/team"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator, beside two others, and an empty project that takes two to delete."""
    root = await application.user("root", is_admin=True)
    await application.user("third", is_admin=True)
    await root.post(f"{A}/projects", {"name": "team", "visibility": "private"})
    await let_take_two(root, "project.delete", "audit.export")
    return root


@pytest.fixture
async def owner(application: Application, root: Client) -> Client:
    """Somebody who administers the project."""
    return await application.user("olaf", ("team/**", "admin"))


async def delete_team(client: Client) -> Answer:
    """Delete the project, or try to."""
    return await client.send("DELETE", TEAM)


async def is_there(client: Client) -> bool:
    """Tell whether the project is."""
    return (await client.get(TEAM)).status == 200


async def test_an_approver_who_may_not_any_more_has_approved_nothing(root: Client, owner: Client) -> None:
    """The right is looked up when it is used; it counts again when it is back."""
    role = f"{A}/grants?principal=olaf&path_pattern=team/**&role=admin"
    await approved(root, await delete_team(root), owner)
    assert (await root.send("DELETE", role)).status == 204
    refused = await delete_team(root)
    await root.post(f"{A}/grants", {"principal": "olaf", "path_pattern": "team/**", "role": "admin"})

    assert (refused.status, "may not do it any more" in refused.json["detail"]) == (403, True)
    assert (await delete_team(root)).status == 204


@pytest.mark.parametrize("gone", ["disabled", "deleted"])
async def test_an_approver_without_an_account_has_approved_nothing(gone: str, root: Client, owner: Client) -> None:
    """Whoever is disabled or deleted may not delete it either."""
    await approved(root, await delete_team(root), owner)
    method, body = ("PATCH", {"disabled": True}) if gone == "disabled" else ("DELETE", {})
    assert (await root.send_json(method, f"{A}/users/olaf", body)).status in (200, 204)

    assert (await delete_team(root)).json["code"] == "approval_needed"
    assert await is_there(root)


async def test_a_robot_is_neither_the_first_nor_the_second(root: Client, owner: Client) -> None:
    """Whoever made it: it does nothing that takes two, asks for nothing and decides nothing."""
    robot = await a_robot(owner, "team", "admin")
    approval = await asked(owner, await delete_team(owner))
    refused = await delete_team(robot)

    assert (refused.json["code"], "is none" in refused.json["detail"]) == ("approval_needed", True)
    assert (await ask(robot, {"act": "project.delete", "target": "team"})).json["code"] == "only_people"
    assert (await decide(robot, approval)).json["code"] == "only_people"
    assert await is_there(root)


async def test_a_token_is_whoever_made_it(application: Application, root: Client, owner: Client) -> None:
    """It approves nothing that its owner asked for, and uses what its owner may."""
    made = await owner.post(f"{A}/tokens", {"name": "laptop"})
    token = bearer(application, made.json["secret"])
    approval = await asked(owner, await delete_team(owner))

    assert (await decide(token, approval)).json["code"] == "own_approval"
    assert (await decide(root, approval)).status == 200
    assert (await delete_team(token)).status == 204


async def test_who_approved_and_is_merged_into_who_asked_is_nobody_else(root: Client, owner: Client) -> None:
    """Two accounts that become one are one person."""
    await approved(root, await delete_team(root), owner)
    assert (await root.post(f"{A}/users/olaf:merge", {"into": "root"})).status == 200

    assert (await delete_team(root)).json["code"] == "approval_needed"


async def test_who_asked_and_is_merged_into_another_decides_nothing_of_their_own(root: Client, owner: Client) -> None:
    """The other way round too: what was approved is void, and what waits is one's own."""
    await approved(owner, await delete_team(owner), root)
    waiting = await asked(owner, await owner.get(f"{A}/audit/records:export?project=team"))
    assert (await root.post(f"{A}/users/olaf:merge", {"into": "root"})).status == 200

    assert (await delete_team(root)).json["code"] == "approval_needed"
    assert (await decide(root, waiting)).json["code"] == "own_approval"


async def test_what_somebody_asked_for_goes_along_when_they_are_renamed(root: Client, owner: Client) -> None:
    """And who has their name before does not get it; who approved stays who it is."""
    approval = await asked(owner, await delete_team(owner))
    await root.post(f"{A}/users/olaf:rename", {"name": "olof"})
    (shown,) = (await root.get(f"{APPROVALS}?list=all")).json["items"]

    assert (shown["id"], shown["requested_by"]) == (approval, "user:olof")
    assert shown["may_decide"]


async def test_an_approval_is_used_once_however_many_try(application: Application, root: Client, owner: Client) -> None:
    """Of those who try at the same moment, one gets through; the others have changed nothing."""
    export = f"{A}/audit/records:export?project=team"
    await approved(root, await root.get(export), owner)
    answers = await asyncio.gather(*(root.get(export) for _ in range(5)))

    assert sorted(each.status for each in answers) == [200, 403, 403, 403, 403]
    events = [event.type for event in await application.events()]
    assert (events.count("approval.used"), events.count("audit.exported")) == (1, 1)


async def test_an_act_that_fails_uses_nothing_up(root: Client, owner: Client) -> None:
    """What was approved is used in the transaction that does it, or not at all."""
    await approved(root, await delete_team(root), owner)
    digest = await root.push_image("team/app", IMAGE)

    assert (await delete_team(root)).json["code"] == "project_not_empty"
    await root.delete("team/app", digest)
    assert (await delete_team(root)).status == 204


async def test_a_login_for_pulls_and_pushes_decides_nothing(application: Application, root: Client) -> None:
    """Nor one that is none: a token with a scope is less than its owner."""
    approval = await asked(root, await delete_team(root))
    narrow = await fetched(application, await application.user("fourth", is_admin=True), "repository:team/app:pull")

    assert (await decide(narrow, approval)).status == 401
    assert (await decide(application.anonymous(), approval)).status == 401
    assert (await narrow.send_json("PUT", RULES, {"acts": []})).status == 401


@pytest.mark.parametrize(
    ("act", "target"),
    [("project.delete", "x" * 1_000), ("audit.export", f"project={'x' * 900}"), ("project.delete", "é/..")],
)
async def test_a_target_that_nothing_is_called_holds_up_no_record(
    act: str, target: str, application: Application, root: Client
) -> None:
    """It is recorded as of no project, whatever it says: records are sealed one after another."""
    answer = await root.post(APPROVALS, {"act": act, "target": target, "reason": "why not"})
    await application.settle()

    [record] = (await root.get(f"{A}/audit/records?type=approval.requested")).json["items"]
    assert (answer.status, record["object"], record["project"]) == (201, f"approval:{answer.json['id']}", "")


async def test_an_approval_ends(application: Application, root: Client, owner: Client) -> None:
    """What was approved a day ago cannot be used, and what waited for a week cannot be approved."""
    await approved(root, await delete_team(root), owner)
    await asked(owner, await delete_team(owner))
    await application.database.write(_let_time_pass)
    waiting = (await root.get(f"{APPROVALS}?list=all")).json["items"]

    assert [each["state"] for each in waiting] == ["expired", "expired"]
    assert (await delete_team(root)).json["code"] == "approval_needed"
    assert (await decide(root, waiting[0]["id"])).json["code"] == "approval_not_open"


def _let_time_pass(connection: Connection) -> None:
    connection.execute(update(approvals).values(expires_at=1))
