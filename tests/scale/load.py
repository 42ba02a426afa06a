# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.scale.load`: thousands of mixed clients on several nodes behind a balancer, beside a hundred.

Each client keeps a connection, does one thing after another, and thinks in between, so that how much is asked does not
depend on how fast it is answered. The status is 1 if anything was answered with 5xx or not at all, or if the slowest
hundredth of any kind took more than three times as long as with a hundred clients that ask as much in all.
"""

import argparse
import asyncio
import base64
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections import defaultdict
from collections.abc import Awaitable
from collections.abc import Callable
from contextlib import closing
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from bench.client import percentile
from entrepot.oci.digest import digest_of
from tests.scale.nodes import PASSWORD
from tests.scale.nodes import cluster
from tests.scale.wire import Wire
from tests.scale.wire import numbered
from tests.server import HOST

REPOSITORIES = 20
TAGS = 10
TOKENS_SECONDS = 60
"""How often tokens are fetched anew, which are good for five minutes."""
FEW = 100
SLOWER = 3.0
"""How many times longer the slowest hundredth may take with many clients."""
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


@dataclass(slots=True)
class Told:
    """How long each answer took, by kind, and what was wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: Counter[str] = field(default_factory=Counter)

    @property
    def server_errors(self) -> int:
        """How many answers were 5xx, or never came."""
        return sum(number for what, number in self.wrong.items() if what[0] in "5l")

    def show(self, name: str) -> None:
        """Print a table."""
        print(f"{name}: {sum(map(len, self.seconds.values()))} answers, wrong: {dict(self.wrong) or 'none'}")
        for kind, taken in sorted(self.seconds.items()):
            shares = "  ".join(f"p{share * 100:g} {percentile(taken, share) * 1000:8.1f} ms" for share in (0.5, 0.99))
            print(f"  {kind:<16} {len(taken):>8}  {shares}")


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
        try:
            if self._streams is None:
                async with self._gate:
                    self._streams = await asyncio.open_connection(
                        self._registry.host, self._registry.port, limit=HEAD_BYTES
                    )
            begun = time.monotonic()
            async with asyncio.timeout(ANSWER_SECONDS):
                status = await self._answer(head.encode() + body)
        except (OSError, EOFError, TimeoutError) as error:
            self._told.wrong[f"lost: {kind}: {type(error).__name__}"] += 1
            self.close()
            return
        self._told.seconds[kind].append(time.monotonic() - begun)
        if status >= 400:
            self._told.wrong[f"{status}: {kind}"] += 1

    async def _answer(self, request: bytes) -> int:
        """Send a request and read its answer; return the status."""
        assert self._streams is not None
        reader, writer = self._streams
        writer.write(request)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection") == "close":
            self.close()
        return int(lines[0].split()[1])


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


def compare(registry: Registry, clients: int, seconds: float, think_seconds: float) -> bool:
    """Let few clients work, then many; print what came of it, and tell whether it is good enough."""
    tokens = [""] * REPOSITORIES
    fill(registry)
    few = asyncio.run(crowd(registry, tokens, FEW, min(seconds, 120.0), think_seconds * FEW / clients))
    few.show(f"{FEW} clients")
    many = asyncio.run(crowd(registry, tokens, clients, seconds, think_seconds))
    many.show(f"{clients} clients")
    slow = {
        kind: round(percentile(taken, 0.99) / percentile(few.seconds[kind], 0.99), 1)
        for kind, taken in many.seconds.items()
        if few.seconds.get(kind)
    }
    print(f"p99 with {clients} over p99 with {FEW}: {json.dumps(slow)}")
    return not many.server_errors and all(each <= SLOWER for each in slow.values())


def main() -> int:
    """Do what the command line says, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.scale.load", description=__doc__)
    parser.add_argument("--clients", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=1_800)
    parser.add_argument("--think", type=float, default=60, help="seconds between two requests of one client")
    parser.add_argument("--registry", help="test the plain-HTTP server USER:PASSWORD@HOST:PORT, not one started here")
    given = parser.parse_args()
    if given.registry:
        secret, _, authority = given.registry.rpartition("@")
        registry = Registry(*_address(authority), *secret.split(":", 1))
        return 0 if compare(registry, given.clients, given.seconds, given.think) else 1
    with tempfile.TemporaryDirectory() as folder, cluster(Path(folder)) as nodes:
        registry = Registry(HOST, nodes.port, "admin", PASSWORD)
        return 0 if compare(registry, given.clients, given.seconds, given.think) else 1


def _address(authority: str) -> tuple[str, int]:
    host, _, port = authority.rpartition(":")
    return host, int(port)


if __name__ == "__main__":
    sys.exit(main())
