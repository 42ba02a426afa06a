# SPDX-License-Identifier: Apache-2.0
"""A wire between a client and the registry: it carries every byte, writes down the requests, and can be cut.

It understands no more of HTTP/1.1 than where a request's head stands in the stream, which is enough to see what a
client asked for. Nothing is changed on the way, so clients and registry do what they would do without it.
"""

import re
import socket
import threading
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field

from tests.server import HOST

HEAD = re.compile(rb"(GET|HEAD|PUT|POST|PATCH|DELETE) (/\S*) HTTP/1\.1\r\n((?:[^\r\n]+\r\n)*)\r\n")
LONGEST_HEAD = 32_768
PIECE = 262_144


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked for; the names of headers are in small letters."""

    method: str
    path: str
    headers: dict[str, str]

    @property
    def reads_blob(self) -> bool:
        """Whether it downloads a blob, whole or from a place on."""
        return self.method == "GET" and "/blobs/sha256:" in self.path

    @property
    def sends_blob(self) -> bool:
        """Whether it uploads content, or asks to: a mount does not."""
        return "/blobs/uploads/" in self.path and self.method in ("PUT", "PATCH", "POST") and not self.mounts

    @property
    def mounts(self) -> bool:
        """Whether it asks to mount a blob of another repository."""
        return self.method == "POST" and "mount=" in self.path

    @property
    def start(self) -> int:
        """The first byte that it asks for, or sends."""
        asked = self.headers.get("range") or self.headers.get("content-range") or "0-"
        return int(asked.removeprefix("bytes=").partition("-")[0])


@dataclass(slots=True)
class Wire:
    """The recording; `authority` is where clients reach the registry through it."""

    authority: str
    requests: list[Request] = field(default_factory=list)
    carried: int = 0
    _bytes_before_cut: int | None = None

    def forget(self) -> None:
        """Begin a new recording."""
        self.requests, self.carried = [], 0

    def cut_after(self, size: int) -> None:
        """Cut the connection that carries the byte after the next `size`; whatever comes then finds the wire whole."""
        self.forget()
        self._bytes_before_cut = size

    @property
    def was_cut(self) -> bool:
        """Whether nothing is left to cut."""
        return self._bytes_before_cut is None

    def _note_requests(self, read: bytes, tail: bytes) -> bytes:
        """Write down the heads that end in `read`; return what a head may still begin in."""
        self._note_bytes(read, tail)
        stream, end = tail + read, 0
        for head in HEAD.finditer(stream):
            lines = head[3].decode("latin-1").splitlines()
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            self.requests.append(Request(head[1].decode(), head[2].decode("latin-1"), headers))
            end = head.end()
        return stream[max(end, len(stream) - LONGEST_HEAD) :]

    def _note_bytes(self, read: bytes, tail: bytes) -> bytes:
        """Count what is carried; raise `ConnectionResetError` where the wire is to be cut."""
        self.carried += len(read)
        if self._bytes_before_cut is not None and self.carried > self._bytes_before_cut:
            self._bytes_before_cut = None
            raise ConnectionResetError
        return tail


@contextmanager
def wired(authority: str) -> Iterator[Wire]:
    """Open a wire to the server at `authority` until the block ends."""
    host, _, port = authority.rpartition(":")
    with socket.create_server((HOST, 0), backlog=128) as listener:
        wire = Wire(f"{HOST}:{listener.getsockname()[1]}")
        thread = threading.Thread(target=_accept, args=(wire, listener, (host, int(port))), daemon=True)
        thread.start()
        try:
            yield wire
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _accept(wire: Wire, listener: socket.socket, server: tuple[str, int]) -> None:
    """Join every client to a connection of its own to the server, until the listener is closed."""
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_join, args=(wire, client, server), daemon=True).start()


def _join(wire: Wire, client: socket.socket, server: tuple[str, int]) -> None:
    """Carry both directions to their ends, then close both connections."""
    with client, suppress(ConnectionRefusedError), socket.create_connection(server) as upstream:
        answers = threading.Thread(target=_carry, args=(upstream, client, wire._note_bytes), daemon=True)
        answers.start()
        _carry(client, upstream, wire._note_requests)
        answers.join()


def _carry(source: socket.socket, sink: socket.socket, note: Callable[[bytes, bytes], bytes]) -> None:
    """Carry one direction to its end; a source that breaks, or a cut, breaks both, as it would without a wire.

    A sink that is gone ends this direction only: it may have said why before it went, and that is still on its way.
    """
    tail = b""
    try:
        while piece := source.recv(PIECE):
            tail = note(piece, tail)
            try:
                sink.sendall(piece)
            except OSError:
                return
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
