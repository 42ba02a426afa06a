# SPDX-License-Identifier: Apache-2.0
"""The row about lists and search: pages at full size, for an administrator and for a user with ten grants.

Each page is first asked for in this process, on the large data set and on its
small twin, while the driver tells which statements run. Their plans may search
indexes only, and their number has to be the same on both, but for searches, whose
number of looks at names is bounded instead. Then a server is asked over HTTP, on
one connection.
"""

import asyncio
import sqlite3
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import closing
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from itertools import cycle
from typing import Any

import msgspec
from sqlalchemy import Engine
from sqlalchemy import event

from bench.client import Asked
from bench.client import Connection
from bench.client import Request
from bench.client import announced_length
from bench.client import drive
from bench.measurement import Bound
from bench.measurement import Outcome
from bench.measurement import Round
from bench.measurement import Sample
from bench.measurement import at_most
from bench.measurement import measure
from bench.scale import ADMINISTRATOR
from bench.scale import LARGE
from bench.scale import LARGE_REPOSITORY
from bench.scale import QUICK
from bench.scale import READER
from bench.scale import SMALL
from bench.scale import Built
from bench.scale import Size
from bench.scale import built
from bench.scale import digest
from bench.scale import login
from bench.scale import repository
from bench.scale import tag
from bench.servers import Server
from bench.servers import entrepot
from bench.workspace import Workspace
from entrepot.entry.configuration import Settings
from entrepot.entry.server import Server as Application
from entrepot.entry.wiring import build_instance
from entrepot.infra.database.metadata import metadata
from entrepot.infra.http.paging import cursor_to
from tests.builders.application import Client
from tests.server import HOST

LIMIT_MS = 50
SEARCH_LIMIT_MS = 200
SECONDS = 0.5 if QUICK else 1.0
PAGE = 100
DASHBOARD = "dashboard"
PARTS = 5
"""Pages are asked for at the beginning, at the end, and so many less two between."""

SORTS = ("-updated", "version", "-version")
"""Of tags; by name they are sorted without asking."""

TIMES = 3
"""Each page is asked for so often in this process: what is remembered for two seconds is then remembered in one."""


_MANY = metadata.tables.keys() - {"usage_measurements"}
"""The tables that may have more than one row."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list as somebody asks for it: its pages, from the first to the last."""

    name: str
    user: str
    targets: Sequence[str]
    limit_ms: int = LIMIT_MS
    is_constant: bool = True
    """Whether it takes as many statements however much there is."""

    @property
    def side(self) -> str:
        """What it is called in the results."""
        return f"{self.name}, {self.user}"


@dataclass(frozen=True, slots=True)
class Overview:
    """A request for the dashboard, whose answer tells of the moment too: what it says of pulls and tags is compared."""

    wire: bytes
    known: Mapping[str, Any]

    def is_whole(self, head: bytes, body: bytes) -> bool:
        """Tell by the length that the answer names."""
        return len(body) >= announced_length(head)

    def is_right(self, head: bytes, body: bytes) -> bool:
        """Compare the lists, which do not change while the row runs."""
        return all(msgspec.json.decode(body)[part] == self.known[part] for part in ("top", "recent"))


@dataclass(slots=True)
class Seen:
    """What came of asking for one listing in this process."""

    statements: int = 0
    """How many a page took at most."""
    plans: set[str] = field(default_factory=set)
    answers: list[bytes] = field(default_factory=list)

    @property
    def scans(self) -> list[str]:
        """The steps that look at all of a table or an index; what a subquery gave is neither."""
        return sorted(step for step in self.plans if step.startswith("SCAN ") and step.split()[1] in _MANY)


def lists(workspace: Workspace, rounds: int) -> Outcome:
    """Ask for pages of every list."""
    small, large = built(workspace, SMALL), built(workspace, LARGE)
    few, seen = asyncio.run(_look(small)), asyncio.run(_look(large))
    asked = {each.side: each for each in listings(LARGE)}
    with entrepot(large.data) as server:
        _have_verified(server)
        samples = measure({side: _pages(server, each, seen[side].answers) for side, each in asked.items()}, rounds)
    bounds = [
        at_most(f"{side}: p95", [one.value for one in some], asked[side].limit_ms, "ms")
        for side, some in samples.items()
    ]
    conditions = {
        "data": large.description,
        "connections": 1,
        "seconds a round": SECONDS,
        "cpu": "seconds per 100,000 requests",
        "pages": f"{PARTS}, from the first to the last",
        "statements a page": {side: each.statements for side, each in seen.items()},
        "statements a page, 1,000 artifacts": {side: each.statements for side, each in few.items()},
        "plans": {side: sorted(each.plans) for side, each in seen.items()},
    }
    return Outcome("lists", "ms at p95", samples, [], conditions, [*bounds, *_about_statements(few, seen)])


