# SPDX-License-Identifier: Apache-2.0
"""A client that keeps one connection, and the images that it pushes."""

import http.client
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from entrepot.oci.digest import digest_of
from tests.builders.manifests import A_CONFIG
from tests.builders.manifests import A_LAYER
from tests.builders.manifests import BuiltManifest
from tests.builders.manifests import an_image_manifest
from tests.server import HOST

PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; names of headers in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def offset(self) -> int:
        """How many bytes an upload has, by its `Range`."""
        return int(self.headers["range"].rpartition("-")[2]) + 1


class Wire:
    """A connection that is opened when it is needed, and again when it was closed."""

    def __init__(self, port: int, headers: dict[str, str] | None = None) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE_SECONDS)
        self._headers = headers or {}

    def ask(self, method: str, target: str, body: bytes | Iterator[bytes] | None = None, /, **headers: str) -> Answer:
        """Send a request, a body in parts as chunks; headers have a `_` for each `-`.

        Raises `OSError` and `HTTPException`.
        """
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            self._connection.request(
                method,
                target,
                body,
                {**self._headers, **named},
                encode_chunked=body is not None and not isinstance(body, bytes),
            )
            answer = self._connection.getresponse()
            content = answer.read()
        except BaseException:
            self._connection.close()
            raise
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, content)

    def ask_patiently(self, method: str, target: str, body: bytes | None = None, /, **headers: str) -> Answer:
        """Send a request again for as long as it is answered with 503, as clients do."""
        ends_at = time.monotonic() + PATIENCE_SECONDS
        while (answer := self.ask(method, target, body, **headers)).status == 503 and time.monotonic() < ends_at:
            time.sleep(1)
        return answer

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def push_blob(self, repository: str, content: bytes) -> Answer:
        """Push a blob in one request."""
        return self.ask("POST", f"/v2/{repository}/blobs/uploads/?digest={digest_of(content)}", content)

    def push_image(self, repository: str, image: BuiltManifest, reference: str) -> Answer:
        """Push an image and its blobs; return how the manifest was answered."""
        for blob in (A_CONFIG, A_LAYER):
            assert self.push_blob(repository, blob).status == 201
        return self.put(repository, image, reference)

    def put(self, repository: str, image: BuiltManifest, reference: str) -> Answer:
        """Push a manifest."""
        target = f"/v2/{repository}/manifests/{reference}"
        return self.ask("PUT", target, image.payload, content_type=image.media_type)

    def pull(self, repository: str, reference: str) -> Answer:
        """Pull a manifest."""
        return self.ask("GET", f"/v2/{repository}/manifests/{reference}")


def numbered(number: int) -> BuiltManifest:
    """Return an image like any other, of a digest of its own."""
    return an_image_manifest(annotations={"number": str(number)})


def parts_of(content: bytes, size: int = 65_536) -> Iterator[bytes]:
    """Yield a body as a client that does not know its length does."""
    for start in range(0, len(content), size):
        yield content[start : start + size]
