# SPDX-License-Identifier: Apache-2.0
"""An HTTP response over ASGI: bytes, a stream, or a file."""

import asyncio
import os
from collections.abc import AsyncIterator
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from entrepot.infra.http.request import PHRASE
from entrepot.infra.http.request import Message
from entrepot.infra.http.request import Request
from entrepot.infra.http.request import Send

FILE_CHUNK_BYTES = 512 * 1024
FIRST_CHUNK_BYTES = 128 * 1024
FIRST_BYTES = 8 * 1024 * 1024
"""So far a file is read in small chunks: then the buffers of the kernel are full, and one chunk waits in memory."""

MAX_PHRASE_CHARACTERS = 512

Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class FileBody:
    """Bytes `start` to `stop` (excluded) of a file on this machine."""

    path: Path
    start: int
    stop: int
    is_whole: bool


Body = bytes | AsyncIterator[bytes] | FileBody


@dataclass(slots=True)
class Response:
    """What to answer. `length` is needed when the body is a stream.

    `phrase` is what stands beside the status (RFC 9112 section 4), if it is not the usual:
    of an answer of 500 and above, skopeo prints nothing else.
    """

    status: int
    headers: Headers = field(default_factory=list)
    body: Body = b""
    length: int | None = None
    phrase: str = ""

    async def send(self, request: Request, send: Send) -> None:
        """Send this as the answer to `request`.

        To HEAD, everything but the body is sent. What was not read of the
        request is the server's to drain.
        """
        headers = self.headers
        if self.status not in (204, 304):
            headers = [*headers, (b"content-length", b"%d" % self._content_length())]
        start: Message = {"type": "http.response.start", "status": self.status, "headers": headers}
        if self.phrase:
            start[PHRASE] = _fit_for_a_status_line(self.phrase)
        await send(start)
        if request.method == "HEAD" or self.status in (204, 304):
            await send({"type": "http.response.body", "body": b""})
        elif isinstance(self.body, bytes):
            await send({"type": "http.response.body", "body": self.body})
        elif isinstance(self.body, FileBody):
            await _send_file(self.body, request, send)
        else:
            await _send_stream(self.body, send)

    def _content_length(self) -> int:
        if self.length is not None:
            return self.length
        if isinstance(self.body, bytes):
            return len(self.body)
        if isinstance(self.body, FileBody):
            return self.body.stop - self.body.start
        raise TypeError("a stream needs a length")


def _fit_for_a_status_line(text: str) -> bytes:
    line = "".join(character if " " <= character <= "~" else "?" for character in text)
    return line[:MAX_PHRASE_CHARACTERS].encode()


def header_list(headers: Iterable[tuple[str, str]]) -> Headers:
    """Encode headers for ASGI. Raises `ValueError` for a value with a line break."""
    encoded: Headers = []
    for name, value in headers:
        raw = value.encode("latin-1", "replace")
        if b"\r" in raw or b"\n" in raw or b"\0" in raw:
            raise ValueError(f"the header {name} holds a control character")
        encoded.append((name.lower().encode("ascii"), raw))
    return encoded


async def _send_stream(chunks: AsyncIterator[bytes], send: Send) -> None:
    async for chunk in chunks:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _send_file(body: FileBody, request: Request, send: Send) -> None:
    if body.is_whole and "http.response.pathsend" in request.scope.get("extensions", {}):
        await send({"type": "http.response.pathsend", "path": str(body.path)})
    elif body.stop - body.start <= FILE_CHUNK_BYTES:
        data = await asyncio.to_thread(_read_at_once, body)
        await send({"type": "http.response.body", "body": data})
    else:
        await _send_stream(_read_in_chunks(body), send)


def _read_at_once(body: FileBody) -> bytes:
    descriptor = os.open(body.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return _read_exactly(descriptor, body.start, body.stop - body.start)
    finally:
        os.close(descriptor)


async def _read_in_chunks(body: FileBody) -> AsyncIterator[bytes]:
    descriptor = await asyncio.to_thread(os.open, body.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        offset = body.start
        while offset < body.stop:
            most = FIRST_CHUNK_BYTES if offset - body.start < FIRST_BYTES else FILE_CHUNK_BYTES
            length = min(most, body.stop - offset)
            yield await asyncio.to_thread(_read_exactly, descriptor, offset, length)
            offset += length
    finally:
        os.close(descriptor)


def _read_exactly(descriptor: int, offset: int, length: int) -> bytes:
    data = os.pread(descriptor, length, offset)
    while len(data) < length:
        more = os.pread(descriptor, length - len(data), offset + len(data))
        if not more:
            raise OSError(f"the file ended {length - len(data)} bytes early")
        data += more
    return data
