# SPDX-License-Identifier: Apache-2.0
"""The registry core in this process: no feature, no server, open to everybody unless a test says otherwise."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Iterable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from anyio.from_thread import BlockingPortal

from entrepot.entry.everything import Everything
from entrepot.entry.wiring import build_core
from entrepot.infra.http.challenge import Challenger
from entrepot.infra.http.request import Message
from entrepot.infra.http.request import Scope
from entrepot.infra.storage.interface import Storage
from entrepot.infra.storage.memory import MemoryStorage
from entrepot.kernel.access import Authenticator
from entrepot.kernel.access import Authorizer
from entrepot.kernel.clock import Clock
from entrepot.kernel.clock import system_clock
from entrepot.registry.core import Core
from entrepot.registry.hooks import Gate
from entrepot.registry.http.application import RegistryApplication
from entrepot.registry.rights import Rights
from entrepot.registry.settings import RegistrySettings
from tests.builders.databases import a_database
from tests.interop.core_alone import EverybodyIsKnown
from tests.protocol.exchange import Answer
from tests.protocol.exchange import Question
from tests.protocol.exchange import check
from tests.protocol.exchange import head_of

HOST = "registry.test"
MAX_BODIES = 64


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a core is made of, where a test wants it otherwise."""

    settings: dict[str, object] = field(default_factory=dict)
    authenticator: Authenticator = field(default_factory=EverybodyIsKnown)
    authorizer: Authorizer = field(default_factory=Everything)
    gates: tuple[Gate, ...] = ()
    storage: Storage = field(default_factory=MemoryStorage)
    clock: Clock = system_clock


class InProcess:
    """Calls the application as an ASGI server does, in the event loop of `portal`."""

    def __init__(self, portal: BlockingPortal, core: Core, application: RegistryApplication) -> None:
        self.core = core
        self.portal = portal
        self._application = application
        self._bodies = ThreadPoolExecutor(MAX_BODIES)

    def send(self, question: Question) -> Answer:
        """See `Transport`."""
        answer = self.portal.call(self._exchange, question, False)
        check(question, answer)
        return answer

    def vanish(self, question: Question) -> None:
        """See `Transport`."""
        self.portal.call(self._exchange, question, True)

    def close(self) -> None:
        """End the threads that bodies came from, and what the storage has open."""
        self._bodies.shutdown()
        for store in self.core.stores.values():
            self.portal.call(store.close)

    async def _exchange(self, question: Question, is_cut: bool) -> Answer:
        sent: list[Message] = []
        incoming = self._messages(question.body, is_cut)

        async def receive() -> Message:
            return await anext(incoming, {"type": "http.disconnect"})

        async def send(message: Message) -> None:
            sent.append(message)

        await self._application(_scope(question), receive, send)
        return Answer(0, (), b"") if is_cut else _answer(sent)

    async def _messages(self, body: bytes | Iterable[bytes], is_cut: bool) -> AsyncIterator[Message]:
        """Yield the body as a server does; chunks are taken in a thread when they are asked for: they may block."""
        if isinstance(body, bytes):
            yield {"type": "http.request", "body": body, "more_body": is_cut}
            return
        chunks = iter(body)
        loop = asyncio.get_running_loop()
        while (chunk := await loop.run_in_executor(self._bodies, next, chunks, None)) is not None:
            yield {"type": "http.request", "body": chunk, "more_body": True}
        yield {"type": "http.request", "body": b"", "more_body": is_cut}


def _scope(question: Question) -> Scope:
    raw_path, _, query = question.target.partition("?")
    headers = [("host", HOST), *head_of(question)]
    return {
        "type": "http",
        "method": question.method,
        "scheme": "http",
        "path": unquote(raw_path),
        "raw_path": raw_path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        "client": ("192.0.2.1", 50_000),
        "extensions": {},
    }


def _answer(sent: list[Message]) -> Answer:
    """Put the messages together, insisting on their order."""
    start, *bodies = sent
    assert start["type"] == "http.response.start"
    assert [message["type"] for message in bodies] == ["http.response.body"] * len(bodies)
    assert [bool(message.get("more_body")) for message in bodies] == [True] * (len(bodies) - 1) + [False]
    headers: list[tuple[Any, Any]] = list(start["headers"])
    assert all(name == name.lower() for name, _ in headers)
    decoded = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
    return Answer(start["status"], decoded, b"".join(message.get("body", b"") for message in bodies))


@contextmanager
def open_core(portal: BlockingPortal, folder: Path, wiring: Wiring) -> Iterator[InProcess]:
    """Serve a new core, its database in `folder`, until the block ends."""
    database = a_database(folder)
    settings = RegistrySettings.model_validate(wiring.settings)
    core = replace(build_core(database, wiring.storage, wiring.authorizer, settings=settings), clock=wiring.clock)
    core.gates.mount(wiring.gates)
    rights = Rights(wiring.authenticator, wiring.authorizer)
    application = RegistryApplication(core, rights, Challenger("", {HOST}))
    transport = InProcess(portal, core, application)
    try:
        yield transport
    finally:
        transport.close()
        database.close()
