# SPDX-License-Identifier: Apache-2.0
"""A NATS server, of which JetStream keeps what it is sent. Imported only where one is configured.

Each event is a message on `<subject>.<name of what happened>`: a CloudEvent as JSON (structured mode of the NATS
protocol binding). `Nats-Msg-Id` is its id, by which JetStream drops what it was sent twice within the stream's window.
"""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import NoStreamResponseError

from entrepot.features.events.cloudevents import CONTENT_TYPE
from entrepot.features.events.cloudevents import CloudEvent
from entrepot.features.events.sinks.interface import NotSent
from entrepot.features.events.sinks.interface import Sink

CONNECT_SECONDS = 5
ANSWER_SECONDS = 10.0
MAX_SECRET_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Server:
    """Where it is, and how to log in."""

    url: str
    ca_file: str = ""
    secret_file: str = ""


class NatsSink(Sink):
    """Publishes, and returns once the stream says that it has everything. Connects when there is something to send."""

    def __init__(self, server: Server, subject: str) -> None:
        self._server = server
        self._subject = subject
        self._client: Client | None = None

    async def send(self, events: Sequence[CloudEvent]) -> None:
        """Publish each, and wait for all answers."""
        try:
            client = await self._connected()
            stream = client.jetstream(timeout=ANSWER_SECONDS)
            for event in events:  # one after another: the stream keeps the order in which they are answered
                await stream.publish(
                    f"{self._subject}.{event.name}",
                    msgspec.json.encode(event.document()),
                    headers={"Nats-Msg-Id": event.id, "Content-Type": CONTENT_TYPE},
                )
        except NoStreamResponseError as error:
            raise NotSent(f"no stream takes {self._subject}.>: make one, nats stream add") from error
        except (NatsError, OSError, TimeoutError) as error:
            await self.close()
            raise NotSent(f"{self._server.url} did not take it: {type(error).__name__}: {error}") from error

    async def close(self) -> None:
        """Close the connection."""
        client, self._client = self._client, None
        if client is not None and not client.is_closed:
            await client.close()

    async def _connected(self) -> Client:
        if self._client is None or not self._client.is_connected:
            await self.close()
            options = await asyncio.to_thread(_options, self._server)
            client = self._client = Client()
            await client.connect(
                self._server.url,
                name="entrepot",
                connect_timeout=CONNECT_SECONDS,
                allow_reconnect=False,
                error_cb=_noted,
                **options,
            )
        return self._client


async def _noted(_error: Exception) -> None:
    """Say nothing: whoever sends hears of what fails."""


def _options(server: Server) -> dict[str, Any]:
    """Read what is read anew at each connection, so that it may be replaced. Raises `OSError`."""
    options: dict[str, Any] = {}
    if server.url.startswith("tls:"):
        options["tls"] = ssl.create_default_context(cafile=server.ca_file or None)
    if server.secret_file:
        with Path(server.secret_file).open("rb") as opened:
            options["token"] = opened.read(MAX_SECRET_BYTES).decode().strip()
    return options
