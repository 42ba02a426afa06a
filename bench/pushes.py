# SPDX-License-Identifier: Apache-2.0
"""The rows that write: one large blob, and many small images at once."""

import base64
import hashlib
import http.client
import json
import os
from collections.abc import Callable
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from urllib.parse import quote

from bench.catalogue import CONFIG_TYPE
from bench.catalogue import LAYER_TYPE
from bench.catalogue import digest_of
from bench.client import Connection
from bench.measurement import Goal
from bench.measurement import Outcome
from bench.measurement import Round
from bench.measurement import Sample
from bench.measurement import compare
from bench.measurement import compare_each
from bench.measurement import measure
from bench.peers import Peers
from bench.servers import ENTREPOT
from bench.servers import OURS
from bench.servers import PEER
from bench.servers import Server
from bench.servers import docker_registry
from bench.servers import entrepot
from bench.workspace import Workspace
from entrepot.oci.media_types import OCI_MANIFEST
from tests.server import HOST

GIB = 2**30
PIECE_BYTES = 2**20
DISK = "sha256 + write + fsync"
IMAGES = 100
CLIENTS = 16
LAYERS = 3
LAYER_BYTES = 64 * 1024
REQUESTS = (LAYERS + 1) * 3 + 1
"""How many requests an image takes."""


@dataclass(frozen=True, slots=True)
class User:
    """Who pushes: nobody where the password is empty."""

    port: int
    password: str

    def token(self, repository: str) -> str:
        """Fetch a token for pulling from and pushing to the repository."""
        if not self.password:
            return ""
        scope = quote(f"repository:{repository}:pull,push")
        login = base64.b64encode(f"admin:{self.password}".encode()).decode()
        connection = http.client.HTTPConnection(HOST, self.port)
        try:
            path = f"/auth/token?service=entrepot&scope={scope}"
            connection.request("GET", path, headers={"Authorization": f"Basic {login}"})
            return str(json.load(connection.getresponse())["token"])
        finally:
            connection.close()

    def authorization(self, repository: str) -> str:
        """Return the header that goes with every request of a push."""
        token = self.token(repository)
        return f"Bearer {token}" if token else ""


def user_of(server: Server, password: str) -> User:
    """Return who pushes to this server: the administrator of ours, nobody at a peer's."""
    return User(server.port, password if server.name in OURS else "")


def push_blob(connection: Connection, repository: str, content: bytes) -> None:
    """Push a blob as containerd does: ask whether it is there, open a session, send all of it."""
    digest = digest_of(content)
    connection.expect(404, connection.ask("HEAD", f"/v2/{repository}/blobs/{digest}"))
    place = connection.expect(202, connection.ask("POST", f"/v2/{repository}/blobs/uploads/")).location
    connection.expect(201, connection.ask("PUT", _closing(place, digest), content))


def push_image(connection: Connection, repository: str, tag: str, blobs: Sequence[bytes], manifest: bytes) -> None:
    """Push every blob, then the manifest."""
    for blob in blobs:
        push_blob(connection, repository, blob)
    path = f"/v2/{repository}/manifests/{tag}"
    connection.expect(201, connection.ask("PUT", path, manifest, OCI_MANIFEST))


def one_stream(workspace: Workspace, rounds: int) -> Outcome:
    """Push 1 GiB in one request, beside hashing, writing and syncing the same bytes to a file."""
    with ExitStack() as stack:
        data, password = workspace.empty()
        sides: dict[str, Round] = {}
        for server in (
            stack.enter_context(entrepot(data)),
            stack.enter_context(docker_registry(workspace.fresh("peer"))),
        ):
            sides[server.name] = push_stream(
                server, user_of(server, password), partial(_forget_large_files, server.data)
            )
        file = workspace.fresh("disk")
        sides[DISK] = lambda number: _to_disk(file, number)
        samples = measure(sides, rounds)
    goals = [Goal(PEER, 2.5), Goal(DISK, 0.8)]
    conditions = {"bytes": GIB, "streams": 1, "cpu": "seconds per GiB", "requests": "POST, then PUT with all bytes"}
    return Outcome("push one blob of 1 GiB", "MiB/s", samples, compare(samples, ENTREPOT, goals), conditions)


