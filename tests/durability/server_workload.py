# SPDX-License-Identifier: Apache-2.0
"""A real server to trace, and what it promises: pushes in every form, overwrites and deletes, one at a time."""

import os
import random
import secrets
import signal
import time
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from entrepot.oci.digest import digest_of
from entrepot.oci.media_types import OCI_CONFIG
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import a_descriptor
from tests.builders.manifests import an_image_manifest
from tests.builders.manifests import an_index
from tests.crash.client import Answer
from tests.crash.client import Client
from tests.crash.client import require
from tests.crash.ledger import Ledger
from tests.durability.operations import Acknowledge
from tests.durability.operations import Operation
from tests.durability.operations import operations
from tests.durability.prove import CREATED
from tests.durability.strace import strace_command
from tests.server import ENTREPOT
from tests.server import HOST
from tests.server import STOP_SECONDS
from tests.server import Server
from tests.server import free_port
from tests.server import launch
from tests.server import stopping

ACCEPTED = b"HTTP/1.1 202"
"""How the answer to a delete begins, which promises durability, and that to a part of an upload, which does not."""

PASSWORD = secrets.token_urlsafe(16)
ROUNDS = 2
LONGEST_RUN_SECONDS = 120.0
CHUNK_BYTES = 120_000
OCTETS = {"Content-Type": "application/octet-stream"}

Promise = Mapping[str, bytes | None]
"""By path: what a GET there returns from now on, None for nothing. Of a list of referrers: their digests."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a server did, and what each of its acknowledgements promised, in the same order."""

    done: list[Operation]
    promises: list[Promise]


def record_server(data: Path, trace: Path, seed: int) -> Recorded:
    """Serve `data` under strace, push to it and stop it. Raises `UnexpectedAnswerError`, `ServerError`."""
    with _traced_server(data, trace) as server:
        client = Client(
            server.authority, server.user, server.password, Ledger(), time.monotonic() + LONGEST_RUN_SECONDS
        )
        pusher = Pusher(client, seed)
        for number in range(ROUNDS):
            pusher.push_round(number)
        client.close()
    with trace.open() as lines:
        return pair(operations(lines, data, (CREATED, ACCEPTED)), pusher.promises)


def pair(done: Sequence[Operation], promises: Sequence[Promise]) -> Recorded:
    """Leave out the acknowledgements that promised nothing. Raises `ValueError` if a promise has none or has two."""
    told = [operation for operation in done if isinstance(operation, Acknowledge)]
    empty = {answer for answer, promise in zip(told, promises, strict=True) if not promise}
    return Recorded([operation for operation in done if operation not in empty], [*filter(None, promises)])


@contextmanager
def _traced_server(data: Path, trace: Path) -> Iterator[Server]:
    """Run `entrepot serve` until the block ends, then ask it to end and wait for the whole trace."""
    port = free_port()
    command = [str(ENTREPOT), "serve", "--host", HOST, "--port", str(port), "--data", str(data)]
    log = data.with_suffix(".log")
    process = launch(strace_command(command, trace), log, environment={"ENTREPOT_BOOTSTRAP_ADMIN_PASSWORD": PASSWORD})
    server = Server(f"http://{HOST}:{port}", "admin", PASSWORD, data, log, process)
    with stopping(process, log):
        server.wait_until_healthy()
        yield server
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(STOP_SECONDS)


