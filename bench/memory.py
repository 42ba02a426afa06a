# SPDX-License-Identifier: Apache-2.0
"""The row about memory: what the process tree of `entrepot serve` takes, each page divided among those who share it.

That is the PSS of `/proc/<pid>/smaps_rollup`, added up. At rest it is read after
1,000 requests to the large data set; then again and again while one large blob
is pushed, and while 1,000 clients read one blob slowly. Each part has a server of its own.
"""

import hashlib
import os
import resource
import select
import shutil
import socket
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from functools import partial
from pathlib import Path

from bench.buckets import SEAWEEDFS
from bench.buckets import bucket_environment
from bench.client import Connection
from bench.client import WrongAnswer
from bench.measurement import Outcome
from bench.measurement import Sample
from bench.measurement import at_most
from bench.pushes import push_blob
from bench.scale import ADMINISTRATOR
from bench.scale import LARGE
from bench.scale import LARGE_REPOSITORY
from bench.scale import PASSWORD
from bench.scale import PER_REPOSITORY
from bench.scale import QUICK
from bench.scale import Built
from bench.scale import built
from bench.scale import login
from bench.scale import payload
from bench.scale import repository
from bench.scale import tag
from bench.workspace import Workspace
from bench.workspace import first_start
from entrepot.oci.media_types import OCI_MANIFEST
from tests.scale.object_stores import VOLUME_BYTES
from tests.scale.object_stores import seaweedfs
from tests.server import HOST
from tests.server import free_port
from tests.server import start_entrepot
from tests.server import stopping

MIB = 2**20
IDLE_MIB, PUSH_MIB, DOWNLOADS_MIB = 120, 64, 400
REQUESTS = 1_000
PUSH_BYTES = 256 * MIB if QUICK else 10 * 2**30
PIECE_BYTES = MIB
SPARE_BYTES = 4 * 2**30
"""What is left free on the disk; where there is less room, less is pushed."""

DOWNLOADS = 100 if QUICK else 1_000
DOWNLOAD_BYTES = 64 * MIB
READ_BYTES = 16 * 1024
"""What each slow reader takes at a time, twice a second."""

DOWNLOAD_SECONDS = 3.0 if QUICK else 15.0
EVERY_SECONDS = 0.1
SETTLE_SECONDS = 1.0


