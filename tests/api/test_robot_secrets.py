# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/robots/{robot}/secrets`: two at once, each with its own end, revoked one by one."""

import pytest

from entrepot.features.tokens import make_secret
from tests.api.robots import CI
from tests.api.robots import ROBOTS
from tests.api.robots import a_robot
from tests.api.robots import an_administrator
from tests.api.robots import secrets_of
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.logins import basic
from tests.builders.logins import bearer

pytestmark = pytest.mark.anyio


@pytest.fixture
async def alice(application: Application) -> Client:
    """An administrator of the project `team`, which exists."""
    await an_administrator(application, "team")
    return await application.user("alice", ("team/**", "admin"))


async def statuses(application: Application, *secrets: str) -> list[int]:
    """Log in with each secret and return what is answered."""
    return [(await basic(application, "team.ci", secret).get("/v2/")).status for secret in secrets]


async def test_two_secrets_are_good_at_once(application: Application, alice: Client) -> None:
    """The second has its own end, the first one stays, and a third is refused with what to do."""
    first = await a_robot(alice)
    second = await alice.post(f"{CI}/secrets", {"expires_in_days": 7})
    third = await alice.post(f"{CI}/secrets", {})

    assert (second.status, second.header("cache-control")) == (201, "no-store")
    assert await statuses(application, first["secret"], second.json["secret"]) == [200, 200]
    assert (third.status, third.json["code"]) == (409, "too_many_secrets")
    listed = await secrets_of(alice)
    assert {each["id"]: each["expires_at"] for each in listed} == {
        made["id"]: made["expires_at"] for made in (first, second.json)
    }
    assert first["secret"] not in (await alice.get(f"{CI}/secrets")).body.decode()


async def test_one_of_two_is_revoked(application: Application, alice: Client) -> None:
    """The other one stays good, and whoever has the revoked one is told so; doing it again changes nothing."""
    first = await a_robot(alice)
    second = (await alice.post(f"{CI}/secrets", {})).json
    revoked = [await alice.send("DELETE", f"{CI}/secrets/{first['id']}") for _ in range(2)]

    assert [answer.status for answer in revoked] == [204, 204]
    assert await statuses(application, first["secret"], second["secret"]) == [401, 200]
    refused = await basic(application, "team.ci", first["secret"]).get("/api/v1/robots/team.ci")
    assert refused.json["code"] == "secret_revoked"
    assert {each["id"]: each["state"] for each in await secrets_of(alice)}[first["id"]] == "revoked"


async def test_a_secret_of_another_robot_is_not_revoked(alice: Client) -> None:
    """Nor one that nobody has, nor what is no id: there is no such secret of this robot."""
    await a_robot(alice)
    other = await a_robot(alice, name="cd")
    for secret in (other["id"], "01JD2F7ZK3Q8V5T6X9Y0B1C2D4", "nil"):
        answer = await alice.send("DELETE", f"{CI}/secrets/{secret}")
        assert (answer.status, answer.json["code"]) == (404, "secret_unknown")


async def test_rotating_leaves_two_at_most(application: Application, alice: Client) -> None:
    """With an overlap the newest goes on, and the one before ends at once."""
    first = (await a_robot(alice))["secret"]
    second = (await alice.post(f"{CI}/secrets", {})).json["secret"]
    third = (await alice.post(f"{CI}:rotate", {"overlap_minutes": 60})).json["secret"]
    fourth = (await alice.post(f"{CI}:rotate", {"overlap_minutes": 60})).json["secret"]

    assert await statuses(application, first, second, third, fourth) == [401, 401, 200, 200]


async def test_a_robot_that_rotates_itself_keeps_what_it_is_logged_in_with(
    application: Application, alice: Client
) -> None:
    """For the overlap, whichever of two that is, so that the rest of its pipeline goes on."""
    first = (await a_robot(alice))["secret"]
    second = (await alice.post(f"{CI}/secrets", {})).json["secret"]
    robot = basic(application, "team.ci", first)
    third = (await robot.post(f"{CI}:rotate", {"overlap_minutes": 60})).json["secret"]

    assert await statuses(application, first, second, third) == [200, 401, 200]


async def test_a_robot_adds_and_revokes_nothing_itself(application: Application, alice: Client) -> None:
    """It looks at its secrets and rotates; more would let a stolen secret make itself at home."""
    made = await a_robot(alice)
    robot = basic(application, "team.ci", made["secret"])
    refused = [await robot.post(f"{CI}/secrets", {}), await robot.send("DELETE", f"{CI}/secrets/{made['id']}")]
    refused.append(await robot.post(f"{CI}:rotate", {"secret_hash": make_secret().secret_hash}))

    assert [answer.status for answer in refused] == [403, 403, 403]
    assert len(await secrets_of(robot)) == 1


