# SPDX-License-Identifier: Apache-2.0
"""`/api/v1/tokens`, and what tokens are good for."""

from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest

from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.logins import basic
from tests.builders.logins import bearer
from tests.builders.logins import fetched
from tests.builders.manifests import an_image_manifest

TOKENS = "/api/v1/tokens"

pytestmark = pytest.mark.anyio


@pytest.fixture
async def root(application: Application) -> Client:
    """An administrator of the registry."""
    return await application.user("root", is_admin=True)


async def create(client: Client, name: str = "laptop", **more: object) -> dict[str, Any]:
    """Create a token and return the answer, with its secret."""
    answer = await client.post(TOKENS, {"name": name, **more})
    assert answer.status == 201, answer.body
    return dict(answer.json)


async def names(client: Client, query: str = "") -> list[tuple[str, str]]:
    """Return names and states of the tokens that a client sees."""
    answer = await client.get(TOKENS + query)
    assert answer.status == 200, answer.body
    return [(item["name"], item["state"]) for item in answer.json["items"]]


async def test_a_token_is_shown_once(alice: Client) -> None:
    """The answer to creating it holds the secret, and no list and no cache does."""
    answer = await alice.post(TOKENS, {"name": "laptop"})
    created = answer.json
    listed = await alice.get(TOKENS)

    assert (answer.status, answer.header("cache-control")) == (201, "no-store")
    assert answer.header("location") == f"{TOKENS}/{created['id']}"
    assert created["secret"].startswith(f"ent_{created['id']}_")
    assert created["secret"] not in listed.body.decode()
    del created["secret"]
    assert listed.json["items"] == [created]


@pytest.mark.parametrize(("asked", "days"), [({}, 90), ({"expires_in_days": 1}, 1), ({"expires_in_days": 365}, 365)])
async def test_every_token_expires(alice: Client, asked: dict[str, Any], days: int) -> None:
    """It is good for 90 days unless told otherwise, and for a year at most."""
    created = await create(alice, **asked)

    lifetime = datetime.fromisoformat(created["expires_at"]) - datetime.fromisoformat(created["created_at"])
    assert lifetime == timedelta(days=days)


async def test_a_token_is_a_password_everywhere(application: Application, alice: Client) -> None:
    """It pushes, pulls, manages and fetches registry tokens as its user; as Basic, as Bearer and in a form."""
    secret = (await create(alice))["secret"]
    form = f"grant_type=password&username=alice&password={secret}&service=entrepot&scope=repository:team/app:pull"
    digest = await basic(application, "alice", secret).push_image("team/app", an_image_manifest(), "1.0")
    scoped = await fetched(application, basic(application, "alice", secret), "repository:team/app:pull")
    answer = await application.anonymous().send(
        "POST", "/auth/token", form.encode(), ("content-type", "application/x-www-form-urlencoded")
    )
    ways = [basic(application, "alice", secret), bearer(application, secret), scoped]
    ways.append(bearer(application, answer.json["access_token"]))

    for client in ways:
        assert (await client.get("/v2/team/app/manifests/1.0")).header("docker-content-digest") == digest
        assert (await client.get("/api/v1/repositories/team/app/-/tags")).status == 200


@pytest.mark.parametrize("path", ["/v2/", "/auth/token?service=entrepot", "/api/v1/repositories"])
async def test_a_revoked_token_is_refused_with_its_reason(application: Application, alice: Client, path: str) -> None:
    """Everywhere the answer is 401, says that it was revoked, and what to do."""
    created = await create(alice)
    revoked = await alice.send("DELETE", f"{TOKENS}/laptop")

    answer = await basic(application, "alice", created["secret"]).get(path)

    assert (revoked.status, answer.status) == (204, 401)
    assert "the token laptop was revoked at 20" in answer.body.decode()
    assert "POST /api/v1/tokens" in answer.body.decode()
    assert created["secret"] not in answer.body.decode()


@pytest.mark.parametrize("by", ["id", "name"])
async def test_a_token_is_revoked_by_name_or_id(alice: Client, by: str) -> None:
    """It stays in the list for a while, its name is free at once, and revoking it again by id changes nothing."""
    created = await create(alice)
    first = await alice.send("DELETE", f"{TOKENS}/{created[by]}")
    again = await alice.send("DELETE", f"{TOKENS}/{created['id']}")
    await create(alice)

    assert (first.status, again.status) == (204, 204)
    assert await names(alice) == [("laptop", "live"), ("laptop", "revoked")]