def listings(size: Size) -> list[Listing]:
    """Return every list for both users."""
    found = []
    for user in (ADMINISTRATOR, READER):
        names = ["", *size.readable] if user == READER else ["", *map(repository, range(size.repositories))]
        tags = ["", *map(tag, range(size.tags))]
        inside = f"/api/v1/repositories/{LARGE_REPOSITORY}/-"
        found += [
            Listing("catalog", user, [f"/v2/_catalog?n={PAGE}&last={name}" for name in _spread(names)]),
            Listing("tags", user, [f"/v2/{LARGE_REPOSITORY}/tags/list?n={PAGE}&last={last}" for last in _spread(tags)]),
            Listing("tags, 10,000 a page", user, [f"/v2/{LARGE_REPOSITORY}/tags/list?last={tags[0]}"]),
            Listing("api repositories", user, [f"/api/v1/repositories?{_cursor(name)}" for name in _spread(names)]),
            Listing("api tags", user, [f"{inside}/tags?{_cursor(last)}" for last in _spread(tags)]),
            *(Listing(f"api tags by {sort}", user, [f"{inside}/tags?sort={sort}&limit={PAGE}"]) for sort in SORTS),
            Listing("api artifacts", user, [f"{inside}/artifacts?limit={PAGE}"]),
            Listing("api artifact", user, [f"{inside}/artifacts/{one}" for one in _spread(_large_digests(size))]),
            Listing(DASHBOARD, user, ["/api/v1/dashboard"]),
            Listing("search", user, [f"/api/v1/search?q={text}" for text in _queries(size)], SEARCH_LIMIT_MS, False),
        ]
    return found


def _queries(size: Size) -> list[str]:
    """Return what people type: parts of names, rare and frequent, a tag, one of a repository, digests, and nonsense."""
    found = digest(size.artifacts // 2)
    names = [repository(size.repositories - 1), repository(0).rpartition("/")[2], LARGE_REPOSITORY]
    return [*names, tag(7), f"{LARGE_REPOSITORY}:v0", found, found.partition(":")[2][:8], "nothing-is-called-so"]


def _large_digests(size: Size) -> list[str]:
    """Return the artifacts of the large repository, in the order of its tags."""
    return [digest(number) for number in range(size.artifacts - size.tags, size.artifacts)]


def _spread(keys: Sequence[str]) -> list[str]:
    """Pick keys behind which pages begin: nothing, the last but few, and some between."""
    last = max(0, len(keys) - 1 - PAGE // 2)
    return [keys[last * part // (PARTS - 1)] for part in range(PARTS)]


def _cursor(key: str) -> str:
    return f"limit={PAGE}&cursor={cursor_to(key)}"


async def _look(from_built: Built) -> dict[str, Seen]:
    """Ask for every page in this process."""
    with _traced() as statements:
        instance = build_instance(Settings(data_dir=from_built.data))
        application = Application(instance)
        found = {}
        with closing(sqlite3.connect(from_built.data / "entrepot.db")) as explaining:
            for listing in listings(from_built.size):
                client = Client(application, (("authorization", login(listing.user)),))
                found[listing.side] = await _ask(client, listing, statements, explaining)
        instance.passwords.close()
        instance.core.database.close()
    return found


async def _ask(client: Client, listing: Listing, statements: list[str], explaining: sqlite3.Connection) -> Seen:
    seen = Seen()
    for target in listing.targets:
        counts = []
        for _ in range(TIMES):
            statements.clear()
            answer = await client.send("GET", target)
            assert answer.status == 200, (target, answer)
            executed = [each for each in statements if each.startswith(("SELECT", "WITH"))]
            counts.append(len(executed))
            for each in executed:
                seen.plans |= {row[3] for row in explaining.execute(f"EXPLAIN QUERY PLAN {each}")}
        seen.statements = max(seen.statements, min(counts))
        seen.answers.append(answer.body)
    return seen


@contextmanager
def _traced() -> Iterator[list[str]]:
    """Collect the text of every statement that SQLite executes, with its values, in connections opened from now on."""
    statements: list[str] = []

    def trace(connection: sqlite3.Connection, _record: Any) -> None:
        connection.set_trace_callback(statements.append)

    event.listen(Engine, "connect", trace)
    try:
        yield statements
    finally:
        event.remove(Engine, "connect", trace)


def _have_verified(server: Server) -> None:
    """Have both passwords hashed, which is remembered for a while."""
    for user in (ADMINISTRATOR, READER):
        with Connection(server.port, login(user)) as connection:
            connection.expect(200, connection.ask("GET", "/v2/"))


def _pages(server: Server, listing: Listing, answers: Sequence[bytes]) -> Round:
    head = f"Host: {HOST}:{server.port}\r\nAuthorization: {login(listing.user)}\r\n\r\n"
    wires = [f"GET {target} HTTP/1.1\r\n{head}".encode() for target in listing.targets]
    asked: list[Asked] = [
        Overview(wire, msgspec.json.decode(answer))
        if listing.name == DASHBOARD
        else Request(wire, b"application/json", answer)
        for wire, answer in zip(wires, answers, strict=True)
    ]
    requests = cycle(asked)

    def run(_number: int) -> Sample:
        before = server.cpu_seconds()
        load = drive(server.port, requests, 1, SECONDS)
        cpu = (server.cpu_seconds() - before) / load.answers * 100_000
        return Sample(load.latency_ms(0.95), cpu, load.latency_ms(0.5), load.latency_ms(0.99))

    return run


def _about_statements(few: Mapping[str, Seen], seen: Mapping[str, Seen]) -> list[Bound]:
    constant = [each.side for each in listings(LARGE) if each.is_constant]
    more = max(seen[side].statements - few[side].statements for side in constant)
    scans = len({step for each in seen.values() for step in each.scans})
    return [
        Bound("statements a page more than at 1,000 artifacts", more, more, more, "", 0, is_least=False),
        Bound("plans that scan", scans, scans, scans, "", 0, is_least=False),
    ]
