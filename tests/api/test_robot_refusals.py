# SPDX-License-Identifier: Apache-2.0
"""Why a robot is refused: told on every way in to whoever has the right secret, and to nobody else."""

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.robots import CI
from tests.api.robots import LaterClock
from tests.api.robots import a_robot
from tests.api.robots import an_administrator
from tests.api.robots import secrets_of
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.logins import basic
from tests.builders.logins import fetched

DAY_MS = 24 * 60 * 60 * 1000

pytestmark = pytest.mark.anyio


class Stage:
    """A robot with a secret, and what can become of it."""

    def __init__(self, application: Application, root: Client, clock: LaterClock, secret: str) -> None:
        self.application = application
        self.root = root
        self.clock = clock
        self.secret = secret

    async def expire(self) -> None:
        """Let a day pass."""
        self.clock.ms = DAY_MS

    async def revoke(self) -> None:
        """Revoke the secret."""
        [secret] = await secrets_of(self.root)
        assert (await self.root.send("DELETE", f"{CI}/secrets/{secret['id']}")).status == 204

    async def replace(self) -> None:
        """Rotate."""
        assert (await self.root.post(f"{CI}:rotate", {})).status == 200

    async def disable(self) -> None:
        """Disable the robot."""
        assert (await self.root.send("POST", f"{CI}:disable")).status == 200

    async def move(self) -> None:
        """Let the robot log in from elsewhere only."""
        answer = await self.root.send_json("PATCH", CI, {"allowed_addresses": ["10.0.0.0/8"]})
        assert answer.status == 200


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
async def stage(application: Application, clock: LaterClock) -> Stage:
    """A robot whose secret is good for a day."""
    root = await an_administrator(application, "team")
    secret = (await a_robot(root, expires_in_days=1))["secret"]
    return Stage(application, root, clock, secret)


Happens = Callable[[Stage], Awaitable[None]]

ENDS = [
    (Stage.expire, "expired at 20", ":rotate"),
    (Stage.revoke, "was revoked at 20", ":rotate"),
    (Stage.replace, "was replaced at 20", ":rotate"),
    (Stage.disable, "team.ci is disabled", "enable it again"),
    (Stage.move, "not good from the address 192.0.2.1", "allowed addresses"),
]


def said(answer: Answer) -> str:
    """Return everything that an answer tells people."""
    document = answer.json
    parts = [str(document.get(name, "")) for name in ("error_description", "detail", "hint")]
    return " ".join([*parts, *(str(each["message"]) for each in document.get("errors", ()))])


@pytest.mark.parametrize(("happens", "told", "step"), ENDS)
@pytest.mark.parametrize("path", ["/v2/", "/auth/token?service=entrepot", CI])
async def test_who_has_the_secret_is_told_which(
    stage: Stage, happens: Happens, told: str, step: str, path: str
) -> None:
    """Expired, revoked, replaced, disabled or elsewhere, with the next step; the secret is not repeated."""
    await happens(stage)
    answer = await basic(stage.application, "team.ci", stage.secret).get(path)

    assert answer.status == 401
    assert told in said(answer)
    assert step in said(answer)
    assert stage.secret not in answer.body.decode()


@pytest.mark.parametrize(("happens", "told", "step"), ENDS[1:])
async def test_who_has_a_token_of_it_is_told_too(stage: Stage, happens: Happens, told: str, step: str) -> None:
    """It was fetched with the right secret; that counts within two seconds."""
    robot = basic(stage.application, "team.ci", stage.secret)
    token = await fetched(stage.application, robot, "repository:team/app:pull,push")
    await happens(stage)
    stage.clock.ms += 2_000
    answer = await token.send("POST", "/v2/team/app/blobs/uploads/")

    assert answer.status == 401
    assert told in said(answer)
    assert step in said(answer)


@pytest.mark.parametrize("happens", [happens for happens, _, _ in ENDS])
async def test_who_has_no_right_secret_is_told_nothing(stage: Stage, happens: Happens) -> None:
    """Whatever became of the robot, and whether there is one: the name or the password is wrong."""
    wrong = (await a_robot(stage.root, name="cd"))["secret"]
    await stage.root.send("DELETE", "/api/v1/robots/team.cd")
    await happens(stage)
    answers = [
        await basic(stage.application, name, secret).get("/v2/")
        for name in ("team.ci", "team.nil", "nobody")
        for secret in (wrong, "a password")
    ]

    assert {(answer.status, said(answer)) for answer in answers} == {(401, said(answers[0]))}
    assert "wrong" in said(answers[0])


async def test_who_guesses_too_often_is_told_when_to_go_on(stage: Stage) -> None:
    """With 429 and the seconds; the right secret is not kept waiting."""
    answers = [await basic(stage.application, "team.ci", f"wrong{number}").get("/v2/") for number in range(10)]
    right = await basic(stage.application, "team.ci", stage.secret).get("/v2/")

    assert answers[-1].status == 429
    assert "too many wrong passwords" in said(answers[-1])
    assert (int(answers[-1].header("retry-after")) > 0, right.status) == (True, 200)