@dataclass(slots=True)
class Watched:
    """A running server, and the most memory it took while somebody looked."""

    port: int
    group: int
    data: Path
    seen_mib: list[float] = field(default_factory=list)

    def mib(self) -> float:
        """Return what its process tree takes now."""
        return sum(_pss_kib(pid) for pid in _members(self.group)) / 1024

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look again and again until the block ends."""
        ended = threading.Event()

        def look() -> None:
            while not ended.wait(EVERY_SECONDS):
                self.seen_mib.append(self.mib())

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()


Load = Callable[[Watched, str], None]
"""Puts load on a server, logged in as that `Authorization` says, while it is watched."""


def memory(workspace: Workspace, rounds: int) -> Outcome:
    """Measure at rest in every round, and the two loads once."""
    _allow_descriptors()
    large = built(workspace, LARGE)
    resting = [_at_rest(large) for _ in range(rounds)]
    pushed = _room_for(PUSH_BYTES, large.data)
    before_push, during_push = _measured(workspace, partial(_push, pushed))
    _, during_downloads = _measured(workspace, _download_slowly)
    samples = {
        "at rest": [Sample(value) for value in resting],
        "before the push": [Sample(before_push)],
        "during the push": [Sample(during_push)],
        "during the downloads": [Sample(during_downloads)],
    }
    bounds = [
        at_most(f"at rest, after {REQUESTS} requests", resting, IDLE_MIB, "MiB"),
        at_most("more during the push", [during_push - before_push], PUSH_MIB, "MiB"),
        at_most("during the downloads, one worker", [during_downloads], DOWNLOADS_MIB, "MiB"),
    ]
    conditions = {
        "data at rest": large.description,
        "requests": "manifests by tag, pages of the catalog and of tags in the management API, tokens, pushes",
        "push": f"one blob of {pushed / 2**30:g} GiB, one stream",
        "push is smaller for want of room": pushed < PUSH_BYTES,
        "downloads": f"{DOWNLOADS} at once of one blob of {DOWNLOAD_BYTES // MIB} MiB, "
        f"each read at {READ_BYTES * 2 // 1024} KiB/s for {DOWNLOAD_SECONDS:g} s",
        "looked every (s)": EVERY_SECONDS,
    }
    return Outcome("memory", "MiB of PSS", samples, [], conditions, bounds)


def on_bucket(workspace: Workspace, _rounds: int) -> Outcome:
    """Measure the two loads once, on a bucket: what waits on its way there is in memory or in the spool."""
    _allow_descriptors()
    pushed = _room_for(PUSH_BYTES, workspace.fresh("memory").parent)
    with seaweedfs(2 * (pushed + DOWNLOAD_BYTES) // VOLUME_BYTES) as s3:
        place = bucket_environment(s3)
        before_push, during_push = _measured(workspace, partial(_push, pushed), place)
        before_downloads, during_downloads = _measured(workspace, _download_slowly, place)
    samples = {
        "before the push": [Sample(before_push)],
        "during the push": [Sample(during_push)],
        "before the downloads": [Sample(before_downloads)],
        "during the downloads": [Sample(during_downloads)],
    }
    bounds = [
        at_most("more during the push", [during_push - before_push], PUSH_MIB, "MiB"),
        at_most("during the downloads, one worker", [during_downloads], DOWNLOADS_MIB, "MiB"),
    ]
    conditions = {
        "bucket": SEAWEEDFS,
        "push": f"one blob of {pushed / 2**30:g} GiB, one stream",
        "downloads": f"{DOWNLOADS} at once of one blob of {DOWNLOAD_BYTES // MIB} MiB, streamed",
        "looked every (s)": EVERY_SECONDS,
    }
    return Outcome("memory on a bucket", "MiB of PSS", samples, [], conditions, bounds)


def _at_rest(of: Built) -> float:
    with _serving(of.data, PASSWORD) as server:
        with Connection(server.port, login(ADMINISTRATOR)) as connection:
            _ask(connection, of, REQUESTS)
        time.sleep(SETTLE_SECONDS)
        return server.mib()


def _ask(connection: Connection, of: Built, requests: int) -> None:
    """Send requests of five sorts in turns, spread over the repositories."""
    inside = f"/api/v1/repositories/{LARGE_REPOSITORY}/-"
    for number in range(requests):
        name = repository(number * 97 % of.size.repositories)
        kind = number % 5
        if kind == 0:
            answer = connection.ask("GET", f"/v2/{name}/manifests/{tag(number % PER_REPOSITORY)}")
        elif kind == 1:
            answer = connection.ask("GET", f"/v2/_catalog?last={name}")
        elif kind == 2:
            answer = connection.ask("GET", f"{inside}/tags?limit=50")
        elif kind == 3:
            answer = connection.ask("GET", f"/auth/token?service=entrepot&scope=repository:{name}:pull,push")
        else:
            body = payload(f"{number} {time.time_ns()}")
            answer = connection.ask("PUT", f"/v2/{name}/manifests/pushed", body, OCI_MANIFEST)
        connection.expect(201 if kind == 4 else 200, answer)


def _measured(workspace: Workspace, load: Load, place: Mapping[str, str] | None = None) -> tuple[float, float]:
    """Return what a server on an empty data directory takes before a load, and at most while it lasts."""
    data = workspace.fresh("entrepot")
    password = first_start(data, place)
    try:
        with _serving(data, password, place) as server:
            authorization = login(ADMINISTRATOR, password)
            with Connection(server.port, authorization) as connection:
                connection.expect(200, connection.ask("GET", "/v2/"))
            before = server.mib()
            load(server, authorization)
            return before, max(server.seen_mib)
    finally:
        shutil.rmtree(data)


def _push(length: int, server: Watched, authorization: str) -> None:
    piece, hashed = bytes(PIECE_BYTES), hashlib.sha256()
    with Connection(server.port, authorization) as connection, server.watching():
        place = connection.expect(202, connection.ask("POST", "/v2/bench/large/blobs/uploads/")).location
        connection.begin("PATCH", place, length, "application/octet-stream")
        for _ in range(length // PIECE_BYTES):
            connection.send(piece)
            hashed.update(piece)
        place = connection.expect(202, connection.answer()).location
        mark = "&" if "?" in place else "?"
        connection.expect(201, connection.ask("PUT", f"{place}{mark}digest=sha256:{hashed.hexdigest()}"))


def _download_slowly(server: Watched, authorization: str) -> None:
    content = bytes(range(256)) * (DOWNLOAD_BYTES // 256)
    with Connection(server.port, authorization) as connection:
        push_blob(connection, "bench/large", content)
    wire = (
        f"GET /v2/bench/large/blobs/sha256:{hashlib.sha256(content).hexdigest()} HTTP/1.1\r\n"
        f"Host: {HOST}:{server.port}\r\nAuthorization: {authorization}\r\n\r\n"
    ).encode()
    readers: list[socket.socket] = []
    try:
        readers += (_reader(server.port, wire) for _ in range(DOWNLOADS))
        with server.watching():
            _read_slowly(readers)
    finally:
        for reader in readers:
            reader.close()


def _reader(port: int, wire: bytes) -> socket.socket:
    """Ask for the blob, and read the head of the answer."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, READ_BYTES)
    reader.connect((HOST, port))
    reader.sendall(wire)
    received = b""
    while b"\r\n\r\n" not in received:
        received += reader.recv(1)
    if not received.startswith(b"HTTP/1.1 200"):
        raise WrongAnswer(f"{received!r}")
    return reader


def _read_slowly(readers: list[socket.socket]) -> None:
    """Read a little from each, twice a second. Raises `WrongAnswer` when one has nothing to give at the end."""
    deadline = time.monotonic() + DOWNLOAD_SECONDS
    while (begin := time.monotonic()) < deadline:
        for reader in readers:
            with suppress(BlockingIOError):
                reader.recv(READ_BYTES, socket.MSG_DONTWAIT)
        time.sleep(max(0.0, 0.5 - (time.monotonic() - begin)))
    poll = select.poll()
    for reader in readers:
        poll.register(reader, select.POLLIN)
    if len(poll.poll(1_000)) < len(readers):
        raise WrongAnswer("some downloads stand still")


@contextmanager
def _serving(data: Path, password: str, place: Mapping[str, str] | None = None) -> Iterator[Watched]:
    server = start_entrepot(data, free_port(), password, environment=place)
    with stopping(server.process, server.log):
        yield Watched(int(server.url.rpartition(":")[2]), server.process.pid, data)


def _members(group: int) -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if os.getpgid(int(entry.name)) == group:
                    yield int(entry.name)


def _pss_kib(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def _room_for(wanted: int, folder: Path) -> int:
    """Return how much of `wanted` can be written, in whole GiB where it is less."""
    free = shutil.disk_usage(folder).free - SPARE_BYTES
    return wanted if free >= wanted else max(1, free // 2**30) * 2**30


def _allow_descriptors() -> None:
    """Let this process, and the servers that it starts, open as many files as the system permits them."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
