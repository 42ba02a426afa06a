# SPDX-License-Identifier: Apache-2.0
"""Takes requests on a free port of the loopback address, notes them, and has the faults that are set."""

import asyncio
from abc import ABC
from abc import abstractmethod
from collections.abc import AsyncIterator
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import asynccontextmanager
from contextlib import closing
from contextlib import contextmanager
from typing import Self

from aiohttp import web
from anyio.from_thread import start_blocking_portal

from tests.fakes.s3.answers import Answer
from tests.fakes.s3.answers import Body
from tests.fakes.s3.answers import S3Error
from tests.fakes.s3.answers import altered
from tests.fakes.s3.answers import at_rate
from tests.fakes.s3.answers import refusal
from tests.fakes.s3.calls import Call
from tests.fakes.s3.calls import Calls
from tests.fakes.s3.faults import CutAnswer
from tests.fakes.s3.faults import CutBody
from tests.fakes.s3.faults import Delay
from tests.fakes.s3.faults import ErrorInside
from tests.fakes.s3.faults import Fail
from tests.fakes.s3.faults import Fault
from tests.fakes.s3.faults import Faults
from tests.fakes.s3.faults import Hang
from tests.fakes.s3.faults import HoldAnswer
from tests.fakes.s3.faults import Throttle
from tests.fakes.s3.faults import WorkLate
from tests.fakes.s3.faults import WrongBytes
from tests.server import HOST

GONE_SECONDS = 0.005
"""How often one looks whether a client is still there."""

STOP_SECONDS = 0.05


class Cut(Exception):
    """The connection ends without an answer. The message is the outcome that is noted."""


class ServedS3(ABC):
    """What speaks HTTP, notes `calls` and has `faults`. `url` is where it is while it runs."""

    kind: type[Call] = Call
    """What knows the names of its operations."""

    def __init__(self) -> None:
        self.calls = Calls()
        self.faults = Faults()
        self.url = ""

    @abstractmethod
    async def reply(self, call: Call, body: Body) -> Answer:
        """Do what is asked. Raises `S3Error` for what is answered with an error."""

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Answer while the block runs, from a thread with an event loop."""
        with (
            start_blocking_portal(backend_options={"use_uvloop": True}) as portal,
            portal.wrap_async_context_manager(self.serving()),
        ):
            yield self

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Self]:
        """Answer while the block runs, from the event loop that it runs in."""
        runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=STOP_SECONDS)
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, 0).start()
            self.url = f"http://{HOST}:{runner.addresses[0][1]}"
            yield self
        finally:
            await runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path, _, query = request.raw_path.partition("?")
        headers = {name.lower(): value for name, value in request.headers.items()}
        call = self.kind(request.method, path, query, headers)
        number, faults = self.calls.begin(call), self.faults.of(call)
        rate = min((fault.bytes_per_second for fault in faults if isinstance(fault, Throttle)), default=0.0)
        body = Body(request.content, call.headers.get("content-length", ""), rate)
        sending = _Sending(request)

        def end(status: int, outcome: str, sent: int) -> None:
            self.calls.end(number, received=body.received, sent=sent, status=status, outcome=outcome)

        try:
            with closing(await self._work(request, call, body, faults)) as done:
                answer = await _after(request, done, faults)
                if not any(isinstance(fault, CutBody) for fault in faults):
                    # Whoever has the last byte finds the call noted.
                    end(answer.status, answer.code, sending.due(answer))
                await sending.send(answer, faults, rate)
                end(answer.status, answer.code, sending.sent)
        except Cut as cut:
            end(0, str(cut), sending.sent)
            sending.cut()
        except ConnectionError:
            end(0, "gone", sending.sent)
        except asyncio.CancelledError:
            end(0, "stopped", sending.sent)
            raise
        return sending.response

    async def _work(self, request: web.BaseRequest, call: Call, body: Body, faults: Sequence[Fault]) -> Answer:
        try:
            return await _before(request, body, faults) or await self.reply(call, body)
        except S3Error as error:
            return refusal(error)


async def _before(request: web.BaseRequest, body: Body, faults: Sequence[Fault]) -> Answer | None:
    """Let the faults strike that come before any work; return what is answered instead of doing it."""
    for fault in faults:
        match fault:
            case Delay():
                await asyncio.sleep(fault.seconds)
            case Fail(is_done=False):
                return refusal(S3Error(fault.code, "a fault of this test"))
            case ErrorInside():
                return refusal(S3Error(fault.code, "a fault of this test"), status=200)
            case Hang():
                await body.read()
                await _gone(request)
                raise Cut("held")
            case WorkLate():
                await body.read()
                await _gone(request)
    return None


async def _after(request: web.BaseRequest, answer: Answer, faults: Sequence[Fault]) -> Answer:
    """Let the faults strike that come after the work; return what is answered in the end."""
    for fault in faults:
        match fault:
            case CutAnswer():
                raise Cut("cut")
            case HoldAnswer():
                await _gone(request)
                raise Cut("held")
            case Fail(is_done=True):
                return refusal(S3Error(fault.code, "a fault of this test"))
    return answer


async def _gone(request: web.BaseRequest) -> None:
    """Return when the client is there no more."""
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(GONE_SECONDS)


class _Sending:
    """An answer on its way. `sent` counts the bytes of its body."""

    def __init__(self, request: web.BaseRequest) -> None:
        self._request = request
        self.response = web.StreamResponse()
        self.sent = 0

    async def send(self, answer: Answer, faults: Sequence[Fault], rate: float) -> None:
        """Send all of it, or as much as the faults let through. Raises `Cut`."""
        self.response = web.StreamResponse(status=answer.status, headers=answer.headers)
        if answer.size is not None and answer.status not in (204, 304):
            self.response.content_length = answer.size
        pieces = at_rate(answer.pieces, rate) if rate else answer.pieces
        end = None
        for fault in faults:
            if isinstance(fault, WrongBytes):
                pieces = altered(pieces)
            if isinstance(fault, CutBody):
                end = (answer.size or 0) // 2 if fault.after is None else fault.after
        await self.response.prepare(self._request)
        if self._request.method == "HEAD":
            return
        async for piece in pieces:
            some = piece if end is None else piece[: end - self.sent]
            await self.response.write(some)
            self.sent += len(some)
            if self.sent == end:
                raise Cut("cut")
        await self.response.write_eof()

    def due(self, answer: Answer) -> int:
        """Tell how many bytes of an answer will have been sent."""
        return 0 if self._request.method == "HEAD" else answer.size or 0

    def cut(self) -> None:
        """End the connection; what was written before still leaves."""
        if self._request.transport is not None:
            self._request.transport.close()
