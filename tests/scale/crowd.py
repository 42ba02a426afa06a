# SPDX-License-Identifier: Apache-2.0
"""Thousands of mixed clients of one registry, and what each of their requests came to.

Each client keeps a connection, does one thing after another, and thinks in between, so that how much is asked does not
depend on how fast it is answered. An answer takes from the first byte of its request to its own last.
"""

import asyncio
import base64
import json
import random
import re
import time
from collections import Counter
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping
from contextlib import closing
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from typing import NamedTuple

from entrepot.oci.digest import digest_of
from tests.scale.wire import Wire
from tests.scale.wire import numbered

REPOSITORIES = 20
TAGS = 10
TOKENS_SECONDS = 60
"""How often tokens are fetched anew, which are good for five minutes."""
CONNECT_AT_ONCE = 200
ANSWER_SECONDS = 60.0
HEAD_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Registry:
    """A registry over plain HTTP, and who may do everything there."""

    host: str
    port: int
    user: str
    password: str

    @property
    def basic(self) -> str:
        """The value of the header that logs in."""
        return f"Basic {base64.b64encode(f'{self.user}:{self.password}'.encode()).decode()}"


class Taken(NamedTuple):
    """One request: when it began, since the crowd did, how long it took, and its status; 0 if nothing came."""

    kind: str
    began: float
    seconds: float
    status: int


@dataclass(slots=True)
class Told:
    """Every request, and what was said where it was refused."""

    began: float = field(default_factory=time.monotonic)
    taken: list[Taken] = field(default_factory=list)
    wrong: Counter[str] = field(default_factory=Counter)

    def note(self, kind: str, began: float, status: int, said: str = "") -> None:
        """Take note of one request that has ended just now."""
        self.taken.append(Taken(kind, began - self.began, time.monotonic() - began, status))
        if said:
            self.wrong[f"{kind}: {said}"] += 1

    @property
    def failures(self) -> int:
        """How many requests were answered with 4xx or 5xx, or not at all: none of them should be."""
        return sum(each.status == 0 or each.status >= 400 for each in self.taken)


class Client:
    """One client: a connection that is opened again when it was closed."""

    def __init__(self, registry: Registry, tokens: list[str], told: Told, gate: asyncio.Semaphore) -> None:
        self._registry = registry
        self._tokens = tokens
        self._told = told
        self._gate = gate
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._random = random.Random()

    async def run(self, ends_at: float, think_seconds: float) -> None:
        """Do one thing after another."""
        kinds: list[Callable[[], Awaitable[None]]] = [
            self._pull_tag,
            self._pull_digest,
            self._push,
            self._token,
            self._list,
        ]
        await asyncio.sleep(self._random.uniform(0, think_seconds))
        while time.monotonic() < ends_at:
            [do] = self._random.choices(kinds, (60, 25, 5, 5, 5))
            await do()
            pause = self._random.expovariate(1 / think_seconds)
            await asyncio.sleep(min(pause, max(0.0, ends_at - time.monotonic())))
        self.close()

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _pull_tag(self) -> None:
        place, tag = self._random.randrange(REPOSITORIES), self._random.randrange(TAGS)
        await self._ask("pull by tag", "GET", f"/v2/{name_of(place)}/manifests/t{tag}", place)

    async def _pull_digest(self) -> None:
        place, tag = self._random.randrange(REPOSITORIES), self._random.randrange(TAGS)
        await self._ask("pull by digest", "GET", f"/v2/{name_of(place)}/manifests/{numbered(tag).digest}", place)

    async def _push(self) -> None:
        place, blob = self._random.randrange(REPOSITORIES), self._random.randbytes(2_000)
        target = f"/v2/{name_of(place)}/blobs/uploads/?digest={digest_of(blob)}"
        await self._ask("push a blob", "POST", target, place, blob)
        tag = self._random.randrange(TAGS)
        image, target = numbered(tag), f"/v2/{name_of(place)}/manifests/t{tag}"
        await self._ask("push a manifest", "PUT", target, place, image.payload, image.media_type)

    async def _token(self) -> None:
        place = self._random.randrange(REPOSITORIES)
        await self._ask("fetch a token", "GET", f"/auth/token?scope=repository:{name_of(place)}:pull,push", None)

    async def _list(self) -> None:
        place = self._random.randrange(REPOSITORIES)
        await self._ask("list tags", "GET", f"/v2/{name_of(place)}/tags/list", place)

    async def _ask(
        self, kind: str, method: str, target: str, place: int | None, body: bytes = b"", media_type: str = "text/plain"
    ) -> None:
        secret = self._registry.basic if place is None else f"Bearer {self._tokens[place]}"
        head = f"{method} {target} HTTP/1.1\r\nhost: {self._registry.host}:{self._registry.port}\r\n"
        head += f"authorization: {secret}\r\ncontent-type: {media_type}\r\ncontent-length: {len(body)}\r\n\r\n"
        begun = time.monotonic()
        try:
            if self._streams is None or self._streams[0].at_eof():  # who thinks for long finds it closed
                async with self._gate:
                    begun = time.monotonic()
                    self._streams = await asyncio.open_connection(
                        self._registry.host, self._registry.port, limit=HEAD_BYTES
                    )
            async with asyncio.timeout(ANSWER_SECONDS):
                status, said = await self._answer(head.encode() + body)
        except (OSError, EOFError, TimeoutError) as error:
            self._told.note(kind, begun, 0, f"lost: {type(error).__name__}")
            self.close()
            return
        self._told.note(kind, begun, status, said)

    async def _answer(self, request: bytes) -> tuple[int, str]:
        """Send a request and read its answer; return the status, and what it says if it is none of success."""
        assert self._streams is not None
        reader, writer = self._streams
        writer.write(request)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection", "").lower() == "close":
            self.close()
        status = int(lines[0].split()[1])
        return status, "" if status < 400 else f"{status} by {refusal(headers, body)}"


