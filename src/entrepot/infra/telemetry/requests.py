# SPDX-License-Identifier: Apache-2.0
"""Counts every request, and logs those that the configuration wants to see.

Stands before everything else of the application, so its cost is paid by every
pull: counting takes no lock and no memory beyond one object.
"""

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from time import perf_counter
from typing import Literal

import structlog

from entrepot.infra.http.request import AsgiApplication
from entrepot.infra.http.request import Message
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Request
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from entrepot.infra.telemetry.metrics import Histogram
from entrepot.infra.telemetry.metrics import Kind
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.infra.telemetry.metrics import Metric
from entrepot.kernel.request_facts import RequestFacts
from entrepot.kernel.request_facts import current_facts

log = structlog.get_logger(__name__)

REQUESTS = Metric(
    "entrepot_http_requests",
    "Requests answered, by the kind of address, the method, and the first digit of the status; or 'aborted'.",
    Kind.COUNTER,
    ("endpoint", "method", "status"),
)
DURATION = Metric(
    "entrepot_http_request_duration_seconds",
    "Time from the head of a request to the end of its answer.",
    Kind.HISTOGRAM,
    ("endpoint",),
    (0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0, 60.0),
)
RECEIVED = Metric(
    "entrepot_http_request_bytes", "Bytes of bodies received, without headers.", Kind.COUNTER, ("endpoint",)
)
SENT = Metric("entrepot_http_response_bytes", "Bytes of bodies sent, without headers.", Kind.COUNTER, ("endpoint",))
RUNNING = Metric("entrepot_http_requests_in_progress", "Requests that are being answered.", Kind.GAUGE)
FAILURES = Metric(
    "entrepot_http_failures",
    "Answers of 500 and above, by the code of the error, such as storage_unavailable.",
    Kind.COUNTER,
    ("code",),
)

MAX_AGENT_CHARACTERS = 256
"""What a client calls itself is told no longer than this."""

_METHODS = {name: name for name in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")}
_ABORTED = "aborted"
_STATUSES = (_ABORTED, "1xx", "2xx", "3xx", "4xx", "5xx")


class _Exchange(RequestFacts):
    """One request under way: passes its messages on, and counts their bytes."""

    __slots__ = ("_headers", "_receive", "_scope", "_send", "is_complete", "received", "sent", "status")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        super().__init__()
        self._scope = scope
        self._receive = receive
        self._send = send
        self.status = 0
        self.received = 0
        self.sent = 0
        self.is_complete = False

    @property
    def address(self) -> str:
        return Request(self._scope, self._receive).address

    @property
    def agent(self) -> str:
        return (Request(self._scope, self._receive).header(b"user-agent") or "")[:MAX_AGENT_CHARACTERS]

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self.received += len(message.get("body", b""))
        return message

    def send(self, message: Message) -> Awaitable[None]:
        kind = message["type"]
        if kind == "http.response.body":
            self.sent += len(message.get("body", b""))
            self.is_complete = not message.get("more_body", False)
        elif kind == "http.response.start":
            self.status = message["status"]
            self._headers = message["headers"]
        else:
            self.sent += int(dict(self._headers).get(b"content-length", 0))
            self.is_complete = True
        return self._send(message)


class _Counts:
    """What was counted of one kind of address."""

    __slots__ = ("duration", "outcomes", "received", "sent")

    def __init__(self) -> None:
        self.duration = Histogram(DURATION.bounds)
        self.outcomes: dict[tuple[str, str], int] = {}
        self.received = 0
        self.sent = 0


class ObservedRequests:
    """The ASGI application that stands before `application`."""

    def __init__(
        self,
        application: AsgiApplication,
        logged: Literal["off", "errors", "all"],
        refused: Callable[[RequestFacts], None] | None = None,
    ) -> None:
        """Call `refused` with each request that was answered with 403."""
        self._application = application
        self._refused = refused
        self._logs_all = logged == "all"
        self._logs_errors = logged == "errors"
        self._counts: dict[str, _Counts] = {}
        self._failures: dict[str, int] = {}
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have a request answered (ASGI)."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send)
        before = current_facts.set(exchange)
        self._running += 1
        began = perf_counter()
        try:
            await self._application(scope, exchange.receive, exchange.send)
        finally:
            self._running -= 1
            self._count(scope["method"], exchange, perf_counter() - began)
            if exchange.refusal is not None and self._refused is not None:
                self._refused(exchange)
            if self._logs_all or (self._logs_errors and _is_error(scope, exchange)):
                _log(scope, exchange, perf_counter() - began)
            current_facts.reset(before)

    def measure(self) -> Iterator[Measurement]:
        """Yield what was counted."""
        yield Measurement(RUNNING, [self._running])
        for endpoint, counts in list(self._counts.items()):
            for (method, status), count in list(counts.outcomes.items()):
                yield Measurement(REQUESTS, [count], (endpoint, method, status))
            yield Measurement(DURATION, counts.duration.values, (endpoint,))
            yield Measurement(RECEIVED, [counts.received], (endpoint,))
            yield Measurement(SENT, [counts.sent], (endpoint,))
        for code, count in list(self._failures.items()):
            yield Measurement(FAILURES, [count], (code,))

    def _count(self, method: str, exchange: _Exchange, seconds: float) -> None:
        counts = self._counts.get(exchange.endpoint)
        if counts is None:
            counts = self._counts[exchange.endpoint] = _Counts()
        is_answered = exchange.is_complete or (exchange.is_endless and exchange.status)
        outcome = (_METHODS.get(method, "other"), _STATUSES[exchange.status // 100 if is_answered else 0])
        counts.outcomes[outcome] = counts.outcomes.get(outcome, 0) + 1
        if not exchange.is_endless:
            counts.duration.observe(seconds)
        counts.received += exchange.received
        counts.sent += exchange.sent
        if exchange.status >= 500:
            self._failures[exchange.code] = self._failures.get(exchange.code, 0) + 1


def _is_error(scope: Scope, exchange: _Exchange) -> bool:
    """Tell whether an answer is worth a line, without those that are part of every pull and every push."""
    if exchange.status == 401 and exchange.endpoint != "token":
        return any(name == b"authorization" for name, _ in scope["headers"])
    is_cut_off = not (exchange.is_complete or exchange.is_endless)
    return is_cut_off or (exchange.status >= 400 and exchange.status != 404)


def _log(scope: Scope, exchange: _Exchange, seconds: float) -> None:
    """Write one line. The query stays out of it: it may hold what a client should not have put there."""
    request = Request(scope, exchange.receive)
    write = log.warning if exchange.status >= 500 else log.info
    known = {"code": exchange.code, "principal": exchange.principal.identity if exchange.principal else ""}
    write(
        "request",
        method=request.method,
        path=request.raw_path,
        status=exchange.status,
        is_complete=exchange.is_complete,
        received=exchange.received,
        sent=exchange.sent,
        milliseconds=round(seconds * 1000, 1),
        address=request.address,
        **{name: value for name, value in known.items() if value},
    )
