# SPDX-License-Identifier: Apache-2.0
"""A file that a line is appended to for each event: a CloudEvent as JSON."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from entrepot.features.events.cloudevents import CloudEvent
from entrepot.features.events.sinks.interface import NotSent
from entrepot.features.events.sinks.interface import Sink


class FileSink(Sink):
    """Appends, and returns once it is on the disk. Opens the file each time, so that it may be moved away."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def send(self, events: Sequence[CloudEvent]) -> None:
        """Append a line for each."""
        lines = b"".join(msgspec.json.encode(event.document()) + b"\n" for event in events)
        try:
            await asyncio.to_thread(self._append, lines)
        except OSError as error:
            raise NotSent(f"{self._path} cannot be written: {error.strerror}") from error

    async def close(self) -> None:
        """Hold nothing open."""

    def _append(self, lines: bytes) -> None:
        descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            size = file.seek(0, os.SEEK_END)
            # A process that ended in the middle of a line leaves one that is none; its events come again.
            is_cut = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            file.write(b"\n" + lines if is_cut else lines)
            file.flush()
            os.fsync(descriptor)
