# SPDX-License-Identifier: Apache-2.0
"""`/auth/token` over ASGI."""

import asyncio
import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from entrepot.features.tokens import TokenEndpoint
from entrepot.features.tokens.endpoint import MAX_FORM_BYTES
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import Scope
from entrepot.kernel.clock import rfc3339
from tests.builders.databases import lose
from tests.builders.instance import Instance

pytestmark = pytest.mark.anyio

FORM = ("content-type", "application/x-www-form-urlencoded; charset=utf-8")
BASIC = ("authorization", "Basic " + base64.b64encode(b"alice:secret").decode())
WRONG_BASIC = ("authorization", "Basic " + base64.b64encode(b"alice:wrong").decode())
LOGIN = "grant_type=password&service=entrepot&client_id=docker&username=alice&password=secret"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]


@pytest.fixture
def instance(instance: Instance) -> Instance:
    """An instance on which alice may write to `team`."""
    instance.add_user("alice", "secret")
    instance.grant("user:alice", "team/**", "write")
    return instance


async def send(instance: Instance, method: str, *headers: tuple[str, str], query: str = "", body: str = "") -> Answer:
    """Send one request to the endpoint."""
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": method,
        "path": "/auth/token",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }

    async def receive() -> dict[str, Any]:
        """Give the body at once."""
        return {"type": "http.request", "body": body.encode(), "more_body": False}

    async def collect(message: Any) -> None:
        """Keep what is answered."""
        sent.append(message)

    endpoint = TokenEndpoint(instance.credentials, instance.authenticator, instance.tokens, instance.refresh_tokens)
    await endpoint(scope, receive, collect)
    received = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], received, json.loads(sent[1]["body"] or b"{}"))


async def get(instance: Instance, query: str, *headers: tuple[str, str]) -> Answer:
    """Ask with GET."""
    return await send(instance, "GET", *headers, query=query)


async def post(instance: Instance, form: str, *headers: tuple[str, str]) -> Answer:
    """Ask with a form."""
    return await send(instance, "POST", *(headers or (FORM,)), body=form)


async def bearer(instance: Instance, answer: Answer) -> Principal:
    """Say who the token in an answer is."""
    return await instance.tokens.verify(answer.body["token"])


async def test_get_with_basic_answers_a_token(instance: Instance) -> None:
    """The answer has the fields of the token specification, and may not be stored."""
    query = "service=entrepot&scope=repository:team/app:pull,push&account=alice&client_id=docker"
    answer = await get(instance, query, BASIC)

    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.body["access_token"] == answer.body["token"]
    assert answer.body["expires_in"] >= 60
    assert answer.body["issued_at"] == rfc3339(instance.clock())
    assert answer.headers["x-request-id"]
    assert set(answer.body) == {"token", "access_token", "expires_in", "issued_at"}
    assert (await bearer(instance, answer)).scopes == (Scope("team/app", frozenset({Action.PULL, Action.PUSH})),)


@pytest.mark.parametrize("separator", ["&scope=", "%20", "+"])
async def test_scopes_may_be_repeated_or_joined(instance: Instance, separator: str) -> None:
    """Several scopes come as several parameters or as one with spaces."""
    answer = await get(instance, f"scope=repository:team/a:pull{separator}repository:team/b:pull", BASIC)

    assert [scope.repository for scope in (await bearer(instance, answer)).scopes or ()] == ["team/a", "team/b"]


async def test_nobody_gets_a_token_that_allows_nothing(instance: Instance) -> None:
    """Without credentials GET and POST answer an anonymous token, as clients expect before they log in."""
    scope = "scope=repository:team/app:pull"

    for answer in (await get(instance, scope), await post(instance, scope)):
        assert answer.status == 200
        assert (await bearer(instance, answer)).identity == "anonymous:anonymous"
        assert (await bearer(instance, answer)).scopes == ()


async def test_an_empty_form_asks_for_the_management_api(instance: Instance) -> None:
    """POST without a body is a form without fields; the answer names the scope that this means."""
    answer = await send(instance, "POST")

    assert (answer.status, answer.body["scope"]) == (200, "registry:api:*")
    assert (await bearer(instance, answer)).identity == "anonymous:anonymous"


async def test_a_form_with_a_password_answers_a_token(instance: Instance) -> None:
    """The OAuth 2.0 answer says which scopes were granted."""
    answer = await post(instance, f"{LOGIN}&scope=repository:team/app:*,repository:other:pull")

    assert answer.status == 200
    assert answer.body["scope"] == "repository:team/app:pull,push"
    assert (await bearer(instance, answer)).identity == "user:alice"


