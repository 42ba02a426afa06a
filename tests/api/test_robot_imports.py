# SPDX-License-Identifier: Apache-2.0
"""Robots that come from Harbor: their name, their secret, and the hash of it that is there."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy import select

from entrepot.features.tokens.tables import credentials
from tests.api.robots import CI
from tests.api.robots import LaterClock
from tests.api.robots import a_robot
from tests.api.robots import an_administrator
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.logins import basic
from tests.builders.logins import fetched
from tests.builders.manifests import an_image_manifest

ALIAS, SECRET = "robot$team+ci", "Imported1Secret"
SALT = "aB3dE5gH7jK9mN1pQ3rS5tU7vW9xY1zA"
HASH = hashlib.pbkdf2_hmac("sha256", SECRET.encode(), SALT.encode(), 4096, 16).hex()
IMPORTED: dict[str, Any] = {"alias": ALIAS, "foreign_hash": {"scheme": "harbor", "salt": SALT, "hash": HASH}}

pytestmark = pytest.mark.anyio


@pytest.fixture
def clock() -> LaterClock:
    """The present, until a test says otherwise."""
    return LaterClock()


@pytest.fixture
def application(tmp_path: Path, clock: LaterClock) -> Iterator[Application]:
    """Hold an application whose clock a test moves."""
    with an_application(tmp_path, clock=clock) as application:
        yield application


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry, who has made the project `team`."""
    return await an_administrator(application, "team")


def kept(connection: Connection) -> list[str]:
    """Return what is stored of imported secrets."""
    return list(connection.execute(select(credentials.c.imported_hash)).scalars())


def told(answer: Answer) -> str:
    """Return what the registry says."""
    return str(answer.json["errors"][0]["message"])


async def test_an_imported_robot_goes_on_as_before(application: Application, root: Client) -> None:
    """With its name and its secret it pushes, by Basic, by a token, and by a form as docker sends it."""
    made = await a_robot(root, **IMPORTED)
    robot = basic(application, ALIAS, SECRET)
    await robot.push_image("team/app", an_image_manifest(), "1.0")
    token = await fetched(application, robot, "repository:team/app:pull")
    form = f"grant_type=password&username=robot%24team%2Bci&password={SECRET}&service=entrepot".encode()
    kind = ("content-type", "application/x-www-form-urlencoded")

    assert (made["secret"], made["name"]) == (None, "team.ci")
    assert (await token.get("/v2/team/app/manifests/1.0")).status == 200
    assert (await application.anonymous().send("POST", "/auth/token", form, kind)).status == 200
    assert (await robot.get(CI)).json["secret"]["is_imported"]


async def test_the_foreign_hash_counts_once(application: Application, root: Client) -> None:
    """After the first right login, and not before, another one of ours is in its place; the secret stays good."""
    await a_robot(root, **IMPORTED)
    await basic(application, ALIAS, "wrong").get("/v2/")
    before = await application.database.read(kept)
    answers = [await basic(application, ALIAS, SECRET).get("/v2/") for _ in range(2)]
    after = await application.database.read(kept)

    assert before == [f"harbor:{SALT}:{HASH}"]
    assert [answer.status for answer in answers] == [200, 200]
    assert len(after) == 1
    assert HASH not in after[0]
    assert SALT not in after[0]


@pytest.mark.parametrize("is_used_before", [False, True])
async def test_a_wrong_secret_is_a_wrong_password(application: Application, root: Client, is_used_before: bool) -> None:
    """As for an alias that nobody has, in the same words; and the hash itself is not the secret."""
    await a_robot(root, **IMPORTED)
    if is_used_before:
        await basic(application, ALIAS, SECRET).get("/v2/")
    guesses = [(ALIAS, "wrong"), (ALIAS, HASH), (ALIAS, ""), ("robot$team+nil", SECRET), ("team.ci", SECRET)]
    answers = [await basic(application, name, secret).get("/v2/") for name, secret in guesses]

    assert {(answer.status, told(answer)) for answer in answers} == {(401, told(answers[0]))}
    assert "wrong" in told(answers[0])


