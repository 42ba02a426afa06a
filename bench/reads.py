# SPDX-License-Identifier: Apache-2.0
"""The rows that read: manifests by tag and by digest, small blobs, large blobs."""

import asyncio
from collections.abc import Iterator
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
from bench.measurement import measure
from bench.pushes import User
from bench.pushes import push_blob
from bench.pushes import push_image
from bench.pushes import user_of
from bench.servers import ENTREPOT
from bench.servers import PEER
from bench.servers import Server
from bench.servers import docker_registry
from bench.servers import entrepot
from bench.workspace import Workspace
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
    """Read manifests: ours drawn from the catalogue with tokens, the peer's always the same, without login."""
    with ExitStack() as stack:
        ours = stack.enter_context(entrepot(workspace.catalogue()))
        peer = stack.enter_context(docker_registry(workspace.fresh("peer")))
        hot = catalogue.image(0)
        with Connection(peer.port) as connection:
            push_image(connection, hot.repository, hot.tag, hot.blobs, hot.payload)
        tokens = asyncio.run(catalogue.issue_tokens(ours.data))
        drawn = catalogue.zipf_draws(DRAWS)
        images = {number: catalogue.image(number) for number in set(drawn)}
        zipf = _drawn(ours.port, [images[number] for number in drawn], tokens, (method, by_digest))
        one = cycle([_request(peer.port, hot, "", (method, by_digest))])
        sides = {ENTREPOT: _load(ours, zipf), PEER: _load(peer, one)}
        samples = measure(sides, rounds)
    what = f"{method} manifest by {'digest' if by_digest else 'tag'}"
    ratios = compare(samples, ENTREPOT, [Goal(PEER, 10 if by_digest else 8)])
    conditions = {
        "connections": CONNECTIONS,
        "seconds a round": SECONDS,
        "cpu": PER_REQUESTS,
        ENTREPOT: f"{catalogue.count()} tags, Zipf 1.1, {len(tokens)} bearer tokens, one allow-gate, one process",
        PEER: "one hot tag, no login",
    }
    return Outcome(what, "requests/s", samples, ratios, conditions)


def small_blobs(workspace: Workspace, rounds: int) -> Outcome:
    """Read 10,000 blobs of 4 KiB, one after another in a fixed shuffled order."""
    contents = [number.to_bytes(4, "big") * (SMALL_BYTES // 4) for number in range(SMALL_BLOBS)]
    repository = "bench/small"
    with ExitStack() as stack:
        data, password = workspace.empty()
        servers = [stack.enter_context(entrepot(data)), stack.enter_context(docker_registry(workspace.fresh("peer")))]
        sides: dict[str, Round] = {}
        for server in servers:
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
    }

    return Outcome("GET blobs of 4 KiB", "requests/s", samples, compare(samples, ENTREPOT, [Goal(PEER, 5)]), conditions)


def large_blob(workspace: Workspace, rounds: int) -> Outcome:
    """Read one blob of 200 MB on four connections at once."""
    content = bytes(range(256)) * (LARGE_BYTES // 256)
    repository, digest = "bench/large", catalogue.digest_of(content)
    with ExitStack() as stack:
        data, password = workspace.empty()
        servers = [stack.enter_context(entrepot(data)), stack.enter_context(docker_registry(workspace.fresh("peer")))]
        sides: dict[str, Round] = {}
        for server in servers:
            user = user_of(server, password)
            with Connection(server.port, user.authorization(repository)) as connection:
                push_blob(connection, repository, content)
            wire = _wire("GET", f"/v2/{repository}/blobs/{digest}", server.port, user.token(repository))
            sides[server.name] = _downloads(server, wire)
        samples = measure(sides, rounds)
    conditions = {"connections": LARGE_CONNECTIONS, "bytes": LARGE_BYTES, "cpu": "seconds per GiB"}
    return Outcome("GET blob of 200 MB", "MiB/s", samples, compare(samples, ENTREPOT, [Goal(PEER, 1)]), conditions)


def _drawn(port: int, images: Sequence[Image], tokens: list[str], what: tuple[str, bool]) -> Iterator[Request]:
    while True:
        for image in images:
            yield _request(port, image, tokens[image.user], what)


def _request(port: int, image: Image, token: str, what: tuple[str, bool]) -> Request:
    method, by_digest = what
    path = f"/v2/{image.repository}/manifests/{image.digest if by_digest else image.tag}"
    ending = b"" if method == "HEAD" else image.payload
    return Request(_wire(method, path, port, token), image.digest.encode(), ending)


def _blob_request(port: int, repository: str, content: bytes, token: str) -> Request:
    digest = catalogue.digest_of(content)
    return Request(_wire("GET", f"/v2/{repository}/blobs/{digest}", port, token), digest.encode(), content)


def _wire(method: str, path: str, port: int, token: str) -> bytes:
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


def _downloads(server: Server, wire: bytes) -> Round:
    def run(_number: int) -> Sample:
        before, begin = server.cpu_seconds(), perf_counter()
        with ThreadPoolExecutor(LARGE_CONNECTIONS) as threads:
            list(threads.map(lambda _: download(server.port, wire, LARGE_BYTES), range(LARGE_CONNECTIONS)))
        seconds, moved = perf_counter() - begin, LARGE_CONNECTIONS * LARGE_BYTES
        cpu = (server.cpu_seconds() - before) / moved * 2**30
        return Sample(moved / 2**20 / seconds, cpu)

    return run


def _parts(contents: list[bytes]) -> list[list[bytes]]:
    return [contents[start::16] for start in range(16)]


def _push_all(server: Server, user: User, repository: str, contents: list[bytes]) -> None:
    with Connection(server.port, user.authorization(repository)) as connection:
        for content in contents:
            push_blob(connection, repository, content)
