# SPDX-License-Identifier: Apache-2.0
"""What the head of a request must be beyond what the parser checks (RFC 9112): one meaning, for us and every proxy."""

import re
from collections.abc import Iterable
from typing import NamedTuple
from typing import Protocol

from entrepot.infra.http.serving.refusal import Refusal

Fields = list[tuple[bytes, bytes]]

_VERSIONS = ("1.1", "1.0")
_ABSOLUTE = re.compile(rb"(?i:https?)://([^/?#@]+)(/[^?]*)?(?:\?(.*))?", re.DOTALL)


class Target(NamedTuple):
    """The request target taken apart; `authority` is empty where the target does not name one."""

    path: bytes
    query: bytes
    authority: bytes


def parse_target(url: bytes) -> Target:
    """Read a path with its query, `*`, or the absolute form that clients send to a proxy (RFC 9112 section 3.2).

    Raises `Refusal`.
    """
    if not url.isascii():
        raise Refusal(400, "the request target holds characters that must be percent-encoded")
    if url.startswith(b"/"):
        path, _, query = url.partition(b"?")
        return Target(path, query, b"")
    if url == b"*":
        return Target(url, b"", b"")
    absolute = _ABSOLUTE.fullmatch(url)
    if absolute is None:
        raise Refusal(400, "the request target is not a path")
    return Target(absolute[2] or b"/", absolute[3] or b"", absolute[1])


def body_length(version: str, fields: Iterable[tuple[bytes, bytes]]) -> int | None:
    """Return the announced length of the body in bytes, None for one in chunks. Names are in lower case.

    Raises `Refusal` for a version, a `Host` or a framing with more than one
    meaning. Content-Length itself was checked by the parser.
    """
    if version not in _VERSIONS:
        raise Refusal(505, "this server speaks HTTP/1.1")
    hosts, length, coding = 0, 0, None
    for name, value in fields:
        if name == b"host":
            hosts += 1
        elif name == b"content-length":
            length = int(value)
        elif name == b"transfer-encoding":
            coding = value if coding is None else b"repeated"
    if hosts > 1 or (not hosts and version == "1.1"):
        raise Refusal(400, "an HTTP/1.1 request has one Host header")
    if coding is None:
        return length
    if version == "1.0":
        raise Refusal(400, "an HTTP/1.0 request has no Transfer-Encoding")
    if coding.lower() != b"chunked":
        raise Refusal(501, "the only Transfer-Encoding that is understood is chunked")
    return None


def framing_of(announced: int | None) -> bytes:
    """Return the header field that announces a body of so many bytes, or in chunks."""
    return b"transfer-encoding: chunked" if announced is None else b"content-length: %d" % announced


class TakesBody(Protocol):
    """Takes the body of a request."""

    def on_body(self, body: bytes) -> None:
        """A part of the body."""

    def on_message_complete(self) -> None:
        """The request has come to its end."""


class OnlyBody:
    """Hears from a parser what concerns the body of a request, and nothing else."""

    def __init__(self, request: TakesBody) -> None:
        self.on_body = request.on_body
        self.on_message_complete = request.on_message_complete


def with_host(fields: Fields, authority: bytes) -> Fields:
    """Put the host that the target names in place of that of the `Host` header (RFC 9112 section 3.2.2)."""
    return [(b"host", authority), *(field for field in fields if field[0] != b"host")]
