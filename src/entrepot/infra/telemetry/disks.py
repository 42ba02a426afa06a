# SPDX-License-Identifier: Apache-2.0
"""How much room is left on the disks of the folders that a server writes to."""

import asyncio
import os
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from entrepot.infra.telemetry.metrics import Kind
from entrepot.infra.telemetry.metrics import Measurement
from entrepot.infra.telemetry.metrics import Metric
from entrepot.kernel.errors import AppError

LOW_BYTES = 1024**3

FREE = Metric("entrepot_disk_free_bytes", "Room left on the disk of a folder of this server.", Kind.GAUGE, ("folder",))


class DiskLow(AppError):
    """A disk is nearly full."""

    code = "disk_low"


class Disks:
    """The disks of some folders, by what the folders are for."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._folders = folders

    def measure(self) -> Iterator[Measurement]:
        """Yield how much room is left. Blocks."""
        for name, free in self.free():
            yield Measurement(FREE, [free], (name,))

    async def check(self) -> None:
        """Raise `DiskLow` when less than a gibibyte is left somewhere."""
        found = await asyncio.to_thread(lambda: list(self.free()))
        low = [
            f"the disk of the {name} folder has {free // 2**20} MiB left" for name, free in found if free < LOW_BYTES
        ]
        if low:
            raise DiskLow(" and ".join(low))

    def free(self) -> Iterator[tuple[str, int]]:
        """Yield how many bytes are left for each folder, but for those that are gone. Blocks."""
        for name, folder in self._folders.items():
            with suppress(OSError):
                disk = os.statvfs(folder)
                yield name, disk.f_bavail * disk.f_frsize
