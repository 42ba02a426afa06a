# SPDX-License-Identifier: Apache-2.0
"""Server-sent events: an answer without an end (WHATWG HTML section 9.2)."""

import asyncio
from collections.abc import AsyncGenerator
from collections.abc import Coroutine
from contextlib import aclosing
from typing import Any
from typing import Protocol

from starlette.responses import Response

from entrepot.infra.http.request import STOPPING
from entrepot.infra.http.request import Receive
from entrepot.infra.http.request import Scope
from entrepot.infra.http.request import Send
from entrepot.kernel.request_facts import about_request

_END = {"type": "http.response.body", "body": b""}


class EventSource(Protocol):
    """Where the events of one stream come from."""

    def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield whole messages, for as long as the stream is to go on; the next is asked for once one has left."""

    def close(self) -> None:
        """Let go of what the stream holds. Called once, however the stream ends."""


class EventStream(Response):
    """Sends what a source yields, and ends with it, with the client, or with the server, whichever ends first."""

    media_type = "text/event-stream"

    def __init__(self, source: EventSource) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._source = source
        self._is_sending = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer (ASGI)."""
        about = about_request()
        about.endpoint, about.is_endless = "events", True
        stopping = scope.get("extensions", {}).get(STOPPING) or asyncio.Event()
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            has_left = await _first_of(self._send_all(send), _until_gone(receive), stopping.wait())
            if not has_left and not self._is_sending:
                await send(_END)
        finally:
            self._source.close()

    async def _send_all(self, send: Send) -> bool:
        async with aclosing(self._source.chunks()) as chunks:
            async for chunk in chunks:
                self._is_sending = True
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                self._is_sending = False
        return False


async def _until_gone(receive: Receive) -> bool:
    """Return True once the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
    return True


async def _first_of(
    sending: Coroutine[Any, Any, bool], gone: Coroutine[Any, Any, bool], stop: Coroutine[Any, Any, bool]
) -> bool:
    """Run all until one ends; tell whether the client has left. Raises what sending raised."""
    tasks = [asyncio.ensure_future(each) for each in (sending, gone, stop)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    is_sent, is_gone, _ = tasks
    if not is_sent.cancelled():
        is_sent.result()
    return not is_gone.cancelled()
