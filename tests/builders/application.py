# SPDX-License-Identifier: Apache-2.0
"""The whole application in this process, with every feature mounted, and clients that talk to it over ASGI."""

import asyncio
import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pwdlib import PasswordHash
from sqlalchemy import Connection
from sqlalchemy import insert

from entrepot.entry.configuration import ServerSettings
from entrepot.entry.configuration import Settings
from entrepot.entry.configuration import StorageSettings
from entrepot.entry.server import Server
from entrepot.entry.wiring import build_instance
from entrepot.features.identity import IdentitySettings
from entrepot.features.identity.tables import users
from entrepot.features.rate_limits import RateLimitSettings
from entrepot.features.second_factors import SecondFactorSettings
from entrepot.infra.events import outbox
from entrepot.infra.events.consumer import Consumer
from entrepot.infra.events.reading import OutboxReading
from entrepot.infra.http.request import Message
from entrepot.infra.http.request import Scope
from entrepot.infra.jobs import queue
from entrepot.infra.jobs.tables import JobState
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import system_clock
from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from entrepot.registry.events import Event
from entrepot.registry.events import decode
from entrepot.registry.tables import grants
from tests.builders.databases import section
from tests.builders.databases import until_final
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import BuiltManifest
from tests.fakes.fast_hashers import CountingHasher

PASSWORD = "correct horse"
SETTLE_SECONDS = 30
PATIENCE_SECONDS = 0.5
"""How long a client listens to an answer that may have no end."""

NO_RATE_LIMITS = RateLimitSettings(enabled=False)
"""A test sends more in a moment that stands still than anybody does in an hour."""


def in_memory(**sections: object) -> Settings:
    """Return settings that keep blobs in memory."""
    return Settings.model_validate({"storage": StorageSettings(url="memory://"), **sections})


Header = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, complete. Header names are in lower case."""

    status: int
    headers: tuple[Header, ...]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)

    def header(self, name: str) -> str:
        """Return a header, empty when it is absent."""
        return ", ".join(value for key, value in self.headers if key == name)

    @property
    def next(self) -> str:
        """The target of the `Link` to the next page, empty on the last."""
        return self.header("link").removesuffix('>; rel="next"').removeprefix("<")


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody who sends requests."""

    server: Server
    headers: tuple[Header, ...] = ()

    async def send(self, method: str, target: str, body: bytes = b"", *headers: Header) -> Answer:
        """Send a request; `target` is path and query as they go over the wire."""
        messages: list[Message] = []
        bodies = [body]
        is_answered = asyncio.Event()

        async def receive() -> Message:
            """Hand over the body, then be gone once all of the answer is there, or it takes too long to end."""
            if bodies:
                return {"type": "http.request", "body": bodies.pop()}
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await is_answered.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            """Take a part of the answer."""
            messages.append(message)
            if message["type"] != "http.response.start" and not message.get("more_body", False):
                is_answered.set()

        await self.server(_scope(method, target, (*self.headers, *headers), len(body)), receive, send)
        start, *rest = messages
        decoded = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"])
        return Answer(start["status"], decoded, b"".join(message.get("body", b"") for message in rest))

    async def get(self, target: str) -> Answer:
        """Send a GET."""
        return await self.send("GET", target)

    async def post(self, target: str, document: object) -> Answer:
        """Send a POST of JSON."""
        return await self.send_json("POST", target, document)

    async def send_json(self, method: str, target: str, document: object) -> Answer:
        """Send a request with a body of JSON."""
        return await self.send(method, target, json.dumps(document).encode(), ("content-type", "application/json"))

    async def pages(self, target: str) -> list[list[Any]]:
        """Return the items of every page, from `target` on."""
        found = []
        while target:
            answer = await self.get(target)
            assert answer.status == 200, answer.body
            found.append(answer.json["items"])
            target = answer.next
        return found

    async def push_blob(self, repository: str, content: bytes) -> None:
        """Push a blob in one request."""
        answer = await self.send("POST", f"/v2/{repository}/blobs/uploads/?digest={digest_of(content)}", content)
        assert answer.status == 201, answer.body

    async def push(self, repository: str, built: BuiltManifest, *tags: str) -> Digest:
        """Push a manifest whose blobs are there, under its digest and `tags`."""
        query = "&".join(f"tag={tag}" for tag in tags)
        target = f"/v2/{repository}/manifests/{built.digest}?{query}"
        answer = await self.send("PUT", target, built.payload, ("content-type", built.media_type))
        assert answer.status == 201, answer.body
        return built.digest

    async def push_image(self, repository: str, built: BuiltManifest, *tags: str, config: bytes = A_CONFIG) -> Digest:
        """Push a manifest of `config` and `A_LAYER`, and those blobs before it."""
        await self.push_blob(repository, config)
        await self.push_blob(repository, A_LAYER)
        return await self.push(repository, built, *tags)

    async def delete(self, repository: str, reference: str) -> None:
        """Delete a tag, or a manifest by digest."""
        answer = await self.send("DELETE", f"/v2/{repository}/manifests/{reference}")
        assert answer.status == 202, answer.body


