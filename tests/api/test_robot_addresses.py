# SPDX-License-Identifier: Apache-2.0
"""From where the secrets of robots and personal tokens are good, and what was fetched with them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.robots import CI
from tests.api.robots import LaterClock
from tests.api.robots import a_robot
from tests.api.robots import an_administrator
from tests.api.robots import at
from tests.builders.application import PASSWORD
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.application import an_application
from tests.builders.logins import basic
from tests.builders.logins import bearer
from tests.builders.logins import fetched

INSIDE, OUTSIDE = "10.1.2.3", "198.51.100.7"
ALLOWED = {"allowed_addresses": ["10.0.0.0/8", "2001:db8::/32"]}

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
async def alice(application: Application) -> Client:
    """An administrator of the project `team`, which exists."""
    await an_administrator(application, "team")
    return await application.user("alice", ("team/**", "admin"))


def is_told(answer: Answer, address: str) -> bool:
    """Tell whether somebody is refused because of their address, and told which it is."""
    return answer.status == 401 and f"not good from the address {address}" in answer.body.decode()


@pytest.mark.parametrize("address", [INSIDE, "2001:db8::1", f"::ffff:{INSIDE}"])
async def test_a_secret_is_good_from_its_networks(application: Application, alice: Client, address: str) -> None:
    """An IPv4 address that is written as IPv6 is the same address."""
    secret = (await a_robot(alice, **ALLOWED))["secret"]

    assert (await at(basic(application, "team.ci", secret), address).get("/v2/")).status == 200


@pytest.mark.parametrize("path", ["/v2/", "/auth/token?service=entrepot", CI])
async def test_a_secret_is_refused_elsewhere(application: Application, alice: Client, path: str) -> None:
    """On every way in, as Basic and as Bearer, whoever has the right one is told of the address."""
    secret = (await a_robot(alice, **ALLOWED))["secret"]
    ways = [basic(application, "team.ci", secret)]
    ways += [] if path.startswith("/auth") else [bearer(application, secret)]

    for client in ways:
        assert is_told(await at(client, OUTSIDE).get(path), OUTSIDE)
        assert is_told(await client.get(path), "192.0.2.1")


async def test_who_has_no_right_secret_learns_nothing_of_addresses(application: Application, alice: Client) -> None:
    """A wrong one is a wrong one everywhere."""
    secret = (await a_robot(alice, **ALLOWED))["secret"]
    other = (await a_robot(alice, name="cd"))["secret"]
    await alice.send("DELETE", "/api/v1/robots/team.cd")
    answers = [await at(basic(application, "team.ci", other), place).get("/v2/") for place in (INSIDE, OUTSIDE)]

    assert secret != other
    assert len({(answer.status, answer.json["errors"][0]["message"]) for answer in answers}) == 1


async def test_a_token_is_good_from_the_networks_of_its_secret(application: Application, alice: Client) -> None:
    """One that was fetched inside is of no use to somebody outside, who caught it."""
    robot = basic(application, "team.ci", (await a_robot(alice, **ALLOWED))["secret"])
    token = await fetched(application, at(robot, INSIDE), "repository:team/app:pull,push")
    caught = Client(application.server, token.headers)

    assert (await at(caught, INSIDE).send("POST", "/v2/team/app/blobs/uploads/")).status == 202
    assert is_told(await at(caught, OUTSIDE).send("POST", "/v2/team/app/blobs/uploads/"), OUTSIDE)


async def test_a_refresh_token_is_good_from_the_networks_of_its_secret(application: Application, alice: Client) -> None:
    """Elsewhere it renews nothing."""
    robot = basic(application, "team.ci", (await a_robot(alice, **ALLOWED))["secret"])
    answer = await at(robot, INSIDE).get("/auth/token?service=entrepot&offline_token=true")
    form = f"grant_type=refresh_token&refresh_token={answer.json['refresh_token']}".encode()
    kind = ("content-type", "application/x-www-form-urlencoded")
    renewed = [
        await at(application.anonymous(), place).send("POST", "/auth/token", form, kind) for place in (INSIDE, OUTSIDE)
    ]

    assert renewed[0].status == 200
    assert is_told(renewed[1], OUTSIDE)


async def test_a_change_counts_for_what_is_logged_in(
    application: Application, alice: Client, clock: LaterClock
) -> None:
    """Within two seconds, for every secret, and for one that is made later."""
    first = (await a_robot(alice))["secret"]
    token = await fetched(application, basic(application, "team.ci", first), "repository:team/app:pull,push")
    changed = await alice.send_json("PATCH", CI, {"allowed_addresses": ["10.0.0.0/8"]})
    second = (await alice.post(f"{CI}/secrets", {})).json["secret"]
    clock.ms = 2_000

    assert changed.json["allowed_addresses"] == ["10.0.0.0/8"]
    for client in (token, basic(application, "team.ci", first), basic(application, "team.ci", second)):
        assert is_told(await client.send("POST", "/v2/team/app/blobs/uploads/"), "192.0.2.1")
    await alice.send_json("PATCH", CI, {"allowed_addresses": []})
    assert (await basic(application, "team.ci", first).get("/v2/")).status == 200


async def test_a_personal_token_has_networks(application: Application) -> None:
    """Its user's password and other tokens are good everywhere."""
    bob = await application.user("bob")
    made = (await bob.post("/api/v1/tokens", {"name": "laptop", **ALLOWED})).json
    by_token = basic(application, "bob", made["secret"])

    assert made["allowed_addresses"] == ALLOWED["allowed_addresses"]
    assert (await at(by_token, INSIDE).get("/v2/")).status == 200
    assert is_told(await at(by_token, OUTSIDE).get("/v2/"), OUTSIDE)
    assert (await at(basic(application, "bob", PASSWORD), OUTSIDE).get("/v2/")).status == 200


@pytest.mark.parametrize(
    ("networks", "hint"),
    [
        (["10.1.2.3/8"], "10.0.0.0/8"),
        (["example.test"], "192.0.2.7"),
        (["fe80::1%eth0"], "192.0.2.7"),
        (["10.0.0.0/33"], "192.0.2.7"),
    ],
)
async def test_what_is_no_network_is_refused(alice: Client, networks: list[str], hint: str) -> None:
    """With the nearest network, where an address in one was meant; nothing is made."""
    robot = {"name": "ci", "project": "team", "role": "read", "allowed_addresses": networks}
    answers = [
        await alice.post("/api/v1/robots", robot),
        await alice.post("/api/v1/tokens", {"name": "laptop", "allowed_addresses": networks}),
    ]

    for answer in answers:
        assert (answer.status, answer.json["code"]) == (400, "invalid_addresses")
        assert hint in answer.json["hint"]
    assert (await alice.get("/api/v1/tokens")).json == {"items": []}


async def test_there_is_a_most_of_networks(alice: Client) -> None:
    """32 are accepted, and no more."""
    networks = [f"10.0.{number}.0/24" for number in range(33)]
    answers = [
        await alice.post("/api/v1/tokens", {"name": f"t{count}", "allowed_addresses": networks[:count]})
        for count in (32, 33)
    ]

    assert [answer.status for answer in answers] == [201, 400]
