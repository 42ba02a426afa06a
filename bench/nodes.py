# SPDX-License-Identifier: Apache-2.0
"""The row of what nodes cost: processor time and SQL statements of a request, on three nodes and on one.

Each side has a balancer and a PostgreSQL server of its own; nodes share a folder. What they do besides, for each
other and on their own, is in the figures.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle

from bench.catalogue import REPOSITORIES_PER_PROJECT
from bench.catalogue import TAGS
from bench.catalogue import Image
from bench.catalogue import image
from bench.client import Connection
from bench.client import Request
from bench.client import drive
from bench.measurement import Bound
from bench.measurement import Outcome
from bench.measurement import Round
from bench.measurement import Sample
from bench.measurement import measure
from bench.measurement import ratio_at_most
from bench.pushes import CLIENTS
from bench.pushes import IMAGES
from bench.pushes import REQUESTS
from bench.pushes import User
from bench.pushes import push_image
from bench.pushes import push_images
from bench.reads import CONNECTIONS
from bench.reads import PER_REQUESTS
from bench.reads import SECONDS
from bench.reads import manifest_request
from bench.scale import QUICK
from bench.servers import Server
from bench.servers import cpu_seconds_of
from bench.workspace import Workspace
from tests.interop.tools import install_packages
from tests.scale.balancer import PACKAGES as BALANCER
from tests.scale.nodes import NODES
from tests.scale.nodes import PASSWORD
from tests.scale.nodes import Cluster
from tests.scale.nodes import cluster
from tests.scale.servers import PACKAGES

AT_MOST = 1.1
PUSHED = 32 if QUICK else IMAGES
_STATEMENTS = "SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements"


@dataclass(frozen=True, slots=True)
class Nodes(Server):
    """The nodes behind one balancer, as one server."""

    cluster: Cluster

    def cpu_seconds(self) -> float:
        """Return the processor time that all nodes have taken so far, without that of balancer and database."""
        return cpu_seconds_of({node.running.process.pid for node in self.cluster.nodes})

    def statements(self) -> int:
        """Return how many statements the database was sent so far, by whomever."""
        return self.cluster.count(_STATEMENTS)


def nodes(workspace: Workspace, rounds: int) -> Outcome:
    """Pull manifests by tag and push small images, through a balancer, at one node and at several."""
    install_packages({**PACKAGES, **BALANCER})
    sides: dict[str, Round] = {}
    counted: dict[str, list[float]] = {}
    with ExitStack() as stack:
        for count in (1, NODES):
            folder = workspace.fresh(f"nodes-{count}")
            folder.mkdir()
            of = _counting(stack.enter_context(cluster(folder, count)))
            for what, run in (("pull", _pulls(of)), ("push", _pushes(of))):
                side = _side(what, count)
                sides[side] = _noting(run, counted.setdefault(side, []))
        samples = measure(sides, rounds)
    told = {side: [Sample(each) for each in some[1:]] for side, some in counted.items()}
    cpu = {side: [each.cpu_seconds or 0 for each in some] for side, some in samples.items()}
    bounds = [*_bounds("CPU", cpu), *_bounds("statements", {side: some[1:] for side, some in counted.items()})]
    conditions = {
        "pull": f"{CONNECTIONS} connections, {SECONDS} s a round, 100 tags in turn, one token for each repository",
        "push": f"{PUSHED} images of 4 blobs a round, {CLIENTS} clients",
        "statements": "those that the database was sent meanwhile, by requests and by what nodes do besides",
        "cpu": PER_REQUESTS,
    }
    named = {f"statements of a {side}": some for side, some in told.items()}
    return Outcome("nodes", "requests/s", {**samples, **named}, [], conditions, bounds)


Counted = tuple[Sample, float]
"""What a round gave, and how many statements each of its requests took."""

_Run = Callable[[int], Counted]


def _counting(of: Cluster) -> Nodes:
    """Have the database count statements, for which it is started again."""
    of.database.run("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
    of.database.restart()
    of.database.run("CREATE EXTENSION pg_stat_statements", "nodes")
    of.wait_until_balanced()
    return Nodes("nodes", of.port, 0, of.nodes[0].data, of)


def _noting(run: _Run, counted: list[float]) -> Round:
    def measured(number: int) -> Sample:
        sample, statements = run(number)
        counted.append(statements)
        return sample

    return measured


def _pulls(of: Nodes) -> _Run:
    user, images = User(of.port, PASSWORD), [image(number) for number in range(REPOSITORIES_PER_PROJECT * TAGS)]
    for repository in dict.fromkeys(each.repository for each in images):
        with Connection(of.port, user.authorization(repository)) as connection:
            _push_all(connection, [each for each in images if each.repository == repository])

    def run(_number: int) -> Counted:
        tokens = {name: user.token(name) for name in dict.fromkeys(each.repository for each in images)}
        requests = [manifest_request(of.port, each, tokens[each.repository], ("GET", False)) for each in images]
        return _pull(of, cycle(requests))

    return run


def _pull(of: Nodes, requests: Iterator[Request]) -> Counted:
    statements, cpu = of.statements(), of.cpu_seconds()
    load = drive(of.port, requests, CONNECTIONS, SECONDS)
    cpu, statements = of.cpu_seconds() - cpu, of.statements() - statements
    rate = load.answers / load.seconds
    sample = Sample(rate, cpu / load.answers * 100_000, load.latency_ms(0.5), load.latency_ms(0.99))
    return sample, statements / load.answers


def _push_all(connection: Connection, images: list[Image]) -> None:
    pushed: set[bytes] = set()
    for each in images:
        fresh = [blob for blob in dict.fromkeys(each.blobs) if blob not in pushed]
        push_image(connection, each.repository, each.tag, fresh, each.payload)
        pushed.update(fresh)


def _pushes(of: Nodes) -> _Run:
    push = push_images(of, User(of.port, PASSWORD), PUSHED)

    def run(number: int) -> Counted:
        before = of.statements()
        sample = push(number)
        return sample, (of.statements() - before) / (PUSHED * REQUESTS)

    return run


def _side(what: str, count: int) -> str:
    return f"{what}, {count} {'node' if count == 1 else 'nodes'}"


def _bounds(what: str, values: Mapping[str, list[float]]) -> Iterator[Bound]:
    for done in ("pull", "push"):
        several, one = values[_side(done, NODES)], values[_side(done, 1)]
        yield ratio_at_most(f"{what} of a {done}, {NODES} nodes over one", several, one, AT_MOST)
