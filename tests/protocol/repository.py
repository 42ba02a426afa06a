# SPDX-License-Identifier: Apache-2.0
"""A repository as a client sees it: the requests of the specification, by what they do."""

import time
from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from entrepot.oci.digest import Digest
from entrepot.oci.digest import digest_of
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_image_manifest
from tests.protocol.exchange import Answer
from tests.protocol.exchange import Headers
from tests.protocol.exchange import Question
from tests.protocol.exchange import Transport

PATIENCE_SECONDS = 10.0


def with_query(path: str, *parameters: tuple[str, str]) -> str:
    """Add parameters to an address that may have some already."""
    if not parameters:
        return path
    return f"{path}{'&' if '?' in path else '?'}{urlencode(parameters)}"


@dataclass(frozen=True, slots=True)
class Repository:
    """The repository `name` of the registry behind `transport`."""

    transport: Transport
    name: str

    def ask(self, method: str, target: str, body: bytes | Iterable[bytes] = b"", headers: Headers = ()) -> Answer:
        """Send any request; a `target` that does not begin with a slash is within this repository."""
        path = target if target.startswith("/") else f"/v2/{self.name}/{target}"
        return self.transport.send(Question(method, path, body, headers))

    def start(self, *query: tuple[str, str]) -> Answer:
        """Ask for an upload (POST without a body)."""
        return self.ask("POST", with_query("blobs/uploads/", *query))

    def session(self) -> str:
        """Open an upload and return its address."""
        answer = self.start()
        assert answer.status == 202
        return answer.location

    def append(self, location: str, chunk: bytes | Iterable[bytes], start: int | None = None) -> Answer:
        """Send a chunk (PATCH); with `start`, say where it belongs."""
        return self.ask("PATCH", location, chunk, content_range(start, chunk))

    def close(
        self, location: str, digest: str, chunk: bytes | Iterable[bytes] = b"", start: int | None = None
    ) -> Answer:
        """Close an upload (PUT), with its last bytes if there are any."""
        return self.ask("PUT", with_query(location, ("digest", digest)), chunk, content_range(start, chunk))

    def upload(self, content: bytes, algorithm: str = "sha256") -> Digest:
        """Upload a blob (POST, PUT)."""
        digest = digest_of(content, algorithm)
        answer = self.close(self.session(), digest, content)
        assert answer.status == 201
        return digest

    def put(self, manifest: BuiltManifest, reference: str = "", *query: tuple[str, str]) -> Answer:
        """Push a manifest under `reference`, by default its digest."""
        target = with_query(f"manifests/{reference or manifest.digest}", *query)
        return self.ask("PUT", target, manifest.payload, (("content-type", manifest.media_type),))

    def push(self, manifest: BuiltManifest, *tags: str) -> BuiltManifest:
        """Push a manifest whose blobs are here, under its digest and `tags`."""
        answer = self.put(manifest, "", *(("tag", tag) for tag in tags))
        assert answer.status == 201, answer.body
        return manifest

    def push_image(self, *tags: str, **fields: object) -> BuiltManifest:
        """Push an image with its blobs; `fields` are added to its manifest and make it another one."""
        self.upload(A_CONFIG)
        self.upload(A_LAYER)
        return self.push(an_image_manifest(**fields), *tags)  # type: ignore[arg-type]

    def status(self, kind: str, reference: str) -> int:
        """Return the status that HEAD gets: `kind` is `blobs` or `manifests`."""
        return self.ask("HEAD", f"{kind}/{reference}").status

    def has(self, manifest: BuiltManifest) -> bool:
        """Tell whether the manifest can be pulled by its digest, byte for byte."""
        answer = self.ask("GET", f"manifests/{manifest.digest}")
        assert answer.status in (200, 404)
        return answer.status == 200 and answer.body == manifest.payload

    def tags(self, *query: tuple[str, str]) -> list[str]:
        """Return the tags listed."""
        answer = self.ask("GET", with_query("tags/list", *query))
        assert answer.status == 200
        assert answer.json["name"] == self.name
        listed: list[str] = answer.json["tags"]
        return listed

    def referrers(self, subject: str, *query: tuple[str, str]) -> list[dict[str, object]]:
        """Return the descriptors of what refers to `subject`."""
        answer = self.ask("GET", with_query(f"referrers/{subject}", *query))
        assert answer.status == 200
        listed: list[dict[str, object]] = answer.json["manifests"]
        return listed


def content_range(start: int | None, chunk: bytes | Iterable[bytes]) -> Headers:
    """Say where a chunk belongs, the way the specification writes it: first and last byte, no unit."""
    if start is None:
        return ()
    assert isinstance(chunk, bytes)
    return (("content-range", f"{start}-{start + len(chunk) - 1}"),)


def soon(condition: Callable[[], bool]) -> None:
    """Return once `condition` holds, for what a server does after its client has gone. Raises `AssertionError`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
