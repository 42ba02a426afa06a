# SPDX-License-Identifier: Apache-2.0
"""Logging in with a password, wherever that is possible."""

import base64
import json
from urllib.parse import urlencode

import pytest
from sqlalchemy import Connection
from sqlalchemy import update

from entrepot.features.identity.tables import users
from tests.builders.application import PASSWORD
from tests.builders.application import Answer
from tests.builders.application import Application
from tests.builders.application import Client

TOKEN = "/auth/token?service=entrepot&scope=repository:team/app:pull"
WAYS = ("basic on /v2", "basic on /auth/token", "form on /auth/token", "basic on /api")

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("alice")]


async def log_in(application: Application, way: str, name: str, password: str) -> Answer:
    """Log in, one way or another."""
    encoded = base64.b64encode(f"{name}:{password}".encode()).decode()
    client = Client(application.server, (("authorization", f"Basic {encoded}"),))
    if way == "basic on /v2":
        return await client.get("/v2/")
    if way == "basic on /api":
        return await client.get("/api/v1/users/me")
    if way == "basic on /auth/token":
        return await client.get(TOKEN)
    form = {"grant_type": "password", "username": name, "password": password, "service": "entrepot"}
    content_type = ("content-type", "application/x-www-form-urlencoded")
    return await application.anonymous().send("POST", "/auth/token", urlencode(form).encode(), content_type)


def change_alice(connection: Connection, /, **columns: object) -> None:
    """Change how alice logs in."""
    connection.execute(update(users).where(users.c.name == "alice").values(columns))


def message_of(answer: Answer) -> str:
    """Return what a registry client, or one of the API, prints."""
    document = json.loads(answer.body)
    return str(
        document["errors"][0]["message"] if "errors" in document else f"{document['detail']}. {document['hint']}"
    )


@pytest.mark.parametrize("way", WAYS)
async def test_a_password_logs_in(application: Application, way: str) -> None:
    """Everywhere."""
    assert (await log_in(application, way, "alice", PASSWORD)).status == 200


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("column", ["second_factor_at", "provider"])
async def test_other_ways_to_log_in_rule_the_password_out(application: Application, way: str, column: str) -> None:
    """Nowhere does the password of such an account do, and the message that clients print says what does."""
    await application.database.write(change_alice, **{column: 1 if column == "second_factor_at" else "corporate"})

    answer = await log_in(application, way, "alice", PASSWORD)

    assert answer.status == 401
    assert "create a personal access token there and use it as the password" in message_of(answer)


@pytest.mark.parametrize("way", WAYS)
async def test_a_guesser_does_not_learn_that(application: Application, way: str) -> None:
    """Who does not know the password gets the answer that a name gets which nobody has."""
    await application.database.write(change_alice, second_factor_at=1)

    known, unknown = [await log_in(application, way, name, "a guess") for name in ("alice", "nobody")]

    assert (known.status, message_of(known)) == (unknown.status, message_of(unknown))
    assert "token" not in message_of(known)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ["alice", "nobody"])
async def test_guessing_is_slowed(application: Application, way: str, name: str) -> None:
    """After some wrong passwords, for a name that exists or not, even the right one has to wait; others do not."""
    answers = [await log_in(application, way, name, f"guess {number}") for number in range(12)]
    refused = [answer for answer in answers if answer.status == 429]

    assert [answer.status for answer in answers[:5]] == [401] * 5
    assert refused
    assert all(1 <= int(answer.header("retry-after")) <= 128 for answer in refused)
    assert "too many wrong passwords for this account from your address" in message_of(refused[0])
    if way != "basic on /api":
        assert json.loads(refused[0].body)["errors"][0]["code"] == "TOOMANYREQUESTS"
    await application.user("bob")
    assert (await log_in(application, way, "bob", PASSWORD)).status == 200


async def test_ways_to_log_in_count_together(application: Application) -> None:
    """Guessing here and there is guessing."""
    statuses = [(await log_in(application, WAYS[number % 4], "alice", "a guess")).status for number in range(12)]

    assert statuses[:5] == [401] * 5
    assert 429 in statuses
