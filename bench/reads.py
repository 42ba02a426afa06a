# SPDX-License-Identifier: Apache-2.0
"""The rows that read: manifests by tag and by digest, small blobs, large blobs."""

import asyncio
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import cycle
from time import perf_counter

from bench import catalogue
from bench.catalogue import Image
from bench.client import Connection
from bench.client import Request
from bench.client import download
from bench.client import drive
from bench.measurement import Goal
from bench.measurement import Outcome
from bench.measurement import Round
from bench.measurement import Sample
from bench.measurement import compare
from bench.measurement import compare_each
from bench.measurement import measure
from bench.measurement import ratio_at_most
from bench.peers import NGINX
from bench.peers import NGINX_PACKAGE
from bench.peers import ZOT
from bench.peers import Peers
from bench.peers import nginx
from bench.pushes import User
from bench.pushes import push_blob
from bench.pushes import push_image
from bench.pushes import user_of
from bench.servers import ENTREPOT
from bench.servers import ENTREPOT_TWO
from bench.servers import OURS
from bench.servers import PEER
from bench.servers import Server
from bench.servers import entrepot
from bench.workspace import Workspace
from tests.interop.tools import package_version
from tests.server import HOST

CONNECTIONS = 32
SECONDS = 2.5
DRAWS = 100_000
ACCEPT = (
    "application/vnd.oci.image.index.v1+json, "
    "application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json"
)
SMALL_BLOBS = 10_000
SMALL_BYTES = 4 * 1024
LARGE_BYTES = 200 * 1024 * 1024
LARGE_CONNECTIONS = 4
PER_REQUESTS = "seconds per 100,000 requests"


def manifests(workspace: Workspace, rounds: int, *, method: str, by_digest: bool) -> Outcome:
    """Read manifests: ours drawn from the catalogue with tokens, the peers' always the same one, without login."""
    goals = [Goal(PEER, 10 if by_digest else 8), Goal(ZOT, 1.2)]
    drawn = catalogue.zipf_draws(DRAWS)
    known = {number: catalogue.image(number) for number in set(drawn)}
    images, hot = [known[number] for number in drawn], catalogue.image(0)
    sides: dict[str, Round] = {}
    with ExitStack() as stack:
        peers = Peers(stack, workspace)
        for workers, data in enumerate(workspace.catalogues(), start=1):
            server = stack.enter_context(entrepot(data, workers))
            tokens = asyncio.run(catalogue.issue_tokens(server.data))
            sides[server.name] = _load(server, _drawn(server.port, images, tokens, (method, by_digest)))
        for server in peers.servers:
            with Connection(server.port) as connection:
                push_image(connection, hot.repository, hot.tag, hot.blobs, hot.payload)
            sides[server.name] = _load(server, cycle([manifest_request(server.port, hot, "", (method, by_digest))]))
        samples = measure(sides, rounds)
    what = f"{method} manifest by {'digest' if by_digest else 'tag'}"
    load = f"{catalogue.count()} tags, Zipf 1.1, {catalogue.PROJECTS} bearer tokens, one allow-gate"
    conditions = {
        "connections": CONNECTIONS,
        "seconds a round": SECONDS,
        "cpu": PER_REQUESTS,
        ENTREPOT: f"{load}, one process",
        ENTREPOT_TWO: f"{load}, two processes",
        PEER: "one hot tag, no login",
        **peers.conditions,
    }
    return Outcome(what, "requests/s", samples, compare_each(samples, OURS, goals), conditions)


