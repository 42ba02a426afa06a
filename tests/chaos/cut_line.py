# SPDX-License-Identifier: Apache-2.0
"""A TCP relay to a server that can be cut, so that it refuses, or falls silent, and be mended."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress

from tests.server import HOST

_RESET = struct.pack("ii", 1, 0)


class Line:
    """One port of the loopback address that leads to `upstream`."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self._upstream = upstream
        self._listener = self._listen(0)
        self.port = int(self._listener.getsockname()[1])
        self._open: set[socket.socket] = set()
        self._flows = threading.Event()
        self._flows.set()
        self._start()

    def cut(self) -> None:
        """Reset every connection, and refuse others."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in list(self._open):
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                end.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def fall_silent(self) -> None:
        """Take connections and bytes, and pass on nothing."""
        self._flows.clear()

    def mend(self) -> None:
        """Lead there again."""
        self._flows.set()
        if self._listener.fileno() < 0:
            self._listener = self._listen(self.port)
            self._start()

    def _listen(self, port: int) -> socket.socket:
        return socket.create_server((HOST, port))

    def _start(self) -> None:
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self._upstream)
                self._open |= {near, far}
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                self._flows.wait()
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
            self._open.discard(end)


@contextmanager
def line_to(host: str, port: int) -> Iterator[Line]:
    """Hold a line."""
    line = Line((host, port))
    try:
        yield line
    finally:
        line.mend()
        line.cut()
