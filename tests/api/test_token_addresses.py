# SPDX-License-Identifier: Apache-2.0
"""Changing from where a personal token is good."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.robots import LaterClock
from tests.api.robots import at
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.logins import basic
from tests.builders.templates import records

INSIDE, OUTSIDE = "10.1.2.3", "198.51.100.7"
LAPTOP = "/api/v1/tokens/laptop"

pytestmark = pytest.mark.anyio


@pytest.fixture
def clock() -> LaterClock:
    """The present, until a test says otherwise."""
    return LaterClock()


@pytest.fixture
def application(tmp_path: Path, clock: LaterClock) -> Iterator[Application]:
    """Hold an application behind a proxy that it trusts."""
    with an_application(tmp_path, clock=clock, trusted_proxies=["192.0.2.1"]) as application:
        yield application


@pytest.fixture
async def token(application: Application, alice: Client) -> Client:
    """Alice, by a token that is good everywhere."""
    made = await alice.post("/api/v1/tokens", {"name": "laptop"})
    return basic(application, "alice", made.json["secret"])


async def allow(client: Client, *addresses: str, query: str = "") -> Answer:
    """Let the token be good from these addresses."""
    return await client.send_json("PATCH", f"{LAPTOP}{query}", {"allowed_addresses": addresses})


async def test_a_token_is_narrowed_and_opened_again(clock: LaterClock, alice: Client, token: Client) -> None:
    """Within two seconds it is good from its networks alone, and so it is everywhere again."""
    assert (await at(token, OUTSIDE).get("/v2/")).status == 200
    narrowed = await allow(alice, "10.0.0.0/8")
    clock.ms += 2_001
    statuses = [(await at(token, address).get("/v2/")).status for address in (INSIDE, OUTSIDE)]
    await allow(alice)
    clock.ms += 2_001

    assert (narrowed.status, narrowed.json["allowed_addresses"]) == (200, ["10.0.0.0/8"])
    assert statuses == [200, 401]
    assert (await at(token, OUTSIDE).get("/v2/")).status == 200


async def test_it_is_recorded_once(application: Application, alice: Client, token: Client) -> None:
    """With what was and what is; saying the same again is not."""
    root = await application.user("root", is_admin=True)
    await allow(alice, "10.0.0.0/8")
    await allow(alice, "10.0.0.0/8")

    (told,) = await records(application, root, "token.changed")
    assert (told["principal"], told["before"]["allowed_addresses"]) == ("user:alice", [])
    assert told["after"]["allowed_addresses"] == ["10.0.0.0/8"]


async def test_a_token_changes_no_token(alice: Client, token: Client) -> None:
    """Not itself either: who finds it cannot let it be good from where they are."""
    assert (await allow(alice, "10.0.0.0/8")).status == 200

    assert (await allow(at(token, INSIDE), "0.0.0.0/0")).json["code"] == "tokens_beget_no_tokens"


async def test_tokens_of_others_take_an_administrator(application: Application, alice: Client, token: Client) -> None:
    """Nobody else learns whether there is one."""
    root, bob = await application.user("root", is_admin=True), await application.user("bob")

    assert (await allow(bob, "10.0.0.0/8", query="?user=alice")).status == 403
    assert (await allow(bob, "10.0.0.0/8")).json["code"] == "token_unknown"
    assert (await allow(root, "10.0.0.0/8", query="?user=alice")).status == 200
    assert (await allow(alice, "10.0.0.0/99")).status == 400
