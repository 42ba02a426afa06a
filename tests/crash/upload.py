# SPDX-License-Identifier: Apache-2.0
"""Blob uploads in every form that clients use, carried on after the server was killed."""

import hashlib
import random
from dataclasses import dataclass
from enum import StrEnum

from tests.crash.client import Answer
from tests.crash.client import Client
from tests.crash.client import ConnectionLostError
from tests.crash.client import UnexpectedAnswerError
from tests.crash.client import require

OCTETS = {"Content-Type": "application/octet-stream"}
CHUNKS = 5
LEAST_CHUNK_BYTES = 2
"""A `Range` of 0-0 is said of no byte and of one alike."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes to push."""

    content: bytes

    @classmethod
    def noise(cls, seed: str, size: int) -> "Blob":
        """Make a blob of `size` bytes that is the same for the same seed."""
        return cls(random.Random(seed).randbytes(size))

    @property
    def digest(self) -> str:
        """The sha256 digest of the content."""
        return f"sha256:{hashlib.sha256(self.content).hexdigest()}"


class Form(StrEnum):
    """How a blob is uploaded."""

    SINGLE_POST = "single POST"
    POST_PUT = "POST, PUT"
    STREAMED = "POST, PATCH, PUT"
    CHUNKED = "POST, PATCH …, PUT"
    MOUNTED = "mount"


@dataclass(frozen=True, slots=True)
class Uploader:
    """Uploads blobs to one repository; mounts from `elsewhere`."""

    client: Client
    repository: str
    elsewhere: str

    def push(self, blob: Blob, form: Form) -> None:
        """Upload `blob` unless the repository has it, starting again as often as the connection is lost."""
        while True:
            if self._has(blob):
                return
            try:
                self._upload(blob, form)
            except ConnectionLostError:
                self.client.ledger.count("uploads started again")
            else:
                self.client.ledger.blob(self.repository, blob.digest)
                return

    def _has(self, blob: Blob) -> bool:
        answer = self.client.until_answered("HEAD", f"/v2/{self.repository}/blobs/{blob.digest}")
        return require(answer, (200, 404), f"HEAD of blob {blob.digest}").status == 200

    def _upload(self, blob: Blob, form: Form) -> None:
        match form:
            case Form.SINGLE_POST:
                require(self._start(f"?digest={blob.digest}", blob.content), (201,), "single POST")
            case Form.POST_PUT:
                self._put(require(self._start(), (202,), "POST").location, blob, blob.content)
            case Form.STREAMED | Form.CHUNKED:
                pieces = 1 if form is Form.STREAMED else CHUNKS
                location = self._patch(require(self._start(), (202,), "POST").location, blob, pieces)
                self._close(location, blob)
            case Form.MOUNTED:
                answer = self._start(f"?mount={blob.digest}&from={self.elsewhere}")
                if require(answer, (201, 202), "mount").status == 202:
                    self._put(answer.location, blob, blob.content)

    def _start(self, query: str = "", content: bytes = b"") -> Answer:
        return self.client.once("POST", f"/v2/{self.repository}/blobs/uploads/{query}", content, OCTETS)

    def _put(self, location: str, blob: Blob, content: bytes) -> None:
        answer = self.client.once("PUT", _with_digest(location, blob), content, OCTETS)
        require(answer, (201,), "closing PUT")

    def _close(self, location: str, blob: Blob) -> None:
        """Close a complete upload; repeated after a lost answer, it must succeed again."""
        answer = self.client.until_answered("PUT", _with_digest(location, blob), b"", OCTETS)
        require(answer, (201,), "closing PUT, perhaps repeated,")

    def _patch(self, location: str, blob: Blob, pieces: int) -> str:
        """Send the content in pieces; after a lost connection, go on from where the server says it is."""
        size = len(blob.content)
        step = max(-(-size // pieces), LEAST_CHUNK_BYTES)
        acknowledged = offset = 0
        while offset < size:
            end = min(offset + step, size)
            headers = {**OCTETS, "Content-Range": f"{offset}-{end - 1}"}
            try:
                answer = self.client.once("PATCH", location, blob.content[offset:end], headers)
            except ConnectionLostError:
                location, offset = self._resume(location, acknowledged, end)
                continue
            location = require(answer, (202,), f"PATCH {offset}-{end - 1} of {size}").location
            acknowledged = offset = end
        return location

    def _resume(self, location: str, acknowledged: int, sent: int) -> tuple[str, int]:
        """Ask how far an upload is: at least to the last acknowledged byte, at most to the last one sent."""
        answer = require(self.client.until_answered("GET", location), (204,), "GET of an upload after a lost PATCH")
        last = int(answer.headers.get("Range", "0-0").partition("-")[2])
        offset = last + 1 if last else 0
        if not acknowledged <= offset <= sent:
            message = f"upload {location} is at {offset}, acknowledged {acknowledged}, sent {sent}"
            raise UnexpectedAnswerError(message)
        self.client.ledger.count("uploads carried on")
        return answer.location if "Location" in answer.headers else location, offset


def _with_digest(location: str, blob: Blob) -> str:
    return f"{location}{'&' if '?' in location else '?'}digest={blob.digest}"
