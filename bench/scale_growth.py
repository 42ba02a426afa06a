# SPDX-License-Identifier: Apache-2.0
"""The row about growth: the median time of one request at a thousand artifacts, and at a thousand times as much.

Two servers stand side by side and are asked in turns, on one connection each. Reads and pushes are
drawn from all repositories, the same number of them on both sides, so that what is compared is the
size of the tables and not what fits into memory. Decisions are timed in this process, with nothing remembered.
"""

import asyncio
import random
from collections.abc import Callable
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from statistics import median
from time import perf_counter

from bench.client import Connection
from bench.measurement import Outcome
from bench.measurement import Round
from bench.measurement import Sample
from bench.measurement import measure
from bench.measurement import ratio_at_most
from bench.scale import ADMINISTRATOR
from bench.scale import LARGE
from bench.scale import PER_REPOSITORY
from bench.scale import QUICK
from bench.scale import READER
from bench.scale import SMALL
from bench.scale import Built
from bench.scale import Size
from bench.scale import built
from bench.scale import login
from bench.scale import payload
from bench.scale import repository
from bench.scale import tag
from bench.servers import Server
from bench.servers import entrepot
from bench.workspace import Workspace
from entrepot.entry.configuration import Settings
from entrepot.entry.instance import Instance
from entrepot.entry.wiring import build_instance
from entrepot.features.access import GrantAuthorizer
from entrepot.kernel.access import Action
from entrepot.kernel.access import Principal
from entrepot.kernel.access import PrincipalKind
from entrepot.oci.media_types import OCI_MANIFEST

LIMIT = 1.1
REQUESTS = 50 if QUICK else 300
DRAWN = 300
SEED = 20
DECISIONS = "decision, nothing remembered"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and the status of its answer."""

    method: str
    path: str
    status: int = 200
    body: bytes = b""


Kind = Callable[[Size, int], Asked]
"""Makes the request of a number, which is never the same twice."""


def growth(workspace: Workspace, rounds: int) -> Outcome:
    """Time each kind of request on both sizes."""
    with ExitStack() as stack:
        sizes = [built(workspace, SMALL), built(workspace, LARGE)]
        servers = {each.size: stack.enter_context(entrepot(each.data)) for each in sizes}
        sides: dict[str, Round] = {}
        for name, (user, kind) in _KINDS.items():
            for size, server in servers.items():
                connection = stack.enter_context(Connection(server.port, login(user)))
                connection.expect(200, connection.ask("GET", "/v2/"))
                sides[_side(name, size)] = _timed(server, connection, size, kind)
        for each in sizes:
            sides[_side(DECISIONS, each.size)] = _decisions(stack, each)
        samples = measure(sides, rounds)
    bounds = [
        ratio_at_most(
            f"{name}: more is slower by", _medians(samples, name, LARGE), _medians(samples, name, SMALL), LIMIT
        )
        for name in (*_KINDS, DECISIONS)
    ]
    conditions = {
        "data": [each.description for each in sizes],
        "connections": 1,
        "requests a round": REQUESTS,
        "drawn": f"{DRAWN} repositories on either side, again and again",
        "cpu": "seconds per 100,000 requests",
    }
    return Outcome("growth", "ms, median of a round", samples, [], conditions, bounds)


def _by_tag(size: Size, number: int) -> Asked:
    place = _drawn(size, number)
    return Asked("GET", f"/v2/{repository(place)}/manifests/{tag(number % PER_REPOSITORY)}")


def _push(size: Size, number: int) -> Asked:
    path = f"/v2/{repository(_drawn(size, number))}/manifests/pushed-{number}"
    return Asked("PUT", path, 201, payload(f"pushed {number}"))


def _page(size: Size, number: int) -> Asked:
    return Asked("GET", f"/v2/_catalog?n=50&last={repository(_drawn(size, number) // 2)}")


def _page_of_reader(size: Size, number: int) -> Asked:
    return Asked("GET", f"/v2/_catalog?n=50&last={size.readable[number % 2]}")


def _token(size: Size, number: int) -> Asked:
    return Asked("GET", f"/auth/token?service=entrepot&scope=repository:{size.readable[number % 10]}:pull")


_KINDS: Mapping[str, tuple[str, Kind]] = {
    "GET manifest by tag": (ADMINISTRATOR, _by_tag),
    "push of a manifest": (ADMINISTRATOR, _push),
    "catalog page": (ADMINISTRATOR, _page),
    "catalog page, ten grants": (READER, _page_of_reader),
    "token": (READER, _token),
}


def _drawn(size: Size, number: int) -> int:
    """Draw one of the same few repositories."""
    return random.Random(SEED + number % DRAWN).randrange(size.repositories)


def _timed(server: Server, connection: Connection, size: Size, kind: Kind) -> Round:
    numbers = count()

    def run(_number: int) -> Sample:
        asked = [kind(size, next(numbers)) for _ in range(REQUESTS)]
        taken = []
        before = server.cpu_seconds()
        for one in asked:
            begin = perf_counter()
            answer = connection.ask(one.method, one.path, one.body, OCI_MANIFEST if one.body else "")
            taken.append((perf_counter() - begin) * 1000)
            connection.expect(one.status, answer)
        return Sample(median(taken), (server.cpu_seconds() - before) / REQUESTS * 100_000)

    return run


def _decisions(stack: ExitStack, of: Built) -> Round:
    instance = build_instance(Settings(data_dir=of.data))
    stack.callback(_close, instance)
    authorizer = instance.core.authorizer
    assert isinstance(authorizer, GrantAuthorizer)
    reader = Principal(PrincipalKind.USER, READER)

    async def decide(number: int) -> float:
        authorizer.forget(reader.kind, reader.name)
        name = of.size.readable[number % 10]
        begin = perf_counter()
        assert await authorizer.allows(reader, Action.PULL, name)
        return (perf_counter() - begin) * 1000

    async def decide_all() -> list[float]:
        return [await decide(number) for number in range(REQUESTS)]

    return lambda _number: Sample(median(asyncio.run(decide_all())))


def _close(instance: Instance) -> None:
    instance.passwords.close()
    instance.core.database.close()


def _side(name: str, size: Size) -> str:
    return f"{name}, {size.artifacts:,}"


def _medians(samples: Mapping[str, list[Sample]], name: str, size: Size) -> list[float]:
    return [sample.value for sample in samples[_side(name, size)]]
