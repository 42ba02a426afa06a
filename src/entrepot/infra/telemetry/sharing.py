# SPDX-License-Identifier: Apache-2.0
"""How several server processes measure as one: each writes its numbers to a file, and whoever is asked adds them up.

A file holds a checksum and, as JSON, the numbers and when they were written. A
process that has written nothing for a while is gone: what it counted still
counts, so that no counter goes back, and its gauges are no longer true. Files
are dropped when the server starts, not when a process ends.
"""

import os
import secrets
import time
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec

from entrepot.infra.telemetry.metrics import Kind
from entrepot.infra.telemetry.metrics import Measurement

GONE_AFTER_SECONDS = 10.0
"""Ten times as long as a process takes to write again."""

_SUFFIX = ".metrics"
_READS = 5
"""A file may be caught in the middle of being written; it is whole microseconds later."""


class _Snapshot(msgspec.Struct, frozen=True):
    """What a file holds. `written_at` is in seconds of the machine's monotonic clock, which all processes share."""

    written_at: float
    measurements: list[Measurement]


class SharedMeasurements:
    """The folder in which processes leave their measurements for each other. Every method blocks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = folder / f"{os.getpid()}-{secrets.token_hex(4)}{_SUFFIX}"

    def drop(self) -> None:
        """Forget processes of an earlier start. Call it before the first process writes."""
        for path in self._folder.glob(f"*{_SUFFIX}"):
            path.unlink(missing_ok=True)

    def write(self, measurements: Iterable[Measurement]) -> None:
        """Leave the numbers of this process, in place of those before. Raises `OSError`."""
        content = msgspec.json.encode(_Snapshot(time.monotonic(), list(measurements)))
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # In place: to replace a file has the file system write it to the disk at once.
        file = os.open(self._own, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            data = b"%08x%b" % (zlib.crc32(content), content)
            os.pwrite(file, data, 0)
            os.ftruncate(file, len(data))
        finally:
            os.close(file)

    def others(self) -> list[Measurement]:
        """Return what the other processes left."""
        found: list[Measurement] = []
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            snapshot = _read(path) if path != self._own else None
            if snapshot is not None:
                is_gone = time.monotonic() - snapshot.written_at > GONE_AFTER_SECONDS
                found += [each for each in snapshot.measurements if not (is_gone and each.metric.kind is Kind.GAUGE)]
        return found


def _read(path: Path) -> _Snapshot | None:
    for _ in range(_READS):
        with suppress(OSError, ValueError, msgspec.DecodeError):
            data = path.read_bytes()
            if int(data[:8], 16) == zlib.crc32(data[8:]):
                return msgspec.json.decode(data[8:], type=_Snapshot)
    return None
