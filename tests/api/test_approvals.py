# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/approvals`: asking, deciding, using, and who may do what."""

import pytest

from entrepot.kernel.clock import DAY_MS
from entrepot.kernel.clock import after
from entrepot.kernel.clock import rfc3339
from entrepot.kernel.clock import system_clock
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
from tests.builders.guardrails import set_guardrail
from tests.builders.manifests import an_image_manifest

IMAGE = an_image_manifest()
TEAM = "/api/v1/projects/team"
TEAM_GOES = {"act": "project.delete", "target": "team"}

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, beside whom there is another one, and an empty project."""
    root = await application.user("root", is_admin=True)
    assert (await root.post("/api/v1/projects", {"name": "team", "visibility": "private"})).status == 201
    return root


@pytest.fixture
async def spare(application: Application, root: Client) -> Client:
    """The other one."""
    return await application.user("spare", is_admin=True)


async def states(client: Client, listed: str = "mine") -> list[str]:
    """Return the states of the approvals of a list, newest first."""
    (found,) = await client.pages(f"{APPROVALS}?list={listed}")
    return [each["state"] for each in found]


async def delete_team(client: Client) -> Answer:
    """Delete the project, or try to."""
    return await client.send("DELETE", TEAM)


async def test_what_takes_two_is_refused_and_says_what_to_ask_for(root: Client, spare: Client) -> None:
    """Nothing has changed after that."""
    await let_take_two(root, "project.delete")
    refused = await delete_team(root)

    assert (refused.status, refused.json["code"]) == (403, "approval_needed")
    assert refused.json["about"] == {**TEAM_GOES, "hours": None}
    assert "entrepot approval request project.delete team --reason" in refused.json["hint"]
    assert (await root.get(TEAM)).status == 200


async def test_what_a_second_person_approved_is_done_once(root: Client, spare: Client) -> None:
    """By who asked, and nobody else; another project of the same name takes another approval."""
    await let_take_two(root, "project.delete")
    await approved(root, await delete_team(root), spare)

    assert (await delete_team(spare)).status == 403
    assert (await delete_team(root)).status == 204
    assert await states(root) == ["used"]
    await root.post("/api/v1/projects", {"name": "team", "visibility": "private"})
    assert (await delete_team(root)).json["code"] == "approval_needed"


async def test_an_approval_is_of_the_project_that_was_there(root: Client, spare: Client) -> None:
    """One that is made under its name later is another one."""
    await let_take_two(root, "project.delete")
    await approved(root, await delete_team(root), spare)
    await approved(spare, await delete_team(spare), root)
    assert (await delete_team(spare)).status == 204
    await root.post("/api/v1/projects", {"name": "team", "visibility": "private"})

    assert (await delete_team(root)).json["code"] == "approval_needed"


async def test_nobody_approves_what_they_asked_for(root: Client, spare: Client) -> None:
    """Nor does somebody who could not do it; one who may not even see it is told that there is none."""
    await let_take_two(root, "project.delete")
    approval = await asked(root, await delete_team(root))

    assert (await decide(root, approval)).json["code"] == "own_approval"
    assert (await delete_team(root)).status == 403


async def test_who_could_not_do_it_decides_nothing(application: Application, root: Client, spare: Client) -> None:
    """A stranger does not see it, an auditor sees it and may not decide; an administrator of the project may."""
    await let_take_two(root, "project.delete")
    approval = await asked(root, await delete_team(root))
    stranger = await application.user("eve", ("other/**", "admin"))
    auditor = await application.user("ann", ("SYSTEM", "auditor"))
    owner = await application.user("olaf", ("team/**", "admin"))
    answers = [await decide(each, approval) for each in (stranger, auditor, owner)]

    assert [each.json.get("code") for each in answers] == ["approval_unknown", "may_not_do_it_either", None]
    assert (await delete_team(root)).status == 204


async def test_a_rejected_one_lets_nothing_happen(root: Client, spare: Client) -> None:
    """Whoever approved may think better of it, until it is used; then it is too late."""
    await let_take_two(root, "project.delete")
    first = await approved(root, await delete_team(root), spare)
    assert (await decide(spare, first, "reject")).json["state"] == "rejected"
    assert (await delete_team(root)).status == 403
    second = await approved(root, await delete_team(root), spare)
    assert (await delete_team(root)).status == 204

    assert (await decide(spare, second, "reject")).json["code"] == "approval_not_open"
    assert await states(root) == ["used", "rejected"]


async def test_a_withdrawn_one_cannot_be_approved(root: Client, spare: Client) -> None:
    """Only who asked withdraws it."""
    await let_take_two(root, "project.delete")
    approval = await asked(root, await delete_team(root))

    assert (await spare.post(f"{APPROVALS}/{approval}:withdraw", {})).json["code"] == "not_your_approval"
    assert (await root.post(f"{APPROVALS}/{approval}:withdraw", {})).json["state"] == "withdrawn"
    assert (await decide(spare, approval)).json["code"] == "approval_not_open"


async def test_lists_show_what_concerns_whoever_asks(application: Application, root: Client, spare: Client) -> None:
    """What waits for them, what they asked for; all of it takes the right to read the audit log."""
    await let_take_two(root, "project.delete", "audit.export")
    await asked(root, await delete_team(root))
    await asked(spare, await spare.get("/api/v1/audit/records:export"))
    owner = await application.user("olaf", ("team/**", "admin"))

    assert [len(page) for page in await root.pages(f"{APPROVALS}?list=all&limit=1")] == [1, 1]
    assert [each["act"] for (each,) in await owner.pages(f"{APPROVALS}?list=waiting")] == ["project.delete"]
    assert [each["act"] for (each,) in await root.pages(f"{APPROVALS}?list=waiting")] == ["audit.export"]
    assert await owner.pages(f"{APPROVALS}?list=mine") == [[]]
    assert (await owner.get(f"{APPROVALS}?list=all")).status == 403


async def test_only_who_may_do_it_asks_and_only_where_it_takes_two(application: Application, root: Client) -> None:
    """And nobody asks for the same thing twice, or without a reason."""
    await application.user("spare", is_admin=True)
    early = await ask(root, TEAM_GOES)
    await let_take_two(root, "project.delete")
    stranger = await ask(await application.user("eve"), TEAM_GOES)
    first, second = await ask(root, TEAM_GOES), await ask(root, TEAM_GOES)
    blank = await ask(root, {**TEAM_GOES, "target": "other"}, " ")

    assert [each.json.get("code") for each in (early, stranger, first, second, blank)] == [
        "no_approval_needed",
        "may_not_do_it_either",
        None,
        "approval_already_asked",
        "approval_invalid",
    ]


async def test_two_have_to_be_able_to_approve(application: Application, root: Client) -> None:
    """Before anything takes two people; a disabled one and a robot do not count, one by a group does."""
    bot = {"name": "bot", "grants": [{"path_pattern": "SYSTEM", "role": "administrator"}]}
    assert (await root.post("/api/v1/robots", bot)).status == 201
    await application.user("gone", is_admin=True)
    await root.send_json("PATCH", "/api/v1/users/gone", {"disabled": True})
    alone = await root.send_json("PUT", RULES, {"acts": ["project.delete"]})
    await application.user("bob")
    await root.post("/api/v1/groups", {"name": "ops"})
    await root.post("/api/v1/grants", {"principal": "group:ops", "path_pattern": "SYSTEM", "role": "administrator"})
    await root.send("PUT", "/api/v1/groups/ops/members/user:bob")

    assert alone.json["code"] == "too_few_approvers"
    await let_take_two(root, "project.delete")
    assert [each["act"] for each in (await root.get(RULES)).json["items"]] == ["project.delete"]


async def test_to_ask_for_less_takes_two(root: Client, spare: Client) -> None:
    """Just what is left out is approved; to ask for more takes one, and the rule about rules none."""
    await let_take_two(root, "project.delete", "audit.export")
    refused = await root.send_json("PUT", RULES, {"acts": ["audit.export"]})
    await approved(root, refused, spare)

    assert refused.json["about"]["target"] == "project.delete"
    assert (await root.send_json("PUT", RULES, {"acts": []})).json["code"] == "approval_needed"
    assert (await root.send_json("PUT", RULES, {"acts": ["approvals.weaken"]})).status == 400
    await let_take_two(root, "audit.export", "guardrail.weaken")
    assert (await delete_team(root)).status == 204


async def test_a_guardrail_that_refuses_is_not_weakened_alone(root: Client, spare: Client) -> None:
    """Neither deleted, nor let simulate, nor given an exception from; one that simulates is."""
    await set_guardrail(root, "tried", "no-public", "a/**", mode="simulate")
    await set_guardrail(root, "closed", "no-public", "b/**")
    await let_take_two(root, "guardrail.weaken")
    exceptions = "/api/v1/guardrails/closed/exceptions"
    terms = {"path_pattern": "b/**", "reason": "a test", "expires_at": rfc3339(after(system_clock(), DAY_MS))}
    refused = [
        await root.send_json("PATCH", "/api/v1/guardrails/closed", {"mode": "simulate"}),
        await root.post(exceptions, terms),
        await root.send("DELETE", "/api/v1/guardrails/closed"),
    ]

    assert [(each.json["about"]["target"], each.json["about"]["hours"]) for each in refused] == [
        ("simulate closed", None),
        ("exempt closed in b/**", 24),
        ("delete closed", None),
    ]
    assert (await root.send("DELETE", "/api/v1/guardrails/tried")).status == 204
    await approved(root, refused[1], spare)
    assert (await root.post(exceptions, terms)).status == 201
    assert (await root.send_json("PATCH", "/api/v1/guardrails/closed", {"reason": "why"})).status == 200


async def test_bytes_are_not_freed_alone(root: Client, spare: Client) -> None:
    """What goes into the bin is; what is purged is just the artifact that was approved."""
    other = an_image_manifest(marker="other")
    for image in (IMAGE, other):
        await root.push_image("team/app", image)
    await let_take_two(root, "artifact.purge")
    free = f"/api/v1/repositories/team/app/-/artifacts/{IMAGE.digest}:free-now"
    refused = await root.send("POST", free)
    await approved(root, refused, spare)

    assert refused.json["about"]["target"] == f"team/app@{IMAGE.digest}"
    assert (await root.send("POST", free.replace(IMAGE.digest, other.digest))).status == 403
    assert (await root.send("POST", free)).status == 200
    assert (await root.send("DELETE", free.replace(IMAGE.digest, other.digest).removesuffix(":free-now"))).status == 200


async def test_an_export_is_of_the_search_that_was_approved(application: Application, root: Client) -> None:
    """An auditor may approve it; of a project, who administers that."""
    await application.user("spare", is_admin=True)
    auditor = await application.user("ann", ("SYSTEM", "auditor"))
    owner = await application.user("olaf", ("team/**", "admin"))
    await let_take_two(root, "audit.export")
    export = "/api/v1/audit/records:export"
    await approved(root, await root.get(export), auditor)
    await approved(root, await root.get(f"{export}?project=team"), owner)

    assert (await root.get(f"{export}?type=grant")).status == 403
    assert (await root.get(f"{export}?project=team")).status == 200
    assert [(await root.get(export)).status for _ in range(2)] == [200, 403]


async def test_everything_is_told(application: Application, root: Client, spare: Client) -> None:
    """Who asked for what and why, who decided, and that it was used."""
    await let_take_two(root, "project.delete")
    await approved(root, await delete_team(root), spare)
    await delete_team(root)
    told = [event for event in await application.events() if event.type.startswith("approval.")]

    assert [(event.type, event.principal) for event in told] == [
        ("approval.rules-changed", "user:root"),
        ("approval.requested", "user:root"),
        ("approval.given", "user:spare"),
        ("approval.used", "user:root"),
    ]
    assert [event.reason for event in told] == ["", "it is time", "seen", "it is time"]
    assert {event.project for event in told[1:]} == {"team"}


async def test_one_person_asks_for_so_many_at_once(root: Client, spare: Client) -> None:
    """What was decided or withdrawn makes room."""
    await let_take_two(root, "project.delete")
    answers = [await ask(root, {"act": "project.delete", "target": f"team-{number}"}) for number in range(21)]
    await decide(spare, answers[0].json["id"])
    again = await ask(root, {"act": "project.delete", "target": "team-20"})

    assert [each.status for each in answers] == [201] * 20 + [409]
    assert (answers[-1].json["code"], again.status) == ("too_many_approvals", 201)