class Application:
    """An application that does nothing on its own: consumers and jobs run when a test says `settle`."""

    def __init__(self, settings: Settings, clock: Clock = system_clock) -> None:
        self.instance = build_instance(settings, clock, hasher=PasswordHash((CountingHasher(),)))
        self.core = self.instance.core
        self.database = self.core.database
        self.server = Server(self.instance)
        reading = OutboxReading(self.database, self.instance.news)
        self._consumers = [Consumer(reading, listener, decode, self.core.clock) for listener in self.instance.listeners]
        for listener in self.instance.listeners:
            self.database.write_now(outbox.register, listener.name, self.core.clock())

    def anonymous(self) -> Client:
        """Be somebody without credentials."""
        return Client(self.server)

    async def user(self, name: str, *granted: tuple[str, str], is_admin: bool = False) -> Client:
        """Be a new user to whom roles are granted, each as path pattern and role."""
        await self.database.write(_add_user, name, granted, is_admin)
        credentials = base64.b64encode(f"{name}:{PASSWORD}".encode()).decode()
        return Client(self.server, (("authorization", f"Basic {credentials}"),))

    async def settle(self) -> None:
        """Let the listeners hear everything, and run every job to its end."""
        async with asyncio.timeout(SETTLE_SECONDS):
            while await self._is_busy():
                pass

    async def settle_due(self) -> None:
        """Do the same, but for jobs whose time is to come."""
        async with asyncio.timeout(SETTLE_SECONDS):
            while await self._is_busy(is_due_only=True):
                pass

    async def _is_busy(self, *, is_due_only: bool = False) -> bool:
        await until_final(self.database)
        ring = self.instance.work.next_ring()
        steps = [await consumer.step() for consumer in self._consumers]
        if any(steps) or await self.instance.jobs.turn():
            return True
        open_jobs = [job for job in await self.database.read(queue.list_jobs, limit=1_000) if not job.finished_at]
        if is_due_only:
            now = self.core.clock()
            open_jobs = [job for job in open_jobs if job.state is JobState.RUNNING or job.run_after <= now]
        if not open_jobs:
            return False
        await ring.wait()
        return True

    async def events(self) -> list[Event]:
        """Return everything in the outbox, in order."""
        await until_final(self.database)
        return [decode(row) for row in await self.database.read(outbox.read_after, outbox.BEGINNING, 1_000)]

    def close(self) -> None:
        """Stop the threads and close the files."""
        self.instance.passwords.close()
        self.database.close()


@contextmanager
def an_application(
    data_dir: Path,
    *,
    clock: Clock = system_clock,
    second_factors: SecondFactorSettings = SecondFactorSettings(),  # noqa: B008 - it is frozen
    identity: IdentitySettings = IdentitySettings(),  # noqa: B008 - it is frozen
    rate_limits: RateLimitSettings = NO_RATE_LIMITS,
    base: Settings | None = None,
    **server: object,
) -> Iterator[Application]:
    """Hold an application on an empty database in `data_dir`, with blobs in memory unless told otherwise, and no user.

    `clock` tells the time to whatever logs somebody in; the rest is on the machine's own. What no other argument
    tells is as in `base`.
    """
    told = {
        "data_dir": data_dir,
        "database": section(data_dir),
        "server": ServerSettings.model_validate(server),
        "second_factors": second_factors,
        "identity": identity,
        "rate_limits": rate_limits,
    }
    settings = (base or in_memory()).model_copy(update=told)
    application = Application(settings, clock)
    yield application
    application.close()


def _add_user(connection: Connection, name: str, granted: tuple[tuple[str, str], ...], is_admin: bool) -> None:
    hashed = CountingHasher().hash(PASSWORD)
    row = {"name": name, "password_hash": hashed, "created_at": 0, "password_changed_at": 0}
    connection.execute(insert(users).values(row))
    for path_pattern, role in (*granted, *([("SYSTEM", "administrator")] if is_admin else [])):
        grant = {"principal": f"user:{name}", "path_pattern": path_pattern, "role": role}
        connection.execute(insert(grants).values(**grant, created_at=0, created_by="user:admin"))


def _scope(method: str, target: str, headers: tuple[Header, ...], length: int) -> Scope:
    raw_path, _, query = target.partition("?")
    framed = [*headers, ("content-length", str(length))] if length or method != "GET" else headers
    return {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": unquote(raw_path),
        "raw_path": raw_path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in framed],
        "client": ("192.0.2.1", 50_000),
        "extensions": {},
    }