async def test_a_hash_is_enough_to_make_a_robot(application: Application, alice: Client) -> None:
    """Whoever has the secret logs in with it as with any other, also as Bearer; the answer holds no secret."""
    given = make_secret()
    made = await a_robot(alice, secret_hash=given.secret_hash)

    assert (made["secret"], made["login"], made["id"]) == (None, None, given.secret_hash.split(":")[1])
    assert await statuses(application, given.secret) == [200]
    assert (await bearer(application, given.secret).get(CI)).status == 200


async def test_the_same_hash_again_changes_nothing(application: Application, alice: Client) -> None:
    """Creating, rotating and adding are answered with 200 then, and the secret stays the only one."""
    given = {"secret_hash": make_secret().secret_hash}
    wanted = {"name": "ci", "project": "team", "role": "write", **given}
    first = await alice.post(ROBOTS, wanted)
    again = [
        await alice.post(ROBOTS, wanted),
        await alice.post(f"{CI}:rotate", given),
        await alice.post(f"{CI}/secrets", given),
    ]

    assert [answer.status for answer in (first, *again)] == [201, 200, 200, 200]
    assert {answer.json["id"] for answer in again} == {first.json["id"]}
    assert len(await secrets_of(alice)) == 1


@pytest.mark.parametrize("change", [{"role": "read"}, {"allowed_addresses": ["10.0.0.0/8"]}])
async def test_the_same_hash_with_other_terms_is_no_repetition(alice: Client, change: dict[str, object]) -> None:
    """What is there is told of, and stays as it is."""
    given = {"secret_hash": make_secret().secret_hash}
    await a_robot(alice, **given)
    answer = await alice.post(ROBOTS, {"name": "ci", "project": "team", "role": "write", **given, **change})

    assert (answer.status, answer.json["code"]) == (409, "robot_exists")


async def test_rotating_to_a_hash_ends_the_old_secret(application: Application, alice: Client) -> None:
    """And what was good once and is not any more does not come back."""
    first = make_secret()
    await a_robot(alice, secret_hash=first.secret_hash)
    second = make_secret()
    rotated = await alice.post(f"{CI}:rotate", {"secret_hash": second.secret_hash})
    back = await alice.post(f"{CI}:rotate", {"secret_hash": first.secret_hash})

    assert rotated.status == 200
    assert (back.status, back.json["code"]) == (409, "secret_used_before")
    assert await statuses(application, first.secret, second.secret) == [401, 200]


async def test_a_hash_of_another_robot_is_refused(application: Application, alice: Client) -> None:
    """One secret belongs to one robot: the second one is not told whose it is."""
    given = make_secret()
    await a_robot(alice, secret_hash=given.secret_hash)
    answer = await alice.post(
        ROBOTS, {"name": "cd", "project": "team", "role": "read", "secret_hash": given.secret_hash}
    )

    assert (answer.status, answer.json["code"]) == (409, "secret_used_before")
    assert "team.ci" not in answer.body.decode()
    assert (await alice.get(f"{ROBOTS}/team.cd")).status == 404


@pytest.mark.parametrize(
    "given",
    [
        "",
        "sha256:x",
        "sha256:01JD2F7ZK3Q8V5T6X9Y0B1C2D4:00",
        "$argon2id$v=19$m=4194304,t=9,p=1$c2FsdA$aGFzaA",
        "x" * 129,
    ],
)
async def test_what_is_no_hash_is_refused(alice: Client, given: str) -> None:
    """With how to make one, before any work is done for it."""
    answer = await alice.post(ROBOTS, {"name": "ci", "project": "team", "role": "read", "secret_hash": given})

    assert answer.status == 400
    assert (await alice.get(CI)).status == 404


async def test_a_use_is_known_with_its_place(application: Application, alice: Client) -> None:
    """Of each secret when and from where, of the robot when; asking for it is no use."""
    made = await a_robot(alice)
    before = (await secrets_of(alice))[0]
    await statuses(application, made["secret"], made["secret"])
    await application.instance.uses.flush()
    [after] = await secrets_of(alice)

    assert (before["last_used_at"], before["last_used_from"]) == (None, None)
    assert after["last_used_from"] == "192.0.2.1"
    assert (await alice.get(CI)).json["last_used_at"] == after["last_used_at"] is not None


async def test_pages_of_secrets_visit_each_once(alice: Client) -> None:
    """Those that have ended too, newest first."""
    await a_robot(alice)
    for _ in range(4):
        await alice.post(f"{CI}:rotate", {})

    pages = await alice.pages(f"{CI}/secrets?limit=2")

    assert [len(page) for page in pages] == [2, 2, 1]
    assert [each["state"] for page in pages for each in page] == ["live", *["revoked"] * 4]
