# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/break-glass`: who takes which rights in an emergency, for how long, and what they cannot do with them."""

import asyncio
from typing import Any

import pytest

from entrepot.features.break_glass.jobs import tell_ends
from entrepot.features.break_glass.models import MAX_OPENINGS
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.clock import system_clock
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.break_glass import ELIGIBILITIES
from tests.builders.break_glass import GLASS
from tests.builders.break_glass import OPENINGS
from tests.builders.break_glass import REASON
from tests.builders.break_glass import break_glass
from tests.builders.break_glass import let_time_pass
from tests.builders.break_glass import make_eligible
from tests.builders.browsers import Browser
from tests.builders.guardrails import a_robot
from tests.builders.guardrails import set_guardrail
from tests.builders.guardrails import set_up_second_factor

APP = "team/app"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry."""
    return await application.user("root", is_admin=True)


@pytest.fixture
async def bob(application: Application) -> Client:
    """Somebody who may do nothing until the glass is broken."""
    return await application.user("bob")


async def may_push(client: Client) -> bool:
    """Tell whether somebody may push, by beginning to."""
    return (await client.send("POST", f"/v2/{APP}/blobs/uploads/")).status == 202


async def test_what_is_taken_counts_at_once_and_ends_at_once(root: Client, bob: Client) -> None:
    """It is a grant, of which lists and explanations tell as of any other, and that it is of break-glass access."""
    before = await may_push(bob)
    opening = await break_glass(bob, await make_eligible(root, "bob", "team/**", "write"))
    during = await may_push(bob)
    granted = (await root.get("/api/v1/grants?principal=bob")).json["items"]
    explained = (await root.get(f"/api/v1/access?action=push&repository={APP}&principal=bob")).json
    holders = (await root.get(f"/api/v1/access/who?action=push&repository={APP}")).json["items"]
    ended = await bob.post(f"{OPENINGS}/{opening['id']}:end", {})

    assert (before, during, await may_push(bob)) == (False, True, False)
    assert [(each["opening"], each["expires_at"]) for each in granted] == [(opening["id"], opening["ends_at"])]
    assert explained["because"] == "bob has the role write on team/**, having broken the glass"
    assert "user:bob" in {each["principal"] for each in holders}
    assert (ended.json["state"], ended.json["ended_by"]) == ("ended", "user:bob")
    assert (await root.get("/api/v1/grants?principal=bob")).json["items"] == []


async def test_a_role_that_was_made_anew_is_not_taken(root: Client, bob: Client) -> None:
    """It is another one than somebody was made eligible for."""
    await root.post("/api/v1/roles", {"name": "mine", "actions": ["pull"]})
    eligibility = await make_eligible(root, "bob", "team/**", "mine")
    assert (await root.send("DELETE", "/api/v1/roles/mine")).status == 204
    await root.post("/api/v1/roles", {"name": "mine", "actions": ["admin"]})

    answer = await bob.post(OPENINGS, {"eligibility": eligibility, "reason": REASON})

    assert (answer.status, answer.json["code"]) == (404, "role_unknown")


async def test_whoever_is_in_a_group_may_take_what_it_is_eligible_for(root: Client, bob: Client) -> None:
    """For themselves; who left it may no more."""
    await root.post("/api/v1/groups", {"name": "on-call"})
    await root.send("PUT", "/api/v1/groups/on-call/members/user:bob")
    eligibility = await make_eligible(root, "group:on-call", "SYSTEM", "administrator", longest_minutes=120)
    shown = (await bob.get(GLASS)).json
    opening = await break_glass(bob, eligibility)
    users = await bob.get("/api/v1/users")
    await bob.post(f"{OPENINGS}/{opening['id']}:end", {})
    await root.send("DELETE", "/api/v1/groups/on-call/members/user:bob")

    assert [each["id"] for each in shown["eligibilities"]] == [eligibility]
    assert shown["opening"] is None
    assert (users.status, (await bob.get("/api/v1/users")).status) == (200, 403)
    assert (await bob.post(OPENINGS, {"eligibility": eligibility, "reason": REASON})).status == 404


async def test_only_a_person_who_logged_in_breaks_the_glass(root: Client, bob: Client) -> None:
    """No personal token, no registry token, and no robot that could be eligible."""
    eligibility = await make_eligible(root, "bob", "team/**", "admin")
    await root.post("/api/v1/projects", {"name": "team"})
    made = await bob.post("/api/v1/tokens", {"name": "laptop"})
    token = Client(bob.server, (("authorization", f"Bearer {made.json['secret']}"),))
    fetched = await bob.get("/auth/token?service=x")
    registry_token = Client(bob.server, (("authorization", f"Bearer {fetched.json['token']}"),))
    wanted = {"eligibility": eligibility, "reason": REASON}
    robot = {"principal": "robot:team.ci", "path_pattern": "team/**", "role": "admin"}

    answers = [await client.post(OPENINGS, wanted) for client in (token, registry_token)]
    assert [(answer.status, answer.json["code"]) for answer in answers] == [(403, "only_in_person")] * 2
    assert (await root.post(ELIGIBILITIES, robot)).json["code"] == "eligibility_invalid"
    assert (await (await a_robot(root, "team", "read")).post(OPENINGS, wanted)).json["code"] == "only_in_person"


async def test_a_session_in_which_nobody_proved_themselves_of_late_does_not(
    application: Application, root: Client, bob: Client
) -> None:
    """The one that follows a login does."""
    eligibility = await make_eligible(root, "bob", "team/**", "write")
    browser = Browser(application)
    await browser.log_in("bob")
    stale = browser.twin(application)
    opened = await browser.post(OPENINGS, {"eligibility": eligibility, "reason": REASON})
    await application.database.write(_forget_proof)

    assert opened.status == 201
    assert (await stale.post(OPENINGS, {"eligibility": eligibility, "reason": REASON})).json["code"] == (
        "reauthentication_needed"
    )


async def test_whoever_has_a_second_factor_gives_it(application: Application, root: Client, bob: Client) -> None:
    """The password alone is no login then; neither is a session that has only come so far."""
    wanted = {"eligibility": await make_eligible(root, "bob", "team/**", "write"), "reason": REASON}
    await application.database.write(set_up_second_factor, "bob")
    browser = Browser(application)
    await browser.log_in("bob")
    half_in = await browser.post(OPENINGS, wanted)

    assert ((await bob.post(OPENINGS, wanted)).status, half_in.status) == (401, 401)
    assert half_in.json["code"] == "second_factor_needed"


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"reason": "too short"}, 400),
        ({"reason": "  \n    too short         "}, 400),
        ({"reason": "x" * 501}, 400),
        ({"minutes": 31}, 400),
        ({"minutes": 0}, 400),
        ({"eligibility": "01JD2F7ZK3Q8V5T6X9Y0B1C2D4"}, 404),
        ({"ends_at": "2099-01-01T00:00:00Z"}, 400),
    ],
)
async def test_nobody_takes_more_than_was_set(root: Client, bob: Client, wanted: dict[str, Any], status: int) -> None:
    """A reason that says something, a time within bounds, and what one is eligible for."""
    eligibility = await make_eligible(root, "bob", "team/**", "write", longest_minutes=30)
    answer = await bob.post(OPENINGS, {"eligibility": eligibility, "reason": REASON, **wanted})

    assert answer.status == status, answer.body
    assert not await may_push(bob)


async def test_nobody_opens_twice_at_once(root: Client, bob: Client) -> None:
    """Neither the same, to make it last longer, nor something else."""
    first = await make_eligible(root, "bob", "team/**", "write", longest_minutes=1)
    other = await make_eligible(root, "bob", "other/**", "write")
    opening = await break_glass(bob, first)
    again = [await bob.post(OPENINGS, {"eligibility": each, "reason": REASON}) for each in (first, other)]

    assert [(answer.status, answer.json["code"]) for answer in again] == [(409, "already_open")] * 2
    assert (await bob.get(GLASS)).json["opening"]["ends_at"] == opening["ends_at"]


async def test_of_many_who_come_at_once_one_opens(root: Client, bob: Client) -> None:
    """Whatever they open: two windows of one browser, or two nodes."""
    ids = [await make_eligible(root, "bob", f"{name}/**", "write") for name in ("team", "other", "third")]
    tried = (bob.post(OPENINGS, {"eligibility": each, "reason": REASON}) for each in ids)
    answers = await asyncio.gather(*tried)

    assert sorted(answer.status for answer in answers) == [201, 409, 409]
    assert len((await root.get("/api/v1/grants?principal=bob")).json["items"]) == 1


async def test_nobody_opens_again_and_again(root: Client, bob: Client) -> None:
    """Twenty times within a day, however short each was."""
    eligibility = await make_eligible(root, "bob", "team/**", "read")
    for _ in range(MAX_OPENINGS):
        opening = await break_glass(bob, eligibility)
        assert (await bob.post(f"{OPENINGS}/{opening['id']}:end", {})).status == 200

    answer = await bob.post(OPENINGS, {"eligibility": eligibility, "reason": REASON})

    assert (answer.status, answer.json["code"]) == (409, "too_many_openings")


async def test_a_guardrail_on_administering_holds_for_eligibilities(root: Client) -> None:
    """Whoever has no second factor, where it takes one, makes nobody eligible."""
    await set_guardrail(root, "proven", "second-factor", "team/**")
    wanted = {"principal": "root", "role": "read"}
    answers = [await root.post(ELIGIBILITIES, {**wanted, "path_pattern": f"{name}/**"}) for name in ("team", "other")]

    assert [answer.status for answer in answers] == [403, 201]


async def test_it_follows_whoever_is_renamed(root: Client, bob: Client) -> None:
    """With its rights and its end, and nobody gets to acknowledge their own by another name."""
    opening = await break_glass(bob, await make_eligible(root, "bob", "team/**", "write"))
    await root.post("/api/v1/users/bob:rename", {"name": "robert"})
    (held,) = (await root.get("/api/v1/grants?principal=robert")).json["items"]
    shown = (await root.get(f"{OPENINGS}/{opening['id']}")).json
    eligible = (await root.get(ELIGIBILITIES)).json["items"]

    assert (held["opening"], held["expires_at"]) == (opening["id"], opening["ends_at"])
    assert [shown["principal"], *(each["principal"] for each in eligible)] == ["user:robert"] * 2


async def test_what_one_grants_oneself_lasts_apart_from_it_and_is_seen(
    application: Application, root: Client, bob: Client
) -> None:
    """It is announced as any grant is, and what was taken in the emergency ends when it would have."""
    opening = await break_glass(bob, await make_eligible(root, "bob", "SYSTEM", "administrator"))
    await bob.post("/api/v1/grants", {"principal": "bob", "path_pattern": "SYSTEM", "role": "administrator"})
    taken = await bob.send("DELETE", "/api/v1/grants?principal=bob&path_pattern=SYSTEM&role=administrator")
    twice = await bob.send("DELETE", "/api/v1/grants?principal=bob&path_pattern=SYSTEM&role=administrator")
    await bob.send_json("PATCH", "/api/v1/users/bob", {"administrator": True})
    listed = (await root.get("/api/v1/grants?principal=bob")).json["items"]
    told = [event.type for event in await application.events() if event.principal == "user:bob"]

    assert (taken.status, twice.status) == (204, 404)
    assert sorted((each["opening"], each["expires_at"]) for each in listed) == [
        ("", None),
        (opening["id"], opening["ends_at"]),
    ]
    assert told[-3:] == ["grant.given", "grant.taken", "user.changed"]


async def test_it_ends_by_itself(application: Application, root: Client, bob: Client) -> None:
    """Its rights when its time is over; that it is over is told within a minute, once."""
    opening = await break_glass(bob, await make_eligible(root, "bob", "team/**", "write"))
    await application.database.write(let_time_pass, opening["id"])
    forget(application, "bob")
    could = await may_push(bob)
    for _ in range(2):
        await tell_ends(application.database, system_clock())

    told = [event for event in await application.events() if event.type == "break-glass.ended"]
    assert not could
    assert [(event.principal, event.object) for event in told] == [
        ("internal:entrepot", f"break-glass:{opening['id']}")
    ]
    assert (await bob.get(f"{OPENINGS}/{opening['id']}")).json["ended_by"] == "internal:entrepot"
    assert (await root.get("/api/v1/grants?principal=bob")).json["items"] == []
    assert (await bob.post(f"{OPENINGS}/{opening['id']}:end", {})).json["code"] == "not_open"


async def test_an_administrator_ends_it_and_nobody_else_does(
    application: Application, root: Client, bob: Client
) -> None:
    """Nor does anybody else see it, but those who may read the audit log."""
    carol = await application.user("carol")
    auditor = await application.user("auditor", ("SYSTEM", "auditor"))
    opening = await break_glass(bob, await make_eligible(root, "bob", "team/**", "write"))
    where = f"{OPENINGS}/{opening['id']}"

    assert [(await client.get(where)).status for client in (carol, auditor, root, bob)] == [403, 200, 200, 200]
    assert [(await client.post(f"{where}:end", {})).status for client in (carol, auditor)] == [403, 403]
    assert (await root.post(f"{where}:end", {})).json["ended_by"] == "user:root"
    assert not await may_push(bob)


async def test_whoever_broke_the_glass_decides_nothing_about_it(root: Client, bob: Client) -> None:
    """Neither who is eligible, nor whether an opening was in order."""
    eligibility = await make_eligible(root, "bob", "SYSTEM", "administrator")
    await break_glass(bob, eligibility)
    wanted = {"principal": "bob", "path_pattern": "**", "role": "admin"}
    answers = [await bob.post(ELIGIBILITIES, wanted), await bob.send("DELETE", f"{ELIGIBILITIES}/{eligibility}")]

    assert [(answer.status, answer.json["code"]) for answer in answers] == [(403, "not_while_open")] * 2


async def test_nor_as_long_as_another_process_may_take_it_for_open(
    application: Application, root: Client, bob: Client
) -> None:
    """What was ended is remembered for two seconds elsewhere; until then it is as if it were open."""
    opening = await break_glass(bob, await make_eligible(root, "bob", "SYSTEM", "administrator"))
    await bob.post(f"{OPENINGS}/{opening['id']}:end", {})
    await root.send_json("PATCH", "/api/v1/users/bob", {"administrator": True})
    wanted = {"principal": "bob", "path_pattern": "**", "role": "admin"}
    at_once = await bob.post(ELIGIBILITIES, wanted)
    await application.database.write(let_time_pass, opening["id"])

    assert (at_once.status, at_once.json["code"]) == (403, "not_while_open")
    assert (await bob.post(ELIGIBILITIES, wanted)).status == 201


@pytest.mark.parametrize("name", ["nothing", "01JD2F7ZK3Q8V5T6X9Y0B1C2D4"])
async def test_what_is_called_by_no_id_is_unknown(root: Client, name: str) -> None:
    """Whatever stands in its place."""
    answers = [await root.get(f"{OPENINGS}/{name}"), await root.send("DELETE", f"{ELIGIBILITIES}/{name}")]
    answers += [await root.post(f"{OPENINGS}/{name}:{verb}", {"comment": "a"}) for verb in ("end", "acknowledge")]

    assert [answer.status for answer in answers] == [404] * 4


async def test_an_opening_is_acknowledged_by_another_administrator(
    application: Application, root: Client, bob: Client
) -> None:
    """Once it has ended, once, by nobody for themselves, nor for one another while both have broken the glass."""
    carol, eligibility = await application.user("carol"), await make_eligible(root, "carol", "SYSTEM", "administrator")
    opening = await break_glass(bob, await make_eligible(root, "bob", "SYSTEM", "administrator"))
    where, said = f"{OPENINGS}/{opening['id']}", {"comment": "as agreed"}
    codes = [(await root.post(f"{where}:acknowledge", words)).json["code"] for words in (said, {"comment": " "})]
    await bob.post(f"{where}:end", {})
    await application.database.write(let_time_pass, opening["id"])
    await break_glass(carol, eligibility)
    codes.append((await carol.post(f"{where}:acknowledge", said)).json["code"])
    await root.send_json("PATCH", "/api/v1/users/bob", {"administrator": True})
    codes.append((await bob.post(f"{where}:acknowledge", said)).json["code"])
    done = await root.post(f"{where}:acknowledge", said)
    codes.append((await root.post(f"{where}:acknowledge", said)).json["code"])

    assert codes == ["still_open", "opening_invalid", "not_while_open", "not_by_oneself", "already_acknowledged"]
    assert (done.json["state"], done.json["acknowledged_by"], done.json["comment"]) == (
        "acknowledged",
        "user:root",
        "as agreed",
    )


async def test_what_waits_to_be_acknowledged_is_listed(root: Client, bob: Client) -> None:
    """Newest first; what was acknowledged is listed apart."""
    eligibility = await make_eligible(root, "bob", "team/**", "write")
    ids = []
    for _ in range(3):
        ids.append((await break_glass(bob, eligibility))["id"])
        await bob.post(f"{OPENINGS}/{ids[-1]}:end", {})
    await root.post(f"{OPENINGS}/{ids[0]}:acknowledge", {"comment": "seen"})

    pages = await root.pages(f"{OPENINGS}?limit=2")
    assert [[each["id"] for each in page] for page in pages] == [[ids[2], ids[1]], [ids[0]]]
    for acknowledged, wanted in (("false", [ids[2], ids[1]]), ("true", [ids[0]])):
        answer = await root.get(f"{OPENINGS}?acknowledged={acknowledged}")
        assert [each["id"] for each in answer.json["items"]] == wanted
    assert (await bob.get(OPENINGS)).status == 403


async def test_another_one_of_the_same_name_inherits_nothing(root: Client, bob: Client) -> None:
    """Neither a group that is made anew, nor whoever was deleted while the glass was broken."""
    await root.post("/api/v1/groups", {"name": "on-call"})
    await make_eligible(root, "group:on-call", "team/**", "write")
    opening = await break_glass(bob, await make_eligible(root, "bob", "team/**", "write"))
    await root.send("DELETE", "/api/v1/groups/on-call")
    await root.send("DELETE", "/api/v1/users/bob")

    assert (await root.get(ELIGIBILITIES)).json["items"] == []
    assert (await root.get(f"{OPENINGS}/{opening['id']}")).json["state"] == "ended"


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"principal": "nobody"}, 404),
        ({"principal": "group:nobody"}, 404),
        ({"principal": "everyone"}, 400),
        ({"role": "administrator"}, 400),
        ({"role": "no-such-role"}, 404),
        ({"path_pattern": "Team"}, 400),
        ({"longest_minutes": 481}, 400),
    ],
)
async def test_what_makes_no_sense_is_refused(root: Client, bob: Client, wanted: dict[str, Any], status: int) -> None:
    """People and groups that exist, roles where they belong, eight hours at most, and nothing twice."""
    terms = {"principal": "bob", "path_pattern": "team/**", "role": "write"}
    first = await root.post(ELIGIBILITIES, {**terms, **wanted})
    await root.post(ELIGIBILITIES, terms)

    assert first.status == status, first.body
    assert (await root.post(ELIGIBILITIES, terms)).json["code"] == "eligibility_exists"
    assert (await bob.post(ELIGIBILITIES, terms)).status == 403


def forget(application: Application, name: str) -> None:
    """Let what was read of somebody's grants be read anew."""
    authorizer: Any = application.core.authorizer
    authorizer.forget(PrincipalKind.USER, name)


def _forget_proof(connection: Any) -> None:
    connection.exec_driver_sql("UPDATE sessions SET proved_at = 0")
