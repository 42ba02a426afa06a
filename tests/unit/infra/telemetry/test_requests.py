# SPDX-License-Identifier: Apache-2.0
"""Every request is counted, and logged as configured."""

from collections.abc import AsyncIterator
from typing import Any
from typing import Literal

import pytest
import structlog

from entrepot.infra.http.request import Message
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Request
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from entrepot.infra.http.response import Response
from entrepot.infra.telemetry.metrics import Metric
from entrepot.infra.telemetry.requests import DURATION
from entrepot.infra.telemetry.requests import FAILURES
from entrepot.infra.telemetry.requests import RECEIVED
from entrepot.infra.telemetry.requests import REQUESTS
from entrepot.infra.telemetry.requests import RUNNING
from entrepot.infra.telemetry.requests import SENT
from entrepot.infra.telemetry.requests import ObservedRequests
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.kernel.request_facts import about_request
from tests.builders.asgi import Answer
from tests.builders.asgi import ask
from tests.builders.asgi import collecting
from tests.builders.asgi import incoming
from tests.builders.asgi import scope_of

pytestmark = pytest.mark.anyio

ALICE = Principal(PrincipalKind.USER, "alice")


class Registry:
    """Reads the whole body, then answers as a test says."""

    def __init__(self, status: int = 200, body: bytes = b"", code: str = "") -> None:
        self.response = Response(status, [], body)
        self._code = code
        self.failure: Exception | None = None
        self.request_ids: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer (ASGI)."""
        request, facts = Request(scope, receive), about_request()
        facts.endpoint, facts.principal, facts.code = "blob", ALICE, self._code
        self.request_ids += [request.request_id, facts.request_id]
        await request.body(1_000_000)
        if self.failure:
            raise self.failure
        await self.response.send(request, send)


def counted(observed: ObservedRequests, metric: Metric) -> dict[tuple[str, ...], list[float]]:
    """Return what was counted of one metric, by labels."""
    return {each.labels: each.values for each in observed.measure() if each.metric == metric}


async def logged(
    registry: Registry, requests: Literal["off", "errors", "all"], method: str = "GET", *headers: tuple[str, str]
) -> list[dict[str, Any]]:
    """Send one request and return the lines of the log."""
    observed = ObservedRequests(registry, requests)
    with structlog.testing.capture_logs() as lines:
        await ask(observed, method, "/v2/team/app/blobs/x?token=ent_secret", headers=headers)
    return [dict(line) for line in lines]


async def test_a_request_is_counted_by_kind_method_and_status() -> None:
    """Bytes of bodies are counted in both directions."""
    observed = ObservedRequests(Registry(201, b"done"), "off")
    for _ in range(3):
        await ask(observed, "PUT", "/v2/team/app/blobs/uploads/1", b"0123456789")
    *buckets, seconds = counted(observed, DURATION)["blob",]

    assert counted(observed, REQUESTS) == {("blob", "PUT", "2xx"): [3]}
    assert counted(observed, RECEIVED) == {("blob",): [30]}
    assert counted(observed, SENT) == {("blob",): [12]}
    assert (sum(buckets), counted(observed, RUNNING)[()]) == (3, [0])
    assert 0 < seconds < 60


async def test_a_method_that_nobody_knows_is_no_label() -> None:
    """A client cannot make up metrics."""
    observed = ObservedRequests(Registry(405), "off")
    await ask(observed, "BREW", "/v2/")

    assert counted(observed, REQUESTS) == {("blob", "other", "4xx"): [1]}


async def test_a_file_that_the_server_sends_is_counted() -> None:
    """Its bytes pass the application by; its announced length is what counts."""
    observed = ObservedRequests(sends_a_file, "off")
    await observed(scope_of("GET", "/"), incoming(b""), collecting([]))

    assert counted(observed, SENT) == {("other",): [4_096]}
    assert counted(observed, REQUESTS) == {("other", "GET", "2xx"): [1]}


async def sends_a_file(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Leave the sending to the server, as pathsend does."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4096")]})
    await send({"type": "http.response.pathsend", "path": "/somewhere"})


async def test_an_answer_that_breaks_off_is_aborted() -> None:
    """Whatever status was announced: the client did not get it whole."""
    registry = Registry(200)
    registry.response = Response(200, [], breaking(), length=100)
    observed = ObservedRequests(registry, "errors")
    with structlog.testing.capture_logs() as lines:
        answer = await ask(observed, "GET", "/v2/")

    assert isinstance(answer.failure, OSError)
    assert counted(observed, REQUESTS) == {("blob", "GET", "aborted"): [1]}
    assert counted(observed, SENT) == {("blob",): [4]}
    assert [(line["status"], line["is_complete"]) for line in lines] == [(200, False)]


async def breaking() -> AsyncIterator[bytes]:
    """Be a body that ends early."""
    yield b"part"
    raise OSError("the disk is gone")


async def test_a_request_without_any_answer_is_aborted() -> None:
    """The client left before there was one."""
    registry = Registry()
    registry.failure = RuntimeError("gone")
    observed = ObservedRequests(registry, "off")
    answer: Answer = await ask(observed, "GET", "/v2/")

    assert (answer.status, counted(observed, REQUESTS)) == (0, {("blob", "GET", "aborted"): [1]})
    assert counted(observed, RUNNING)[()] == [0]


async def test_failures_are_counted_by_their_code() -> None:
    """A refusal is no failure."""
    failing = ObservedRequests(Registry(503, code="storage_unavailable"), "off")
    refusing = ObservedRequests(Registry(403, code="denied"), "off")
    await ask(failing, "GET", "/v2/")
    await ask(refusing, "GET", "/v2/")

    assert counted(failing, FAILURES) == {("storage_unavailable",): [1]}
    assert counted(refusing, FAILURES) == {}


async def test_a_logged_request_is_one_line_without_its_query() -> None:
    """The line says who asked from where for what, and what became of it."""
    registry = Registry(403, b"no", code="denied")
    (line,) = await logged(registry, "all", "DELETE")

    assert line.pop("milliseconds") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "DELETE",
        "path": "/v2/team/app/blobs/x",
        "status": 403,
        "is_complete": True,
        "received": 0,
        "sent": 2,
        "address": "192.0.2.1",
        "code": "denied",
        "principal": "user:alice",
    }


@pytest.mark.parametrize(
    ("status", "headers", "is_logged"),
    [
        (200, (), False),
        (404, (), False),
        (401, (), False),
        (401, (("authorization", "Basic x"),), True),
        (400, (), True),
        (403, (), True),
        (429, (), True),
        (500, (), True),
    ],
)
async def test_only_errors_are_logged_by_default(
    status: int, headers: tuple[tuple[str, str], ...], is_logged: bool
) -> None:
    """What is part of every pull and push is none: a blob that is not there yet, and the call for credentials."""
    assert bool(await logged(Registry(status), "errors", "GET", *headers)) is is_logged


async def test_a_failed_login_at_the_token_service_is_logged() -> None:
    """Whether its password came in a header or in a form: there is no call for credentials there."""
    observed = ObservedRequests(refuses_a_login, "errors")
    with structlog.testing.capture_logs() as lines:
        await ask(observed, "POST", "/auth/token", b"grant_type=password")

    assert [(line["status"], line["path"]) for line in lines] == [(401, "/auth/token")]


async def refuses_a_login(scope: Scope, receive: Receive, send: Send) -> None:
    """Be the token service, to somebody with a wrong password."""
    about_request().endpoint = "token"
    await Response(401).send(Request(scope, receive), send)


async def test_off_is_off() -> None:
    """No request is logged then."""
    assert await logged(Registry(500), "off") == []


async def test_failures_are_warnings() -> None:
    """So that they stay when `logs.level` is raised."""
    (line,) = await logged(Registry(503), "errors")

    assert line["log_level"] == "warning"


async def test_everybody_gets_the_same_id() -> None:
    """The facts and the request name it alike, and the next request differently."""
    registry = Registry()
    observed = ObservedRequests(registry, "off")
    for _ in range(2):
        await ask(observed, "GET", "/v2/")
    first, same, second, also = registry.request_ids

    assert (first, second) == (same, also)
    assert first != second


async def test_what_is_no_request_is_passed_on() -> None:
    """The lifespan of the server is not counted."""
    seen: list[str] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    messages: list[Message] = []
    observed = ObservedRequests(application, "all")
    await observed({"type": "lifespan"}, incoming(b""), collecting(messages))

    assert (seen, counted(observed, REQUESTS)) == (["lifespan"], {})