@dataclass(slots=True)
class Pusher:
    """Sends requests one after the other, and notes what each 201 and 202 promised: nothing for parts of an upload."""

    client: Client
    seed: int
    promises: list[Promise] = field(default_factory=list)

    def push_round(self, number: int) -> None:
        """Push images, an index and referrers, overwrite `latest`, and delete a tag, a manifest and a blob."""
        app, copy = "durability/app", f"durability/copy-{number}"
        first, second = self._image(app, f"first-{number}"), self._image(app, f"second-{number}")
        self._tagged(app, first, "latest")
        self._by_digest(app, second, f"v{number}", f"old-{number}")
        self._by_digest(app, an_index(first.descriptor(), second.descriptor()), f"index-{number}")
        self._referrer(app, first)
        self._tagged(app, second, "latest")
        self._delete(f"/v2/{app}/manifests/old-{number}")

        self._image(copy, f"first-{number}", mounted_from=app)
        self._tagged(copy, first, "latest")
        referrer = self._referrer(copy, first)
        gone = (first.digest, referrer.digest, "latest")
        self._delete(
            *(f"/v2/{copy}/manifests/{reference}" for reference in gone), f"/v2/{copy}/referrers/{first.digest}"
        )

        unused = self._noise(f"unused-{number}", 5_000)
        for _ in range(2):
            self._single_post(app, unused)
            self._delete(f"/v2/{app}/blobs/{digest_of(unused)}")

    def _image(self, repository: str, name: str, mounted_from: str = "") -> BuiltManifest:
        """Push the blobs of an image, each in another form, and return its manifest."""
        sizes = {self._post_put: 40_000, self._chunks: 3 * CHUNK_BYTES - 1, self._single_post: 700}
        layers = [self._noise(f"{name}-{size}", size) for size in sizes.values()]
        for push, blob in zip(sizes, layers, strict=True):
            if mounted_from:
                self._mount(repository, blob, mounted_from)
            else:
                push(repository, blob)
        self._single_post(repository, A_CONFIG)
        described = [a_descriptor(blob) for blob in layers]
        return an_image_manifest(config=a_descriptor(A_CONFIG, OCI_CONFIG), layers=described)

    def _noise(self, name: str, size: int) -> bytes:
        return random.Random(f"{self.seed}-{name}").randbytes(size)

    def _single_post(self, repository: str, blob: bytes) -> None:
        self._start(repository, f"?digest={digest_of(blob)}", blob, _blob(repository, blob))

    def _mount(self, repository: str, blob: bytes, source: str) -> None:
        self._start(repository, f"?mount={digest_of(blob)}&from={source}", b"", _blob(repository, blob))

    def _post_put(self, repository: str, blob: bytes) -> None:
        self._finish(self._start(repository), repository, blob, blob)

    def _chunks(self, repository: str, blob: bytes) -> None:
        location = self._start(repository)
        for start in range(0, len(blob), CHUNK_BYTES):
            chunk = blob[start : start + CHUNK_BYTES]
            headers = {**OCTETS, "Content-Range": f"{start}-{start + len(chunk) - 1}"}
            location = self._ask("PATCH", location, {}, chunk, headers).location
        self._finish(location, repository, blob, b"")

    def _start(self, repository: str, query: str = "", body: bytes = b"", promise: Promise | None = None) -> str:
        return self._ask("POST", f"/v2/{repository}/blobs/uploads/{query}", promise or {}, body, OCTETS).location

    def _finish(self, location: str, repository: str, blob: bytes, rest: bytes) -> None:
        target = f"{location}{'&' if '?' in location else '?'}digest={digest_of(blob)}"
        self._ask("PUT", target, _blob(repository, blob), rest, OCTETS)

    def _tagged(self, repository: str, built: BuiltManifest, tag: str) -> None:
        self._manifest(repository, built, tag, [tag])

    def _by_digest(self, repository: str, built: BuiltManifest, *tags: str) -> None:
        self._manifest(repository, built, f"{built.digest}?{'&'.join(f'tag={tag}' for tag in tags)}", tags)

    def _referrer(self, repository: str, subject: BuiltManifest) -> BuiltManifest:
        """Push a referrer, the only one of its subject."""
        built = an_image_manifest(
            config=a_descriptor(A_CONFIG, OCI_CONFIG), layers=[], artifactType="text/x", subject=subject.descriptor()
        )
        listed = {f"/v2/{repository}/referrers/{subject.digest}": built.digest.encode()}
        self._manifest(repository, built, built.digest, [], listed)
        return built

    def _manifest(
        self, repository: str, built: BuiltManifest, target: str, tags: Collection[str], listed: Promise | None = None
    ) -> None:
        kept = {f"/v2/{repository}/manifests/{reference}": built.payload for reference in (built.digest, *tags)}
        headers = {"Content-Type": built.media_type}
        self._ask("PUT", f"/v2/{repository}/manifests/{target}", {**kept, **(listed or {})}, built.payload, headers)

    def _delete(self, path: str, *gone_with_it: str) -> None:
        self._ask("DELETE", path, dict.fromkeys((path, *gone_with_it)))

    def _ask(
        self, method: str, path: str, promise: Promise, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request; 201 is the answer to one that promises something, 202 to deletes and to the others."""
        expected = 201 if promise and method != "DELETE" else 202
        answer = require(self.client.once(method, path, body, headers), (expected,), f"{method} {path}")
        self.promises.append(promise)
        return answer


def _blob(repository: str, blob: bytes) -> Promise:
    return {f"/v2/{repository}/blobs/{digest_of(blob)}": blob}
