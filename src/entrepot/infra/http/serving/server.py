# SPDX-License-Identifier: Apache-2.0
"""Serving an ASGI application on open sockets, in this process, until it is told to stop."""

import asyncio
import resource
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any
from typing import cast

import uvicorn

from entrepot.infra.http.request import AsgiApplication
from entrepot.infra.http.serving.connection import Connection
from entrepot.infra.http.serving.connection import ServerState
from entrepot.infra.http.serving.limits import ConnectionLimits
from entrepot.infra.http.serving.open_connections import OpenConnections

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

FILES_PER_CONNECTION = 2
"""A connection, and the file it reads or writes."""
OTHER_FILES = 256


@dataclass(frozen=True, slots=True)
class Serving:
    """How to serve."""

    application: Callable[[], AsgiApplication]
    """Builds the application; called once, in the process that serves."""
    limits: ConnectionLimits
    stop_seconds: int
    """How long requests may go on after the server was told to stop."""
    drain_seconds: int = 0
    """How long it serves on before that, saying that it is not ready any more."""
    tls: ssl.SSLContext | None = None
    has_lifespan: bool = True
    """Whether the application wants to be told of start and stop (ASGI lifespan)."""
    is_proxy: Callable[[str], bool] = lambda _address: False
    """Tells of an address whether it is a trusted proxy, whose connections are many clients'."""


def serve_sockets(serving: Serving, sockets: Sequence[socket.socket]) -> bool:
    """Serve until SIGTERM or SIGINT; return whether the application started.

    SIGTERM first has it say that it leaves, and serve on for `drain_seconds`. Then,
    and on SIGINT at once, no connection is accepted any more, requests at work have
    `stop_seconds` to end, and what is cut off is left as a client would leave it
    that went away: an upload can be resumed.
    """
    server = _server(serving)
    _allow_open_files(serving.limits.connections)
    for number in STOP_SIGNALS:
        # The server raises the signal that ended it once more when it is done: the process then ends by itself.
        signal.signal(number, _already_stopped)
    try:
        server.run(sockets=list(sockets))
    except SystemExit:
        return False
    return server.started


@contextmanager
def serving_beside(serving: Serving, sockets: Sequence[socket.socket]) -> Iterator[None]:
    """Serve something small in a thread of its own while the block runs; signals are the main server's."""
    server = _server(serving)
    thread = threading.Thread(target=server.run, args=(list(sockets),), name="serving beside", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


class _Server(uvicorn.Server):
    """Takes its time on SIGTERM, so that those who balance load turn to other servers before this one is gone."""

    def __init__(self, config: uvicorn.Config, opened: OpenConnections, drain_seconds: int) -> None:
        super().__init__(config)
        self.opened = opened
        self._drain_seconds = drain_seconds
        self._ends_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to leave on the first SIGTERM; those after it change nothing, and any other signal ends that."""
        if sig != signal.SIGTERM or not self._drain_seconds or not self.started:
            super().handle_exit(sig, frame)
        elif self._ends_at is None:
            self._ends_at = time.monotonic() + self._drain_seconds

    async def on_tick(self, counter: int) -> bool:
        """Say that it leaves, and stop when the time has come."""
        if self._ends_at is not None:
            self.opened.leaving.set()
            self.should_exit = self.should_exit or time.monotonic() >= self._ends_at
        return await super().on_tick(counter)


def _server(serving: Serving) -> _Server:
    opened = OpenConnections(serving.limits, serving.is_proxy)

    def connection(config: uvicorn.Config, server_state: ServerState, **_: Any) -> asyncio.Protocol:
        return Connection(cast("AsgiApplication", config.loaded_app), server_state, opened)

    config = uvicorn.Config(
        serving.application,
        factory=True,
        http=cast("type[asyncio.Protocol]", connection),
        ws="none",
        loop="uvloop",
        interface="asgi3",
        lifespan="on" if serving.has_lifespan else "off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=serving.stop_seconds,
        ssl_context_factory=None
        if serving.tls is None
        else lambda _config, _default: cast("ssl.SSLContext", serving.tls),
    )
    return _Server(config, opened, serving.drain_seconds)


def _allow_open_files(connections: int) -> None:
    """Raise this process's own limit on open files, as far as it may, to what so many connections take."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_PER_CONNECTION * connections + OTHER_FILES
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


def _already_stopped(_number: int, _frame: FrameType | None) -> None:
    """Do nothing."""
