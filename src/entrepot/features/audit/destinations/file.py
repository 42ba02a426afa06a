# SPDX-License-Identifier: Apache-2.0
"""A file that lines are appended to, such as one on a disk that can only be written once."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from entrepot.features.audit.destinations.interface import Destination
from entrepot.features.audit.destinations.interface import Line
from entrepot.features.audit.destinations.interface import NotDelivered


class FileDestination(Destination):
    """Appends, and returns once it is on the disk. Opens the file each time, so that it may be moved away."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def send(self, lines: Sequence[Line]) -> None:
        """Append a line for each."""
        try:
            await asyncio.to_thread(self._append, "".join(f"{line.text}\n" for line in lines).encode())
        except OSError as error:
            raise NotDelivered(f"{self._path} cannot be written: {error.strerror}") from error

    async def close(self) -> None:
        """Hold nothing open."""

    def _append(self, content: bytes) -> None:
        descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            size = file.seek(0, os.SEEK_END)
            is_cut = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            file.write(b"\n" + content if is_cut else content)
            file.flush()
            os.fsync(descriptor)
