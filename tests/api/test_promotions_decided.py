# SPDX-License-Identifier: Apache-2.0
"""Deciding about promotions: who may, what counts, and what becomes of those that nobody decides about."""

import asyncio
from typing import Any

import pytest

from entrepot.kernel.changes import Change
from tests.builders.aging import days_pass
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.immutability import a_rule
from tests.builders.immutability import set_rules
from tests.builders.manifests import an_image_manifest
from tests.builders.promotions import API
from tests.builders.promotions import approve
from tests.builders.promotions import asked
from tests.builders.promotions import promoted
from tests.builders.promotions import refuse
from tests.builders.promotions import set_path
from tests.builders.promotions import shown

IMAGE, OTHER = an_image_manifest(annotations={"number": "1"}), an_image_manifest(annotations={"number": "2"})
TWO = {"approvals": 2, "approvers": ["ada", "bob", "cleo"]}

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator, and an image in dev; prod is there."""
    root = await application.user("root", is_admin=True)
    await root.push_image("dev/app", IMAGE, "1.0")
    await root.push_image("prod/other", OTHER, "1.0")
    await application.settle()
    return root


@pytest.fixture
async def dan(application: Application, root: Client) -> Client:
    """Who asks."""
    return await application.user("dan", ("dev/**", "write"), ("prod/**", "read"))


@pytest.fixture
async def people(application: Application, root: Client) -> dict[str, Client]:
    """Those who approve, two of whom are needed."""
    granted = (("dev/**", "read"), ("prod/**", "write"))
    people = {name: await application.user(name, *granted) for name in ("ada", "bob", "cleo")}
    answer = await set_path(root, "prod/release", "dev", **TWO)
    assert answer.status == 200, answer.body
    return people


async def tags(client: Client) -> list[str]:
    """Return the tags of the target."""
    answer = await client.get("/v2/prod/app/tags/list")
    return answer.json["tags"] if answer.status == 200 else []


async def waiting(client: Client) -> list[str]:
    """Return what waits for somebody."""
    return [each["id"] for each in (await client.get(f"{API}/promotions?waiting_for=me")).json["items"]]


People = dict[str, Client]


async def test_it_takes_as_many_as_the_path_says(application: Application, dan: Client, people: People) -> None:
    """Nothing comes before; then it is done with the rights of the last one."""
    promotion = await asked(dan, "dev/app", "prod/release")
    first = (await approve(people["ada"], promotion, "Tested")).json
    await application.settle()
    assert (first["state"], await tags(dan)) == ("waiting", [])

    await approve(people["bob"], promotion)
    ended = await promoted(application, dan, promotion)

    assert (ended["state"], ended["carried_out_by"], await tags(dan)) == ("done", "user:bob", ["1.0"])
    assert [(each["by"], each["note"]) for each in ended["decisions"]] == [("user:ada", "Tested"), ("user:bob", "")]
    told = [event for event in await application.events() if event.type.startswith("promotion.")]
    wanted = [Change.PROMOTION_REQUESTED, Change.PROMOTION_APPROVED, Change.PROMOTION_APPROVED, Change.PROMOTION_DONE]
    assert [event.type for event in told] == wanted
    assert {(event.project, event.repository, event.digest) for event in told} == {("prod", "prod/app", IMAGE.digest)}


async def test_one_refusal_ends_it_and_changes_nothing(application: Application, dan: Client, people: People) -> None:
    """Whoever approved before; and nobody decides any more."""
    promotion = await asked(dan, "dev/app", "prod/release")
    await approve(people["ada"], promotion)

    await refuse(people["bob"], promotion, "The SBOM is missing")
    late = await approve(people["cleo"], promotion)
    ended = await promoted(application, dan, promotion)

    assert (ended["state"], ended["reason"]) == ("refused", "The SBOM is missing")
    assert (late.status, late.json["code"]) == (409, "promotion_not_open")
    assert await tags(dan) == []
    assert (await dan.get("/v2/prod/app/tags/list")).status == 404


async def test_nobody_decides_twice(dan: Client, people: People) -> None:
    """One person is one approval."""
    promotion = await asked(dan, "dev/app", "prod/release")
    await approve(people["ada"], promotion)

    again = await approve(people["ada"], promotion)

    assert (again.status, again.json["code"]) == (409, "promotion_already_decided")
    assert (await shown(dan, promotion))["state"] == "waiting"


async def test_two_who_decide_at_once_are_two(application: Application, dan: Client, people: People) -> None:
    """It is carried out once."""
    promotion = await asked(dan, "dev/app", "prod/release")

    answers = await asyncio.gather(*(approve(people[name], promotion) for name in ("ada", "bob", "ada")))
    ended = await promoted(application, dan, promotion)

    assert sorted(each.status for each in answers) in ([200, 200, 409], [200, 200, 409])
    assert (ended["state"], len(ended["decisions"])) == ("done", 2)
    assert len((await people["ada"].get(f"{API}/copies")).json["items"]) == 1


async def test_who_asks_does_not_approve(application: Application, root: Client, people: People) -> None:
    """Unless the path says so; they may still refuse, or withdraw it."""
    promotion = await asked(people["ada"], "dev/app", "prod/release")
    own = await approve(people["ada"], promotion)
    await set_path(root, "prod/release", "dev", **TWO, own_request_counts=True)

    assert (own.status, own.json["code"]) == (403, "own_promotion")
    assert (await approve(people["ada"], promotion)).status == 200
    await set_path(root, "prod/release", "dev", **TWO)
    await approve(people["bob"], promotion)
    assert (await shown(root, promotion))["state"] == "waiting"
    await approve(people["cleo"], promotion)
    assert (await promoted(application, root, promotion))["state"] == "done"


@pytest.mark.parametrize(
    ("granted", "approver", "answer"),
    [
        ((("dev/**", "read"), ("prod/**", "write")), "cleo", (403, "not_an_approver")),
        ((("dev/**", "read"), ("prod/**", "read")), "eve", (403, "denied")),
        ((("prod/**", "write"),), "eve", (404, "promotion_unknown")),
        ((("dev/**", "read"), ("prod/**", "write")), "eve", (200, "")),
    ],
)
async def test_who_may_approve(
    application: Application,
    root: Client,
    people: People,
    granted: tuple[tuple[str, str], ...],
    approver: str,
    answer: tuple[int, str],
) -> None:
    """Who is named, sees both ends and may push: a path gives nobody a right that they do not have."""
    eve = await application.user("eve", *granted)
    assert (await set_path(root, "prod/release", "dev", **{**TWO, "approvers": ["ada", "bob", approver]})).status == 200
    promotion = await asked(root, "dev/app", "prod/release")

    told = await approve(eve, promotion)

    assert (told.status, told.json.get("code", "").lower()) == answer


async def test_a_robot_asks_and_decides_nothing(application: Application, root: Client, people: People) -> None:
    """People decide, without anything that narrows what they may do."""
    made = (await root.post(f"{API}/robots", {"project": "dev", "name": "ci", "role": "read"})).json
    await root.post(f"{API}/grants", {"principal": "robot:dev.ci", "path_pattern": "prod/**", "role": "write"})
    robot = Client(application.server, (("authorization", f"Bearer {made['secret']}"),))
    promotion = await asked(robot, "dev/app", "prod/release")

    refused = await approve(robot, promotion)

    assert (refused.status, refused.json["code"]) == (403, "only_people_approve")
    assert (await application.anonymous().post(f"{API}/promotions/{promotion}:approve", {})).status == 401


async def test_what_waits_for_somebody_is_listed(application: Application, root: Client, dan: Client) -> None:
    """Through a group as well; not what they have decided about, or asked for themselves."""
    ada = await application.user("ada", ("dev/**", "write"), ("prod/**", "write"))
    await application.user("bob", ("prod/**", "write"))
    await root.post(f"{API}/groups", {"name": "release"})
    for name in ("ada", "bob"):
        await root.send("PUT", f"{API}/groups/release/members/user:{name}")
    await set_path(root, "prod/release", "dev", approvals=2, approvers=["group:release"])
    promotion, own = await asked(dan, "dev/app", "prod/release"), await _asked_for_another(ada)

    assert await waiting(ada) == [promotion]
    assert own in [each["id"] for each in (await ada.get(f"{API}/promotions?state=waiting")).json["items"]]
    await approve(ada, promotion)
    assert await waiting(ada) == []
    assert await waiting(dan) == []


async def _asked_for_another(client: Client) -> str:
    await client.push("dev/app", OTHER, "2.0")
    return await asked(client, "dev/app", "prod/release", tag="2.0")


async def _change(root: Client, what: str) -> None:
    """Let an approval of ada count no more."""
    if what == "approver removed":
        await set_path(root, "prod/release", "dev", **{**TWO, "approvers": ["bob", "cleo"]})
    elif what == "disabled":
        await root.send_json("PATCH", f"{API}/users/ada", {"disabled": True})
    else:
        taken = {"principal": "user:ada", "path_pattern": "prod/**", "role": "write"}
        answer = await root.send_json("DELETE", f"{API}/grants", taken)
        assert answer.status < 300, answer.body


@pytest.mark.parametrize("what", ["approver removed", "disabled"])
async def test_an_approval_counts_while_who_gave_it_may_give_it(
    application: Application, root: Client, dan: Client, people: People, what: str
) -> None:
    """It does not when the next one decides; another one has to."""
    promotion = await asked(dan, "dev/app", "prod/release")
    await approve(people["ada"], promotion)
    await _change(root, what)

    assert (await approve(people["bob"], promotion)).json["state"] == "waiting"
    assert (await approve(people["cleo"], promotion)).json["state"] == "running"
    assert (await promoted(application, dan, promotion))["state"] == "done"


@pytest.mark.parametrize("what", ["approver removed", "disabled"])
async def test_approvals_are_looked_at_again_when_it_is_carried_out(
    application: Application, root: Client, dan: Client, people: People, what: str
) -> None:
    """Who was removed between the last approval and that has approved nothing."""
    promotion = await asked(dan, "dev/app", "prod/release")
    await approve(people["ada"], promotion)
    await approve(people["bob"], promotion)
    await _change(root, what)

    ended = await promoted(application, dan, promotion)

    assert (ended["state"], await tags(dan)) == ("failed", [])
    assert "does not count any more" in ended["reason"]


async def test_how_many_are_needed_is_what_the_path_says_then(
    application: Application, root: Client, dan: Client, people: People
) -> None:
    """More or fewer than when it was asked for."""
    promotion = await asked(dan, "dev/app", "prod/release")
    await set_path(root, "prod/release", "dev", **{**TWO, "approvals": 3})
    await approve(people["ada"], promotion)
    assert (await approve(people["bob"], promotion)).json["approvals"] == 3
    await set_path(root, "prod/release", "dev", **{**TWO, "approvals": 1})

    assert (await shown(dan, promotion))["state"] == "waiting"
    assert (await approve(people["cleo"], promotion)).json["state"] == "running"
    assert (await promoted(application, dan, promotion))["state"] == "done"


@pytest.mark.parametrize("terms", [{"prefix": "prod/x"}, {"tags": "v*"}, {"repositories": "dev/lib"}])
async def test_a_path_that_leads_elsewhere_takes_nothing_along(
    application: Application, root: Client, dan: Client, people: People, terms: dict[str, Any]
) -> None:
    """What was asked for before is refused, when it is decided about and when it is carried out."""
    promotion = await asked(dan, "dev/app", "prod/release")
    await approve(people["ada"], promotion)
    await set_path(root, "prod/release", "dev", **TWO, **terms)
    late = await approve(people["bob"], promotion)
    await set_path(root, "prod/release", "dev", **TWO)
    assert (await approve(people["bob"], promotion)).status == 200
    await set_path(root, "prod/release", "dev", **TWO, **terms)

    ended = await promoted(application, dan, promotion)

    assert (late.status, late.json["code"]) == (409, "promotion_path_changed")
    assert (ended["state"], "leads elsewhere now" in ended["reason"]) == ("failed", True)


async def test_a_path_that_is_deleted_ends_what_goes_along(
    application: Application, root: Client, dan: Client, people: People
) -> None:
    """What waits has failed at once, and what was to be carried out when it is."""
    waits = await asked(dan, "dev/app", "prod/release")
    runs = await _asked_for_another(dan)
    for name in ("ada", "bob"):
        await approve(people[name], runs)

    assert (await root.send("DELETE", f"{API}/projects/prod/promotion-paths/release")).status == 204

    assert (await shown(dan, waits))["reason"] == "the path prod/release was deleted"
    ended = await promoted(application, dan, runs)
    assert (ended["state"], ended["reason"], await tags(dan)) == ("failed", "the path prod/release was deleted", [])


async def test_what_refuses_an_approver_leaves_it_waiting(
    application: Application, root: Client, dan: Client, people: People
) -> None:
    """They hear why, and approve once it is settled."""
    promotion = await asked(dan, "dev/app", "prod/release")
    await approve(people["ada"], promotion)
    await root.push_image("prod/app", OTHER, "1.0")
    await set_rules(root, a_rule("immutable", "*", "prod/**"), project="prod")

    refused = await approve(people["bob"], promotion)

    assert (refused.status, "immutable" in refused.json["detail"]) == (403, True)
    assert (await shown(dan, promotion))["state"] == "waiting"


async def test_what_was_deleted_cannot_be_approved(dan: Client, root: Client, people: People) -> None:
    """It waits, since it may come back out of the bin; it can be refused."""
    promotion = await asked(dan, "dev/app", "prod/release")
    await root.delete("dev/app", IMAGE.digest)

    gone = await approve(people["ada"], promotion)

    assert (gone.status, (await shown(dan, promotion))["state"]) == (404, "waiting")
    assert (await refuse(people["ada"], promotion)).json["state"] == "refused"


async def test_who_asked_withdraws_it(dan: Client, people: People) -> None:
    """Nobody else does, and nobody decides about it then."""
    promotion = await asked(dan, "dev/app", "prod/release")
    target = f"{API}/promotions/{promotion}:withdraw"

    assert (await people["ada"].post(target, {})).json["code"] == "not_your_promotion"
    assert (await dan.post(target, {})).json["state"] == "withdrawn"
    assert (await dan.post(target, {})).json["code"] == "promotion_not_open"
    assert (await approve(people["ada"], promotion)).status == 409


async def test_what_nobody_decides_about_expires(application: Application, dan: Client, people: People) -> None:
    """After the time that the path gives; it is told, and can be asked for again."""
    promotion = await asked(dan, "dev/app", "prod/release")
    await days_pass(application, 8)

    late = await approve(people["ada"], promotion)

    assert (late.json["code"], (await shown(dan, promotion))["state"]) == ("promotion_not_open", "expired")
    assert await waiting(people["ada"]) == []
    assert await asked(dan, "dev/app", "prod/release") != promotion


async def test_a_group_that_is_made_anew_is_another_one(application: Application, root: Client, dan: Client) -> None:
    """Whoever comes into it approves nothing that the old one was named for."""
    ada = await application.user("ada", ("dev/**", "read"), ("prod/**", "write"))
    await root.post(f"{API}/groups", {"name": "release"})
    await root.send("PUT", f"{API}/groups/release/members/user:ada")
    await set_path(root, "prod/release", "dev", approvals=1, approvers=["group:release"])
    promotion = await asked(dan, "dev/app", "prod/release")
    await root.send("DELETE", f"{API}/groups/release")
    await root.post(f"{API}/groups", {"name": "release"})
    await root.send("PUT", f"{API}/groups/release/members/user:ada")

    refused = await approve(ada, promotion)

    assert (refused.status, refused.json["code"]) == (403, "not_an_approver")


async def test_two_who_become_one_are_one(application: Application, root: Client, dan: Client, people: People) -> None:
    """Approvals follow people whatever they are called, and one person is one approval."""
    await set_path(root, "prod/release", "dev", **{**TWO, "approvals": 3})
    promotion = await asked(dan, "dev/app", "prod/release")
    await approve(people["ada"], promotion)
    await approve(people["bob"], promotion)
    merged = await root.post(f"{API}/users/ada:merge", {"into": "bob"})
    assert merged.status == 200, merged.body

    assert [each["by"] for each in (await shown(dan, promotion))["decisions"]] == ["user:bob"]
    assert (await approve(people["cleo"], promotion)).json["state"] == "waiting"
