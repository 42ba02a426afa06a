# SPDX-License-Identifier: Apache-2.0
"""What a command does, and says, when the server gets too many requests."""

import json

import pytest

from entrepot.infra.remote.client import Client
from entrepot.infra.remote.client import Target
from entrepot.infra.remote.errors import ServerRefused
from tests.fakes.scripted_server import Scripted
from tests.fakes.scripted_server import ScriptedServer

MESSAGE = "too many reads: the limit of user:alice is 50,000 at once and 1,000 a second"


def a_refusal(seconds: str, body: bytes | None = None) -> Scripted:
    """Refuse as the management API does, or with another body."""
    hint = f"Try again in {seconds} s."
    problem = {"status": 429, "code": "too_many_requests", "detail": MESSAGE, "hint": hint}
    return Scripted(429, json.dumps(problem).encode() if body is None else body, {"Retry-After": seconds})


def test_what_changes_nothing_is_asked_again_after_the_wait() -> None:
    """As long as the server says, not as long as it would be otherwise."""
    waits: list[float] = []
    with ScriptedServer(a_refusal("3"), a_refusal("1"), Scripted(200, b'{"name": "one"}')).running() as server:
        found = Client(Target(server.url), waits.append).get("things/one")

    assert (found, waits) == ({"name": "one"}, [3.0, 1.0])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_long_wait_is_told_and_not_waited_for(method: str) -> None:
    """Nor is a short one by what changes something: message and hint are those of the server."""
    waits: list[float] = []
    seconds = {"GET": "60", "POST": "2"}[method]
    with ScriptedServer(a_refusal(seconds)).running() as server, pytest.raises(ServerRefused) as refused:
        Client(Target(server.url), waits.append).send(method, f"{server.url}/api/v1/things")

    error = refused.value
    assert (error.message, error.hint, error.reason) == (MESSAGE, f"Try again in {seconds} s.", "too_many_requests")
    assert waits == []


@pytest.mark.parametrize(("seconds", "hint"), [("60", "Try again in 60 s."), ("later", "Try again shortly.")])
def test_a_proxy_that_refuses_is_no_wrong_address(seconds: str, hint: str) -> None:
    """What it answers is no word of ours, but what it means is plain."""
    page = a_refusal(seconds, b"<html>429 Too Many Requests</html>")
    with ScriptedServer(page).running() as server, pytest.raises(ServerRefused) as refused:
        Client(Target(server.url)).post("things", {})

    assert refused.value.message == f"{server.url} gets too many requests"
    assert refused.value.hint == hint
