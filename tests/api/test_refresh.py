# SPDX-License-Identifier: Apache-2.0
"""Refresh tokens at `/auth/token`, as docker and containerd ask for them."""

from urllib.parse import urlencode

import pytest

from tests.builders.application import PASSWORD
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client
from tests.builders.logins import basic
from tests.builders.logins import bearer
from tests.builders.manifests import an_image_manifest

SCOPE = "repository:team/app:pull"

pytestmark = pytest.mark.anyio


async def post(application: Application, **fields: str) -> Answer:
    """Send a form without credentials in the header."""
    form = urlencode({"service": "entrepot", "client_id": "docker", **fields})
    header = ("content-type", "application/x-www-form-urlencoded; charset=utf-8")
    return await application.anonymous().send("POST", "/auth/token", form.encode(), header)


async def log_in(application: Application, client: Client) -> str:
    """Log in as docker does, and return the refresh token."""
    answer = await client.get("/auth/token?service=entrepot&client_id=docker&account=alice&offline_token=true")
    assert answer.status == 200, answer.body
    return str(answer.json["refresh_token"])


async def renew(application: Application, refresh_token: str) -> Answer:
    """Fetch a token to pull with."""
    return await post(application, grant_type="refresh_token", refresh_token=refresh_token, scope=SCOPE)


async def test_a_refresh_token_takes_the_place_of_the_login(application: Application, alice: Client) -> None:
    """It fetches tokens with other scopes later, any number of times, and stays the same."""
    await alice.push_image("team/app", an_image_manifest(), "1.0")
    refresh_token = await log_in(application, alice)
    first, second = await renew(application, refresh_token), await renew(application, refresh_token)

    for answer in (first, second):
        assert (answer.status, answer.json["scope"]) == (200, SCOPE)
        assert "refresh_token" not in answer.json
        pulled = await bearer(application, answer.json["access_token"]).get("/v2/team/app/manifests/1.0")
        assert pulled.status == 200


@pytest.mark.parametrize("offline", ["", "&offline_token=false", "&offline_token=1"])
async def test_nobody_gets_one_unasked(alice: Client, offline: str) -> None:
    """Only `offline_token=true` asks for it."""
    assert "refresh_token" not in (await alice.get(f"/auth/token?service=entrepot{offline}")).json


async def test_a_form_asks_with_its_access_type(application: Application, alice: Client) -> None:
    """`access_type=offline` gets one with a password, and the very same one with itself."""
    login = {"grant_type": "password", "username": "alice", "password": PASSWORD}
    online = await post(application, **login, access_type="online")
    offline = await post(application, **login, access_type="offline")
    kept = offline.json["refresh_token"]
    again = await post(application, grant_type="refresh_token", refresh_token=kept, access_type="offline")

    assert "refresh_token" not in online.json
    assert again.json["refresh_token"] == kept


async def test_the_anonymous_principal_gets_none(application: Application) -> None:
    """Where nobody logged in there is nothing to renew."""
    by_get = await application.anonymous().get("/auth/token?service=entrepot&offline_token=true")
    by_post = await post(application, access_type="offline")

    for answer in (by_get, by_post):
        assert answer.status == 200
        assert "refresh_token" not in answer.json


async def test_a_refresh_token_dies_with_what_it_came_from(application: Application, alice: Client) -> None:
    """After the personal token was revoked, it says that somebody has to log in again."""
    secret = (await alice.post("/api/v1/tokens", {"name": "laptop"})).json["secret"]
    refresh_token = await log_in(application, basic(application, "alice", secret))
    await alice.send("DELETE", "/api/v1/tokens/laptop")

    answer = await renew(application, refresh_token)

    assert (answer.status, answer.json["error"]) == (401, "invalid_grant")
    assert answer.json["error_description"].endswith("Log in again.")
    assert answer.json["errors"][0]["code"] == "UNAUTHORIZED"


@pytest.mark.parametrize("what", ["nonsense", "changed", "secret"])
async def test_what_is_no_refresh_token_is_refused(application: Application, alice: Client, what: str) -> None:
    """A made-up one, one with a letter changed, and a personal token, which is no refresh token."""
    refresh_token = await log_in(application, alice)
    secret = (await alice.post("/api/v1/tokens", {"name": "laptop"})).json["secret"]
    changed = refresh_token[:-1] + ("0" if refresh_token[-1] != "0" else "1")
    text = {"nonsense": "abc", "changed": changed, "secret": secret}[what]

    answer = await renew(application, text)

    assert (answer.status, answer.json["error"]) == (401, "invalid_grant")
    assert text not in answer.body.decode()


async def test_a_refresh_token_is_no_password_and_no_bearer(application: Application, alice: Client) -> None:
    """It is good at the token service only."""
    refresh_token = await log_in(application, alice)

    for client in (basic(application, "alice", refresh_token), bearer(application, refresh_token)):
        for path in ("/v2/", "/api/v1/repositories"):
            assert (await client.get(path)).status == 401
    assert (await basic(application, "alice", refresh_token).get("/auth/token")).status == 401


async def test_a_form_without_the_token_is_refused(application: Application) -> None:
    """The missing field is named."""
    answer = await post(application, grant_type="refresh_token")

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")
    assert "refresh_token" in answer.json["error_description"]