async def test_names_are_unique_among_live_tokens(alice: Client) -> None:
    """A second one of the same name is refused, with what to do."""
    await create(alice)
    answer = await alice.post(TOKENS, {"name": "laptop"})

    assert (answer.status, answer.json["code"]) == (409, "token_name_taken")
    assert "DELETE" in answer.json["hint"]


@pytest.mark.parametrize("name", ["", "-x", ".", "..", "a b", "A", "ü", "a/b", "a$", "x" * 65])
async def test_names_are_safe_in_shells_and_addresses(alice: Client, name: str) -> None:
    """Anything but small letters, digits, dots, dashes and underscores is refused."""
    answer = await alice.post(TOKENS, {"name": name})

    assert (answer.status, answer.json["code"]) == (400, "invalid_token_name")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "a", "expires_in_days": 0},
        {"name": "a", "expires_in_days": 366},
        {"name": "a", "role": "admin"},
        {"name": "a", "expires_in_days": None},
    ],
)
async def test_a_request_that_is_not_understood_is_refused(alice: Client, body: object) -> None:
    """A missing name, a lifetime out of bounds and unknown fields are bad requests."""
    assert (await alice.post(TOKENS, body)).status == 400


async def test_a_token_creates_no_token(application: Application, alice: Client) -> None:
    """Neither a personal token nor a registry token does, whatever it was fetched with: it might be stolen."""
    secret = (await create(alice))["secret"]
    by_token = [basic(application, "alice", secret), bearer(application, secret)]
    fetching = [alice, basic(application, "alice", secret)]

    for client in [*by_token, *[await fetched(application, each) for each in fetching]]:
        answer = await client.post(TOKENS, {"name": "second"})
        assert (answer.status, answer.json["code"]) == (403, "tokens_beget_no_tokens")
        assert "user name and password" in answer.json["hint"]
    assert await names(alice) == [("laptop", "live")]


async def test_a_token_lists_and_revokes_itself(application: Application, alice: Client) -> None:
    """It sees the tokens of its user, but ends only itself; others it cannot even tell from unknown ones."""
    await create(alice, "other")
    secret = (await create(alice))["secret"]
    client = basic(application, "alice", secret)
    refused = [await client.send("DELETE", f"{TOKENS}/{name}") for name in ("other", "unknown")]
    listed = await names(client)
    revoked = await client.send("DELETE", f"{TOKENS}/laptop")

    assert [(answer.status, answer.json["code"]) for answer in refused] == [(403, "only_itself")] * 2
    assert listed == [("laptop", "live"), ("other", "live")]
    assert revoked.status == 204
    assert await names(alice) == [("laptop", "revoked"), ("other", "live")]


async def test_administrators_look_after_the_tokens_of_others(application: Application, root: Client) -> None:
    """They list and revoke anybody's; everybody else is refused, whether that user exists or not."""
    bob, mallory = await application.user("bob"), await application.user("mallory")
    await create(bob)
    refused = [await mallory.get(f"{TOKENS}?user={user}") for user in ("bob", "nobody")]
    refused.append(await mallory.send("DELETE", f"{TOKENS}/laptop?user=bob"))
    seen = await names(root, "?user=bob")
    revoked = await root.send("DELETE", f"{TOKENS}/laptop?user=bob")

    assert {answer.status for answer in refused} == {403}
    assert (seen, revoked.status) == ([("laptop", "live")], 204)
    assert await names(bob) == await names(bob, "?user=bob") == [("laptop", "revoked")]


async def test_an_unknown_token_is_not_found(application: Application, alice: Client) -> None:
    """So is one of somebody else."""
    bob = await application.user("bob")
    created = await create(bob)

    for reference in ("unknown", created["id"]):
        answer = await alice.send("DELETE", f"{TOKENS}/{reference}")
        assert (answer.status, answer.json["code"]) == (404, "token_unknown")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_tokens_take_a_login_of_a_user(application: Application, alice: Client, method: str) -> None:
    """Nobody without credentials has any, and a token that covers a repository only does not cover them."""
    narrowed = await fetched(application, alice, "repository:team/app:pull")

    for client in (application.anonymous(), narrowed):
        answer = await client.send(method, TOKENS, b'{"name":"a"}', ("content-type", "application/json"))
        assert answer.status == 401


async def test_the_list_comes_in_pages(alice: Client) -> None:
    """Following `Link` visits every token once, newest first."""
    for number in range(5):
        await create(alice, f"token-{number}")

    pages = await alice.pages(f"{TOKENS}?limit=2")

    assert [[item["name"] for item in page] for page in pages] == [
        ["token-4", "token-3"],
        ["token-2", "token-1"],
        ["token-0"],
    ]