def refusal(headers: Mapping[str, str], body: bytes) -> str:
    """Return who refused a request, a node or the balancer, and why, with no two numbers."""
    who = "a node" if "x-request-id" in headers else "the balancer"
    try:
        content = json.loads(body)
        told = content["errors"][0]["message"] if "errors" in content else content.get("detail", "")
    except (ValueError, LookupError, AttributeError):
        told = body[:100].decode(errors="replace")
    return re.sub(r"[0-9a-f]{8,}|\d+", "…", f"{who}: {told}")[:300]


def name_of(place: int) -> str:
    """Return the name of a repository."""
    return f"load/app{place}"


def fill(registry: Registry) -> None:
    """Push what is pulled."""
    with closing(Wire(registry.port, {"authorization": registry.basic})) as wire:
        for place in range(REPOSITORIES):
            assert wire.push_image(name_of(place), numbered(0), "t0").status == 201
            for tag in range(1, TAGS):
                assert wire.put(name_of(place), numbered(tag), f"t{tag}").status == 201


async def crowd(registry: Registry, tokens: list[str], count: int, seconds: float, think_seconds: float) -> Told:
    """Let so many clients work for so long."""
    await _fetch_all(registry, tokens)
    told, gate, ends_at = Told(), asyncio.Semaphore(CONNECT_AT_ONCE), time.monotonic() + seconds
    fetching = asyncio.create_task(_refresh(registry, tokens))
    await asyncio.gather(*(Client(registry, tokens, told, gate).run(ends_at, think_seconds) for _ in range(count)))
    fetching.cancel()
    with suppress(asyncio.CancelledError):
        await fetching
    return told


async def _refresh(registry: Registry, tokens: list[str]) -> None:
    while True:
        await asyncio.sleep(TOKENS_SECONDS)
        await _fetch_all(registry, tokens)


async def _fetch_all(registry: Registry, tokens: list[str]) -> None:
    for place in range(REPOSITORIES):
        tokens[place] = await asyncio.to_thread(_fetched, registry, place)


def _fetched(registry: Registry, place: int) -> str:
    with closing(Wire(registry.port, {"authorization": registry.basic})) as wire:
        return str(wire.ask("GET", f"/auth/token?scope=repository:{name_of(place)}:pull,push").json["token"])
