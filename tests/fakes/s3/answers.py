# SPDX-License-Identifier: Apache-2.0
"""What an S3 answers: bodies in pieces, XML, and its errors by their codes."""

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from xml.sax.saxutils import escape

from aiohttp import ClientError
from aiohttp import StreamReader

PIECE = 65_536
NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"

STATUS = {
    "AccessDenied": 403,
    "AuthenticationFailed": 403,
    "AuthenticationRequired": 401,
    "BlobAlreadyExists": 409,
    "BlobArchived": 409,
    "BlobNotFound": 404,
    "BucketAlreadyOwnedByYou": 409,
    "ConditionalRequestConflict": 409,
    "ExpiredTokenException": 400,
    "ContainerNotFound": 404,
    "InternalError": 500,
    "InvalidAuthenticationInfo": 401,
    "InvalidAccessKeyId": 403,
    "InvalidObjectState": 403,
    "InvalidRange": 416,
    "MethodNotAllowed": 405,
    "MissingContentLength": 411,
    "NoSuchBucket": 404,
    "NoSuchKey": 404,
    "NoSuchUpload": 404,
    "NotImplemented": 501,
    "NotModified": 304,
    "PreconditionFailed": 412,
    "RequestTimeTooSkewed": 403,
    "RestoreAlreadyInProgress": 409,
    "ServerBusy": 503,
    "ServiceUnavailable": 503,
    "SignatureDoesNotMatch": 403,
    "SlowDown": 503,
}
"""The status of an error; 400 where it is not here."""


class S3Error(Exception):
    """What S3 does not do. Its code is what the client gets; `text` is for whoever reads a failed test."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, headers, and a body whose pieces are fetched as they are sent. `code` says which error it is."""

    status: int
    pieces: AsyncIterator[bytes]
    size: int | None
    """How many bytes the body has; None where nobody knows before its end."""
    headers: Mapping[str, str] = field(default_factory=dict)
    code: str = "OK"
    close: Callable[[], None] = lambda: None
    """Called when no more of it is wanted."""


def answer(
    body: bytes = b"", headers: Mapping[str, str] | None = None, *, status: int = 200, code: str = "OK"
) -> Answer:
    """Return an answer whose body is there."""
    return Answer(status, pieces_of(body), len(body), headers or {}, code)


def xml(name: str, inside: str) -> Answer:
    """Return an answer in XML: `inside` is what its outermost element holds."""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{NAMESPACE}">{inside}</{name}>'
    return answer(text.encode(), {"Content-Type": "application/xml"})


def element(name: str, value: object) -> str:
    """Return an element that holds a text."""
    return f"<{name}>{escape(str(value))}</{name}>"


def refusal(error: S3Error, *, status: int | None = None) -> Answer:
    """Return what a client gets for an error, under another status than its own where one is given."""
    inside = element("Code", error.code) + element("Message", error.text or error.code)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inside}<RequestId>fake</RequestId></Error>'
    chosen = status or STATUS.get(error.code, 400)
    return answer(text.encode(), {"Content-Type": "application/xml"}, status=chosen, code=error.code)


async def pieces_of(body: bytes) -> AsyncIterator[bytes]:
    """Yield what is there."""
    for start in range(0, len(body), PIECE):
        yield body[start : start + PIECE]


async def altered(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield as many bytes as there are, the first of them another."""
    is_first = True
    async for piece in pieces:
        yield bytes((piece[0] ^ 1,)) + piece[1:] if is_first and piece else piece
        is_first = is_first and not piece


async def at_rate(pieces: AsyncIterator[bytes], bytes_per_second: float) -> AsyncIterator[bytes]:
    """Yield pieces no faster than that."""
    async for piece in pieces:
        await asyncio.sleep(len(piece) / bytes_per_second)
        yield piece


class Body:
    """What a client sends, read when it is asked for. `received` counts what has come."""

    def __init__(self, stream: StreamReader, announced: str, bytes_per_second: float = 0) -> None:
        self._stream = stream
        self._rate = bytes_per_second
        self._read: bytes | None = None
        self.announced = int(announced) if announced.isdecimal() else None
        self.received = 0

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield what comes; raise `S3Error` (IncompleteBody) when the client leaves before the end."""
        if self._read is not None:
            yield self._read
            return
        while True:
            try:
                piece = await self._stream.read(PIECE if self._rate else PIECE * 4)
            except (ConnectionError, ClientError) as error:
                raise S3Error("IncompleteBody", "the client left") from error
            if not piece:
                return
            self.received += len(piece)
            if self._rate:
                await asyncio.sleep(len(piece) / self._rate)
            yield piece

    async def read(self) -> bytes:
        """Return all of it, again where it was read before."""
        if self._read is None:
            self._read = b"".join([piece async for piece in self.pieces()])
        return self._read