def small_images(workspace: Workspace, rounds: int) -> Outcome:
    """Push images of three fresh layers of 64 KiB and a fresh configuration by 16 clients at once."""
    sides: dict[str, Round] = {}
    with ExitStack() as stack:
        peers = Peers(stack, workspace)
        for workers in (1, 2):
            data, password = workspace.empty()
            server = stack.enter_context(entrepot(data, workers))
            sides[server.name] = push_images(server, user_of(server, password))
        for server in peers.servers:
            sides[server.name] = push_images(server, user_of(server, ""))
        samples = measure(sides, rounds)
    conditions = {"images a round": IMAGES, "clients": CLIENTS, "layers": f"{LAYERS} x {LAYER_BYTES} bytes, fresh"}
    conditions["requests"] = "for each of 4 blobs HEAD, POST, PUT; then PUT of the manifest"
    conditions["cpu"] = "seconds per 100,000 requests"
    conditions |= peers.conditions
    ratios = compare_each(samples, OURS, [Goal(PEER, 3)])
    return Outcome("push small images", "images/s", samples, ratios, conditions)


def _closing(place: str, digest: str) -> str:
    return f"{place}{'&' if '?' in place else '?'}digest={digest}"


def _pieces(number: int, size: int = GIB) -> list[bytes]:
    """Return `size` bytes that are like no other round's, in pieces that share most of their memory."""
    block = os.urandom(PIECE_BYTES)
    return [number.to_bytes(8, "big") + block[8:]] + [block] * (size // PIECE_BYTES - 1)


def push_stream(server: Server, user: User, forget: Callable[[], None], size: int = GIB) -> Round:
    """Return the round that pushes `size` bytes in one request, and then has them forgotten."""
    repository = "bench/stream"

    def run(number: int) -> Sample:
        pieces = _pieces(number, size)
        hashed = hashlib.sha256()
        for piece in pieces:
            hashed.update(piece)
        with Connection(server.port, user.authorization(repository)) as connection:
            before, begin = server.cpu_seconds(), perf_counter()
            place = connection.expect(202, connection.ask("POST", f"/v2/{repository}/blobs/uploads/")).location
            connection.begin("PUT", _closing(place, f"sha256:{hashed.hexdigest()}"), size)
            for piece in pieces:
                connection.send(piece)
            connection.expect(201, connection.answer())
            seconds = perf_counter() - begin
        sample = Sample(size / 2**20 / seconds, (server.cpu_seconds() - before) / size * GIB)
        forget()
        return sample

    return run


def _to_disk(path: Path, number: int) -> Sample:
    pieces = _pieces(number)
    hashed, begin = hashlib.sha256(), perf_counter()
    with path.open("wb", buffering=0) as file:
        for piece in pieces:
            hashed.update(piece)
            file.write(piece)
        os.fsync(file.fileno())
    seconds = perf_counter() - begin
    path.unlink()
    return Sample(GIB / 2**20 / seconds)


def _forget_large_files(data: Path) -> None:
    """Give the disk its room back: what was pushed is not asked for again."""
    for file in data.rglob("*"):
        if file.is_file() and file.stat().st_size >= GIB:
            file.unlink()


def push_images(server: Server, user: User, count: int = IMAGES) -> Round:
    """Return the round that pushes `count` images, which no other round pushed, by `CLIENTS` at once."""

    def run(number: int) -> Sample:
        headers = {client: user.authorization(f"bench/client-{client}") for client in range(CLIENTS)}
        images = [[_image(f"{number}-{client}-{n}") for n in range(client, count, CLIENTS)] for client in headers]
        before, begin = server.cpu_seconds(), perf_counter()
        with ThreadPoolExecutor(CLIENTS) as threads:
            list(threads.map(lambda c: _push_some(server, c, headers[c], images[c]), headers))
        seconds = perf_counter() - begin
        cpu = (server.cpu_seconds() - before) / (count * REQUESTS) * 100_000
        return Sample(count / seconds, cpu)

    return run


def _push_some(server: Server, client: int, authorization: str, images: list[tuple[str, list[bytes], bytes]]) -> None:
    with Connection(server.port, authorization) as connection:
        for tag, blobs, manifest in images:
            push_image(connection, f"bench/client-{client}", tag, blobs, manifest)


def _image(tag: str) -> tuple[str, list[bytes], bytes]:
    config = json.dumps({"architecture": "amd64", "os": "linux", "made": os.urandom(8).hex()}).encode()
    layers = [os.urandom(LAYER_BYTES) for _ in range(LAYERS)]
    described = [{"mediaType": LAYER_TYPE, "digest": digest_of(layer), "size": len(layer)} for layer in layers]
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": {"mediaType": CONFIG_TYPE, "digest": digest_of(config), "size": len(config)},
        "layers": described,
    }
    return tag, [config, *layers], json.dumps(manifest).encode()