def small_blobs(workspace: Workspace, rounds: int) -> Outcome:
    """Read 10,000 blobs of 4 KiB, one after another in a fixed shuffled order."""
    contents = [number.to_bytes(4, "big") * (SMALL_BYTES // 4) for number in range(SMALL_BLOBS)]
    repository = "bench/small"
    with ExitStack() as stack:
        data, password = workspace.empty()
        peers = Peers(stack, workspace)
        sides: dict[str, Round] = {}
        for server in (stack.enter_context(entrepot(data)), *peers.servers):
            user = user_of(server, password)
            with ThreadPoolExecutor(16) as threads:
                list(threads.map(lambda some, s=server, u=user: _push_all(s, u, repository, some), _parts(contents)))
            token = user.token(repository)
            requests = [_blob_request(server.port, repository, content, token) for content in contents]
            sides[server.name] = _load(server, cycle(requests))
        samples = measure(sides, rounds)
    conditions = {
        "connections": CONNECTIONS,
        "blobs": SMALL_BLOBS,
        "bytes": SMALL_BYTES,
        "seconds a round": SECONDS,
        "cpu": PER_REQUESTS,
        **peers.conditions,
    }
    return Outcome("GET blobs of 4 KiB", "requests/s", samples, compare(samples, ENTREPOT, [Goal(PEER, 5)]), conditions)


def large_blob(workspace: Workspace, rounds: int) -> Outcome:
    """Read one blob of 200 MB on four connections at once; nginx sends the same file as the floor of what it costs."""
    content = bytes(range(256)) * (LARGE_BYTES // 256)
    repository, digest = "bench/large", catalogue.digest_of(content)
    with ExitStack() as stack:
        data, password = workspace.empty()
        peers = Peers(stack, workspace)
        sides: dict[str, Round] = {}
        for server in (stack.enter_context(entrepot(data)), *peers.servers):
            user = user_of(server, password)
            with Connection(server.port, user.authorization(repository)) as connection:
                push_blob(connection, repository, content)
            request = wire("GET", f"/v2/{repository}/blobs/{digest}", server.port, user.token(repository))
            sides[server.name] = downloads(server, request)
        folder = workspace.fresh("nginx")
        (folder / "files").mkdir(parents=True)
        (folder / "files" / "blob").write_bytes(content)
        floor = stack.enter_context(nginx(folder))
        sides[floor.name] = downloads(floor, wire("GET", "/blob", floor.port, ""))
        samples = measure(sides, rounds)
    conditions = {"connections": LARGE_CONNECTIONS, "bytes": LARGE_BYTES, "cpu": "seconds per GiB", **peers.conditions}
    conditions[NGINX] = (
        f"{package_version(NGINX_PACKAGE)}, the floor: one file, no registry and no login; without a goal"
    )
    ratios = compare(samples, ENTREPOT, [Goal(PEER, 1)])
    cost = ratio_at_most("CPU seconds per GiB over docker-registry's", _cpu(samples, ENTREPOT), _cpu(samples, PEER), 1)
    return Outcome("GET blob of 200 MB", "MiB/s", samples, ratios, conditions, [cost])


def _drawn(port: int, images: Sequence[Image], tokens: list[str], what: tuple[str, bool]) -> Iterator[Request]:
    while True:
        for image in images:
            yield manifest_request(port, image, tokens[image.user], what)


def manifest_request(port: int, image: Image, token: str, what: tuple[str, bool]) -> Request:
    """Return the request for a manifest: by which method, and whether by digest."""
    method, by_digest = what
    path = f"/v2/{image.repository}/manifests/{image.digest if by_digest else image.tag}"
    ending = b"" if method == "HEAD" else image.payload
    return Request(wire(method, path, port, token), image.digest.encode(), ending)


def _blob_request(port: int, repository: str, content: bytes, token: str) -> Request:
    digest = catalogue.digest_of(content)
    return Request(wire("GET", f"/v2/{repository}/blobs/{digest}", port, token), digest.encode(), content)


def wire(method: str, path: str, port: int, token: str) -> bytes:
    """Return a request as docker sends it."""
    login = f"Authorization: Bearer {token}\r\n" if token else ""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nUser-Agent: docker/28.2.2 go/go1.23.8\r\n"
        f"Accept: {ACCEPT}\r\nAccept-Encoding: identity\r\n{login}\r\n"
    ).encode()


def _load(server: Server, requests: Iterator[Request]) -> Round:
    def run(_number: int) -> Sample:
        before = server.cpu_seconds()
        load = drive(server.port, requests, CONNECTIONS, SECONDS)
        cpu = (server.cpu_seconds() - before) / load.answers * 100_000
        return Sample(load.answers / load.seconds, cpu, load.latency_ms(0.5), load.latency_ms(0.99))

    return run


def downloads(server: Server, request: bytes, size: int = LARGE_BYTES) -> Round:
    """Return the round that reads one blob of `size` bytes on several connections at once."""

    def run(_number: int) -> Sample:
        before, begin = server.cpu_seconds(), perf_counter()
        with ThreadPoolExecutor(LARGE_CONNECTIONS) as threads:
            list(threads.map(lambda _: download(server.port, request, size), range(LARGE_CONNECTIONS)))
        seconds, moved = perf_counter() - begin, LARGE_CONNECTIONS * size
        cpu = (server.cpu_seconds() - before) / moved * 2**30
        return Sample(moved / 2**20 / seconds, cpu)

    return run


def _cpu(samples: Mapping[str, Sequence[Sample]], side: str) -> list[float]:
    return [sample.cpu_seconds for sample in samples[side] if sample.cpu_seconds is not None]


def _parts(contents: list[bytes]) -> list[list[bytes]]:
    return [contents[start::16] for start in range(16)]


def _push_all(server: Server, user: User, repository: str, contents: list[bytes]) -> None:
    with Connection(server.port, user.authorization(repository)) as connection:
        for content in contents:
            push_blob(connection, repository, content)
