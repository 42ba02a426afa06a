# SPDX-License-Identifier: Apache-2.0
"""Pushes that run while the secret changes that they began with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.oci.digest import digest_of
from tests.api.robots import CI
from tests.api.robots import LaterClock
from tests.api.robots import a_robot
from tests.api.robots import an_administrator
from tests.api.robots import secrets_of
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.logins import basic
from tests.builders.logins import fetched
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import an_image_manifest

SCOPE = "repository:team/app:pull,push"
HALF = len(A_LAYER) // 2

pytestmark = pytest.mark.anyio


class Push:
    """A push of an image, half of whose layer was sent with a token of the first secret."""

    def __init__(self, application: Application, root: Client, clock: LaterClock) -> None:
        self.application = application
        self.root = root
        self.clock = clock

    async def begin(self) -> None:
        """Push the config, and the first half of the layer."""
        self.secret = (await a_robot(self.root))["secret"]
        self.token = await fetched(self.application, basic(self.application, "team.ci", self.secret), SCOPE)
        await self.token.push_blob("team/app", A_CONFIG)
        self.place = (await self.token.send("POST", "/v2/team/app/blobs/uploads/")).header("location")
        assert (await self.token.send("PATCH", self.place, A_LAYER[:HALF])).status == 202

    async def go_on(self, client: Client) -> list[int]:
        """Send the rest of the layer."""
        closing = f"{self.place}?digest={digest_of(A_LAYER)}"
        patched = await client.send("PATCH", self.place, A_LAYER[HALF:])
        return [patched.status, (await client.send("PUT", closing)).status]

    async def finish(self, client: Client) -> int:
        """Push the manifest."""
        image = an_image_manifest()
        kind = ("content-type", image.media_type)
        return (await client.send("PUT", "/v2/team/app/manifests/1.0", image.payload, kind)).status


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
async def push(application: Application, clock: LaterClock) -> Push:
    """A push that has begun."""
    push = Push(application, await an_administrator(application, "team"), clock)
    await push.begin()
    return push


async def test_a_layer_goes_on_after_a_rotation(push: Push) -> None:
    """Without any overlap, and long after; the manifest takes a token of the new secret."""
    secret = (await push.root.post(f"{CI}:rotate", {})).json["secret"]
    push.clock.ms = 2_000
    sent = await push.go_on(push.token)
    refused = await push.finish(push.token)
    token = await fetched(push.application, basic(push.application, "team.ci", secret), SCOPE)

    assert (sent, refused) == ([202, 201], 401)
    assert await push.finish(token) == 201


async def test_with_an_overlap_a_push_notices_nothing(push: Push) -> None:
    """It fetches further tokens with the secret that it has, to the end."""
    await push.root.post(f"{CI}:rotate", {"overlap_minutes": 10})
    push.clock.ms = 60_000
    token = await fetched(push.application, basic(push.application, "team.ci", push.secret), SCOPE)

    assert [*await push.go_on(token), await push.finish(token)] == [202, 201, 201]


async def test_a_robot_that_rotates_itself_finishes_its_push(push: Push) -> None:
    """With the secret that it then has."""
    robot = basic(push.application, "team.ci", push.secret)
    secret = (await robot.send("POST", f"{CI}:rotate")).json["secret"]
    push.clock.ms = 2_000
    token = await fetched(push.application, basic(push.application, "team.ci", secret), SCOPE)

    assert [*await push.go_on(token), await push.finish(token)] == [202, 201, 201]


async def test_nothing_new_is_begun_with_a_secret_that_was_replaced(push: Push) -> None:
    """Its token is good for the upload that it began, and for nothing else."""
    await push.root.post(f"{CI}:rotate", {})
    push.clock.ms = 2_000
    begun = await push.token.send("POST", "/v2/team/app/blobs/uploads/")
    read = await push.token.get("/v2/team/app/tags/list")
    stranger = await push.root.send("POST", "/v2/team/app/blobs/uploads/")

    assert (begun.status, read.status) == (401, 401)
    assert (await push.token.send("PATCH", stranger.header("location"), b"x")).status == 401


@pytest.mark.parametrize("happens", ["revoke", "disable", "delete", "move"])
async def test_a_push_ends_with_more_than_a_rotation(push: Push, happens: str) -> None:
    """A secret that is revoked, before or after it was replaced, takes along what was begun with it."""
    [secret] = await secrets_of(push.root)
    await push.root.post(f"{CI}:rotate", {})
    if happens == "revoke":
        assert (await push.root.send("DELETE", f"{CI}/secrets/{secret['id']}")).status == 204
    elif happens == "disable":
        await push.root.send("POST", f"{CI}:disable")
    elif happens == "delete":
        await push.root.send("DELETE", CI)
    else:
        await push.root.send_json("PATCH", CI, {"allowed_addresses": ["10.0.0.0/8"]})
    push.clock.ms = 2_000

    assert await push.go_on(push.token) == [401, 401]