async def test_a_name_that_nobody_can_have_is_a_wrong_password(application: Application) -> None:
    """A character that PostgreSQL does not store is none of the database's business."""
    assert (await basic(application, "robot$\0", "wrong").get("/v2/")).status == 401


async def test_guessing_is_slowed_down(application: Application, root: Client) -> None:
    """As with passwords: whoever tries again and again is told when to go on."""
    await a_robot(root, **IMPORTED)
    answers = [await basic(application, ALIAS, f"wrong{number}").get("/v2/") for number in range(10)]

    assert [answer.status for answer in answers[:3]] == [401] * 3
    assert answers[-1].status == 429
    assert int(answers[-1].header("retry-after")) > 0


async def test_its_other_secrets_go_by_both_names(application: Application, root: Client) -> None:
    """After rotating, the name in the pipelines may stay; the imported secret ends and is said to have."""
    await a_robot(root, **IMPORTED)
    await basic(application, ALIAS, SECRET).get("/v2/")
    secret = (await root.post(f"{CI}:rotate", {})).json["secret"]
    answers = [await basic(application, name, secret).get("/v2/") for name in ("team.ci", ALIAS, "robot$nil")]
    ended = await basic(application, ALIAS, SECRET).get("/v2/")

    assert [answer.status for answer in answers] == [200, 200, 401]
    assert "does not belong to the user name" in told(answers[2])
    assert (ended.status, "was replaced at" in told(ended)) == (401, True)


async def test_an_imported_secret_ends_like_any_other(
    application: Application, root: Client, clock: LaterClock
) -> None:
    """It expires, is refused while the robot is disabled, and elsewhere; who has it is told which of these."""
    await a_robot(root, **IMPORTED, expires_in_days=1)
    robot = basic(application, ALIAS, SECRET)
    await root.send_json("PATCH", CI, {"allowed_addresses": ["10.0.0.0/8"]})
    elsewhere = await robot.get("/v2/")
    await root.send("POST", f"{CI}:disable")
    disabled = await robot.get("/v2/")
    clock.ms = 24 * 60 * 60 * 1000
    expired = await robot.get("/v2/")

    assert [answer.status for answer in (elsewhere, disabled, expired)] == [401] * 3
    assert "not good from the address" in told(elsewhere)
    assert "is disabled" in told(disabled)
    assert "expired at" in told(expired)


async def test_a_hash_needs_a_name(root: Client) -> None:
    """A secret of another form is found by the name that is given with it, and there is one of them at a time."""
    foreign = {"foreign_hash": IMPORTED["foreign_hash"]}
    nameless = await root.post("/api/v1/robots", {"name": "ci", "project": "team", "role": "read", **foreign})
    await a_robot(root, **IMPORTED)
    second = await root.post(f"{CI}/secrets", foreign)

    assert (nameless.status, nameless.json["code"]) == (400, "alias_needed")
    assert (second.status, second.json["code"]) == (409, "too_many_secrets")


@pytest.mark.parametrize(
    "foreign",
    [
        {"scheme": "bcrypt", "salt": SALT, "hash": HASH},
        {"scheme": "harbor", "salt": "short", "hash": HASH},
        {"scheme": "harbor", "salt": SALT, "hash": HASH[:-1]},
        {"scheme": "harbor", "salt": SALT, "hash": "z" * 32},
        {"scheme": "harbor", "salt": f"{SALT[:-1]}:", "hash": HASH},
        {"scheme": "harbor", "salt": SALT, "hash": HASH, "rounds": 10_000_000},
    ],
)
async def test_what_is_no_hash_of_harbor_is_refused(root: Client, foreign: dict[str, object]) -> None:
    """Nothing about it can be chosen that would make checking it dear."""
    wanted = {"name": "ci", "project": "team", "role": "read", "alias": ALIAS, "foreign_hash": foreign}

    assert (await root.post("/api/v1/robots", wanted)).status == 400


async def test_a_deleted_robot_leaves_its_alias(application: Application, root: Client) -> None:
    """Another robot may have it, and inherits no secret."""
    await a_robot(root, **IMPORTED)
    await root.send("DELETE", CI)
    await a_robot(root, alias=ALIAS)

    assert (await basic(application, ALIAS, SECRET).get("/v2/")).status == 401