async def test_a_form_without_grant_type_takes_basic(instance: Instance) -> None:
    """A client may post its scopes and prove itself in the header."""
    answer = await post(instance, "scope=repository:team/app:pull", FORM, BASIC)

    assert answer.body["scope"] == "repository:team/app:pull"


@pytest.mark.parametrize("scope", ["repository:team/app:pull", "repository:other:pull", "repository:absent:pull"])
async def test_bad_credentials_are_refused(instance: Instance, scope: str) -> None:
    """A wrong password is 401 whatever was asked for, in words that registry and OAuth clients both print."""
    by_header = await get(instance, f"scope={scope}", WRONG_BASIC)
    by_form = await post(instance, f"{LOGIN}x&scope={scope}")

    for answer in (by_header, by_form):
        assert answer.status == 401
        assert answer.body["error"] == "invalid_grant"
        assert answer.body["errors"][0]["code"] == "UNAUTHORIZED"
        assert answer.body["errors"][0]["message"] == answer.body["error_description"]
        assert ".." not in answer.body["error_description"]
        assert answer.headers["cache-control"] == "no-store"
    assert by_header.headers["www-authenticate"].startswith("Basic ")
    assert "www-authenticate" not in by_form.headers


async def test_what_is_forbidden_and_what_is_absent_look_the_same(instance: Instance) -> None:
    """A partial grant is no error, and says nothing of what else there is."""
    answers = [await get(instance, f"scope=repository:{name}:pull,push", BASIC) for name in ("other", "absent")]

    assert [(answer.status, (await bearer(instance, answer)).scopes) for answer in answers] == [(200, ()), (200, ())]


@pytest.mark.parametrize("grant_type", ["authorization_code", "Password"])
async def test_other_grant_types_are_named_as_such(instance: Instance, grant_type: str) -> None:
    """A client that asks for something else falls back on the code that OAuth 2.0 has for it."""
    answer = await post(instance, f"grant_type={grant_type}&refresh_token=abc")

    assert (answer.status, answer.body["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ("grant_type=password&username=alice", (FORM,)),
        ("grant_type=password&password=secret", (FORM,)),
        (f"{LOGIN}&username=bob", (FORM,)),
        (f"{LOGIN}%FF", (FORM,)),
        ("&".join(["a=b"] * 300), (FORM,)),
        (json.dumps({"grant_type": "password"}), (("content-type", "application/json"),)),
        (LOGIN, (("x-no", "content type"),)),
    ],
)
async def test_a_form_that_is_not_well_formed_is_refused(
    instance: Instance, form: str, headers: tuple[tuple[str, str], ...]
) -> None:
    """Missing, repeated and malformed fields and other types of body are the client's mistake."""
    answer = await post(instance, form, *headers)

    assert (answer.status, answer.body["error"]) == (400, "invalid_request")
    assert "secret" not in json.dumps(answer.body)


async def test_a_form_that_is_too_large_is_refused(instance: Instance) -> None:
    """Nobody makes the server hold more than 64 KiB."""
    answer = await post(instance, "x" * (MAX_FORM_BYTES + 1))

    assert answer.status == 413


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE"])
async def test_other_methods_are_refused(instance: Instance, method: str) -> None:
    """Tokens are fetched with GET and POST."""
    answer = await send(instance, method)

    assert (answer.status, answer.headers["allow"]) == (405, "GET, POST")


async def test_too_many_scopes_are_refused(instance: Instance) -> None:
    """More scopes than a token can hold are the client's mistake."""
    answer = await post(instance, "scope=" + quote(" ".join(f"repository:a{number}:pull" for number in range(101))))

    assert (answer.status, answer.body["error"]) == (400, "invalid_scope")


async def test_a_bearer_token_or_two_headers_are_refused(instance: Instance) -> None:
    """A token begets no token, and which of two headers counts is not guessed."""
    token = (await get(instance, "", BASIC)).body["token"]

    assert (await get(instance, "", ("authorization", f"Bearer {token}"))).status == 401
    assert (await get(instance, "", BASIC, WRONG_BASIC)).status == 400


async def test_a_database_that_is_away_is_no_wrong_password(instance: Instance) -> None:
    """When a password cannot be checked now, the answer is 503 with a time to come back, not 401."""
    await asyncio.to_thread(lose, instance.database)

    answer = await get(instance, "", BASIC)

    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert answer.body["error"] == "temporarily_unavailable"
